package connector

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that prints as "[redacted]" in every form. Reveal is the
// only way to its value.
type Secret struct{ value string }

// NewSecret wraps a secret text.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.value == "" }

// Format prints "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText returns "[redacted]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

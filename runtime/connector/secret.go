package connector

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that prints as "[redacted]" in every form. Reveal is the
// only way to its value.
type Secret struct {
	// A pointer, because fmt cannot call Format on the unexported fields of a
	// struct that it prints: it shows an address then, not the text.
	value *string
}

// NewSecret wraps a secret text.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.value == nil }

// Equal reports whether two secrets have the same text; == does not.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// Format prints "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText returns "[redacted]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

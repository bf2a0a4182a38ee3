package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// positionFormat is the value of "tributary" in a stored position.
const positionFormat = 1

// Position is what is stored as a connector's sync_cursor when a sync of its
// documents completed:
//
//	{"tributary": 1, "source": …, "settings": "…", "index": "…", "documents": 10, "failed": 0}
type Position struct {
	// Source is the source's own cursor; nil when it keeps none.
	Source connector.Cursor
	// Settings is the hash of everything but the source's data that decides
	// about the documents: see [HashSettings].
	Settings string
	// Index is the identity of the index that the documents are in.
	Index string
	// Documents is how many own documents the index held at the end, Failed how
	// many of the source's could not be indexed.
	Documents, Failed int64
}

// MixedSettings are the settings of a position in an index that several settings
// have written: no run has them, so all is read.
const MixedSettings = "mixed"

type storedPosition struct {
	Tributary int             `json:"tributary"`
	Source    json.RawMessage `json:"source"`
	Settings  string          `json:"settings"`
	Index     string          `json:"index,omitempty"`
	Documents int64           `json:"documents"`
	Failed    int64           `json:"failed"`
}

// ParsePosition reads a sync_cursor. It reports false for one that another
// program or another version wrote: the position is lost then.
func ParsePosition(raw json.RawMessage) (Position, bool) {
	var s storedPosition
	if json.Unmarshal(raw, &s) != nil || s.Tributary != positionFormat || s.Settings == "" || len(s.Source) > connector.MaxCursor {
		return Position{}, false
	}
	p := Position{Settings: s.Settings, Index: s.Index, Documents: s.Documents, Failed: s.Failed}
	if !bytes.Equal(s.Source, []byte("null")) {
		p.Source = s.Source
	}
	return p, true
}

// JSON is the sync_cursor.
func (p Position) JSON() json.RawMessage {
	raw, _ := json.Marshal(storedPosition{positionFormat, p.Source, p.Settings, p.Index, p.Documents, p.Failed}) // the source's cursor was checked
	return raw
}

// HashSettings is the hash of parts that decide which documents a sync makes
// and what they look like: the configuration, all rules, [Sync.Settings]. In what
// order the members of a JSON object stand does not count: whoever writes a
// document may change it.
func HashSettings(parts ...[]byte) string {
	b := []byte{fingerprintFormat}
	for _, p := range parts {
		b = appendPart(b, ordered(p))
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ordered writes JSON with members in the order of their names; what is no JSON
// stays.
func ordered(part []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(part))
	d.UseNumber()
	var value any
	if !json.Valid(part) || d.Decode(&value) != nil {
		return part
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return part
	}
	return raw
}

// positioned is what [connector.Incremental] and [connector.ChangeDetector] have
// in common.
type positioned interface {
	Position(ctx context.Context) (connector.Cursor, error)
}

// PositionOf asks a source where its history stands; nil when it keeps none.
// Ask before a full sync.
func PositionOf(ctx context.Context, source any) (connector.Cursor, error) {
	s, ok := source.(positioned)
	if !ok {
		return nil, nil
	}
	at, err := s.Position(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the source for its position: %w", err)
	}
	return at, checkCursor(at)
}

// After is the position behind changes that were applied since this one, in the
// same index. How many own documents that index holds is reckoned: a document
// that somebody else took away meanwhile is missed by [Skip] then, while a
// count would take its absence for right. A run that began where another one
// broke off can't reckon, as it does not know all that was sent; see
// [NewPosition].
func (p Position) After(source connector.Cursor, c Counters) Position {
	p.Source = source
	p.Documents += c.Created - c.Deleted
	p.Failed += c.Failed
	return p
}

// NewPosition is the position after a completed sync. It counts the own
// documents in the index.
func NewPosition(ctx context.Context, index Index, owner, settings string, source connector.Cursor, c Counters) (Position, error) {
	n, err := index.Owned(ctx, owner)
	if err != nil {
		return Position{}, fmt.Errorf("count the documents in the index: %w", err)
	}
	identity, err := index.Identity(ctx)
	if err != nil {
		return Position{}, fmt.Errorf("look at the index: %w", err)
	}
	return Position{Source: source, Settings: settings, Index: identity, Documents: n, Failed: c.Failed}, nil
}

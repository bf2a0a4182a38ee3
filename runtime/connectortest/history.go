package connectortest

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// garbage are cursors that no source has given out.
var garbage = []connector.Cursor{
	json.RawMessage(`{"no such":"cursor"}`), json.RawMessage(`"garbage"`), json.RawMessage(`[]`),
	json.RawMessage(`0`), json.RawMessage(`null`), json.RawMessage(`{`),
}

// checkChanges asks a ChangeDetector about cursors.
func checkChanges(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	detector, ok := source.(connector.ChangeDetector)
	if !ok {
		return
	}
	for _, since := range garbage {
		changed, err := detector.Changed(t.Context(), since)
		if !changed && !errors.Is(err, connector.ErrPositionLost) {
			t.Errorf("Changed answered false (error: %v) to the foreign cursor %s: a sync would be skipped by mistake; answer true or ErrPositionLost when in doubt", err, since)
		}
	}
	at, err := detector.Position(t.Context())
	if err != nil {
		t.Fatalf("Position failed: %v; it tells where the source stands before a full sync", err)
	}
	checkCursor(t, "Position", at)
	if _, err := detector.Changed(t.Context(), at); err != nil {
		t.Errorf("Changed failed with the cursor that Position has just returned: %v", err)
	}
}

// checkIncremental asks for the history of a backend at rest.
func checkIncremental(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	incremental, ok := source.(connector.Incremental)
	if !ok {
		return
	}
	at, err := incremental.Position(t.Context())
	if err != nil {
		t.Fatalf("Position failed: %v; it tells where the history stands before a full sync", err)
	}
	checkCursor(t, "Position", at)
	emitted := 0
	next, err := incremental.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		emitted++
		c.Release()
		return nil
	})
	if err != nil {
		t.Fatalf("Changes failed with the cursor that Position has just returned: %v", err)
	}
	checkCursor(t, "Changes", next)
	if emitted > 0 {
		t.Errorf("Changes emitted %d changes right after Position although nothing changed: emit what happened after the cursor only", emitted)
	}
	for _, since := range garbage {
		_, err := incremental.Changes(t.Context(), since, connector.Filter{}, func(c connector.Change) error {
			c.Release()
			return nil
		})
		if !errors.Is(err, connector.ErrPositionLost) {
			t.Errorf("Changes answered the foreign cursor %s with %v: return connector.ErrPositionLost, so that a full sync repairs it", since, err)
		}
	}
}

func checkCursor(t *testing.T, from string, c connector.Cursor) {
	t.Helper()
	if !json.Valid(c) || len(c) > connector.MaxCursor {
		t.Errorf("the cursor of %s is no JSON or is longer than %d bytes (%d): it is stored in the connector's document; keep positions in it, not ids", from, connector.MaxCursor, len(c))
	}
}

// fieldTypes are the types that the contract names.
var fieldTypes = map[connector.FieldType]bool{
	connector.Keyword: true, connector.Text: true, connector.Long: true,
	connector.Double: true, connector.Boolean: true, connector.Date: true, connector.Binary: true,
}

// checkFieldTypes compares a FieldTyper's names with the documents' fields.
func checkFieldTypes(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	typer, ok := source.(connector.FieldTyper)
	if !ok {
		return
	}
	types, err := typer.Fields(t.Context())
	if err != nil {
		t.Fatalf("Fields failed: %v; the mapping is made before the first document", err)
	}
	known := map[string]bool{}
	for _, d := range s.mustRead(t, source) {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte("{"+d.fields+"}"), &fields) != nil {
			return // the check "fields" says so
		}
		for name := range fields {
			known[name] = true
		}
		if d.attachment != nil {
			known["body"] = true // the runtime puts the text there
		}
	}
	for name, fieldType := range types {
		if !known[name] {
			t.Errorf("Fields names %q, which no document%s has: name fields as they are stored", name, s.place)
		}
		if !fieldTypes[fieldType] {
			t.Errorf("Fields gives %q the type %q: use one of those that the contract names", name, fieldType)
		}
	}
}

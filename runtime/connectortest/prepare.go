package connectortest

import (
	"bytes"
	"encoding/json"
	"testing"
)

// checkPrepare brings stored configurations of other versions up to date.
func checkPrepare(t *testing.T, s *suite) {
	fresh, reports := s.kind.Prepare(nil)
	if !sameJSON(fresh, s.kind.Configuration) || len(reports) > 0 {
		t.Errorf("Prepare makes %.60s of nothing, with the reports %v: a new connector gets Kind.Configuration; run go generate ./...", fresh, reports)
	}
	stored := s.stored(s.base)
	if prepared, reports := s.kind.Prepare(stored); !bytes.Equal(prepared, stored) || len(reports) > 0 {
		t.Errorf("Prepare changes a configuration that is as the declaration says, with the reports %v: nothing is written when nothing changed", reports)
	}
	old := map[string]json.RawMessage{"of-another-version": json.RawMessage(`{"value": "1.0"}`)}
	for name, value := range s.base {
		old[name] = json.RawMessage(`{"value": ` + string(asText(value)) + `, "label": "Old", "of-another-version": 1.0}`)
	}
	raw, err := json.Marshal(old)
	if err != nil {
		t.Fatalf("the fixture's configuration is no JSON: %v", err)
	}
	prepared, _ := s.kind.Prepare(raw)
	for _, part := range []string{`"of-another-version":{"value":"1.0"}`, `"of-another-version":1.0`} {
		if !bytes.Contains(prepared, []byte(part)) {
			t.Errorf("Prepare loses %s: what the declaration does not know is kept as it is", part)
		}
	}
	if got, want := errorCount(s.kind.CheckConfig(prepared)), errorCount(s.kind.CheckConfig(s.base.plain())); got != want {
		t.Errorf("a configuration of another version has %d problems after Prepare, the same plain values %d: %v", got, want, s.kind.CheckConfig(prepared))
	}
	if again, _ := s.kind.Prepare(prepared); !bytes.Equal(again, prepared) {
		t.Error("Prepare changes what it has prepared: it would be written at every poll")
	}
}

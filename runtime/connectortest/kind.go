package connectortest

import (
	"encoding/json"
	"testing"
)

// checkKind looks at what every other check relies on.
func (s *suite) checkKind(t *testing.T) {
	k := s.kind
	for member, ok := range map[string]bool{
		"ServiceType":   k.ServiceType != "",
		"Name":          k.Name != "",
		"About":         k.About != "",
		"ConfigSchema":  json.Valid(k.ConfigSchema),
		"Configuration": json.Valid(k.Configuration),
		"CheckConfig":   k.CheckConfig != nil,
		"Prepare":       k.Prepare != nil,
		"SetValues":     k.SetValues != nil,
		"Identity":      k.Identity != nil,
		"Open":          k.Open != nil,
	} {
		if !ok {
			t.Errorf("Kind.%s is missing or no JSON: it is generated from schema.json; run go generate ./...", member)
		}
	}
	if t.Failed() {
		return
	}
	var err error
	if s.schema, err = parseSchema(k.ConfigSchema); err != nil {
		t.Errorf("Kind.ConfigSchema is no schema of an object: %v; run go generate ./...", err)
	}
	if err := json.Unmarshal(k.Configuration, &s.fields); err != nil {
		t.Errorf("Kind.Configuration is no document of configurable fields: %v; run go generate ./...", err)
	}
}

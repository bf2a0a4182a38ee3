package connectortest

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// fieldKeys are the properties that a configurable field may have.
var fieldKeys = []string{
	"category", "default_value", "depends_on", "display", "label", "options", "order", "placeholder",
	"required", "sensitive", "tooltip", "type", "ui_restrictions", "validations", "value",
}

// storedTypes are the types of configurable fields by schema type. Kibana knows
// no type for fractions: it would show none but a text.
var storedTypes = map[string]string{
	"string": "str", "integer": "int", "number": "str", "boolean": "bool", "array": "list",
}

var displays = []string{"dropdown", "numeric", "text", "textarea", "toggle"}

var validationTypes = []string{"less_than", "greater_than", "list_type", "included_in", "regex"}

// checkConfiguration looks at the document that Kibana shows as a form.
func checkConfiguration(t *testing.T, s *suite) {
	var raw map[string]map[string]json.RawMessage
	if err := json.Unmarshal(s.kind.Configuration, &raw); err != nil {
		t.Fatalf("Kind.Configuration is no object of objects: %v; run go generate ./...", err)
	}
	var orders []int
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		for key := range raw[name] {
			if !slices.Contains(fieldKeys, key) {
				t.Errorf("configurable field %q has the unknown property %q: Kibana would ignore it; fix gen/emit", name, key)
			}
		}
		f := s.fields[name]
		s.checkField(t, name, f)
		if f.Order != nil && slices.Contains(orders, *f.Order) {
			t.Errorf("configurable field %q has the order %d of another field: the form would be arbitrary; every field has its own", name, *f.Order)
		}
		if slices.Contains(labels, f.Label) {
			t.Errorf("configurable field %q has the label %q of another field: users could not tell them apart; change a title in schema.json", name, f.Label)
		}
		labels = append(labels, f.Label)
		if f.Order != nil {
			orders = append(orders, *f.Order)
		}
	}
	for _, name := range s.names() {
		if _, shown := raw[name]; !shown {
			t.Errorf("field %q of ConfigSchema is missing in Kind.Configuration: both come from schema.json; run go generate ./...", name)
		}
	}
}

func (s *suite) checkField(t *testing.T, name string, f richField) {
	t.Helper()
	n, declared := s.schema.nodes[name]
	if !declared {
		t.Errorf("configurable field %q is not in ConfigSchema: both come from schema.json; run go generate ./...", name)
		return
	}
	wrong := func(ok bool, rule string) {
		t.Helper()
		if !ok {
			t.Errorf("configurable field %q: %s; fix schema.json or gen/emit", name, rule)
		}
	}
	wrong(f.Label != "", "it has no label: give it a title")
	wrong(f.Order != nil && *f.Order > 0, "it has no order from 1")
	wrong(f.Type == storedTypes[n.Type], "its type "+f.Type+" is not that of the schema, "+n.Type)
	wrong(slices.Contains(displays, f.Display), "its display "+f.Display+" is none that Kibana has")
	wrong((f.Display == "toggle") == (f.Type == "bool"), "booleans are toggles, and nothing else is")
	wrong(f.Sensitive == n.WriteOnly, "sensitive and writeOnly must agree")
	wrong(f.Display != "dropdown" || len(f.Options) > 0, "a dropdown needs options: give it an enum")
	wrong(!f.Sensitive || empty(f.Value), "a secret has no value to start from")
	for _, o := range f.Options {
		wrong(o.Label != "" && n.offers(o.Value), "an option has no label, or a value that the schema forbids")
	}
	for _, v := range f.Validations {
		wrong(slices.Contains(validationTypes, v.Type) && !empty(v.Constraint), "a validation is unknown or has no constraint")
	}
	for _, r := range f.Restrictions {
		wrong(r == "advanced", "the only ui_restriction is advanced")
	}
	for _, c := range f.DependsOn {
		other, exists := s.schema.nodes[c.Field]
		wrong(exists, "it depends on "+c.Field+", which is no field")
		wrong(c.Field != name && !s.circular(name, c.Field, len(s.fields)), "it depends on itself in the end")
		wrong(!exists || other.offers(c.Value), "it depends on a value that "+c.Field+" cannot have")
	}
	wrong(n.Default == nil || n.presets(f.Value) || n.presets(f.DefaultValue), "neither its value nor its default_value is the default of the schema")
	for _, preset := range []json.RawMessage{f.Value, f.DefaultValue} {
		wrong(empty(preset) || n.offers(preset), "its value or default_value breaks the schema")
	}
}

// offers reports whether a value, or the same as text, is allowed.
func (n *node) offers(value json.RawMessage) bool {
	if n.accepts(value) {
		return true
	}
	var text string
	return n.Type != "string" && json.Unmarshal(value, &text) == nil &&
		(n.accepts(json.RawMessage(text)) || n.Type == "array")
}

// presets reports whether a value, as it is or as text, is the default.
func (n *node) presets(value json.RawMessage) bool {
	return sameJSON(value, n.Default) || sameJSON(value, asText(n.Default)) || empty(value) && empty(n.Default)
}

// circular reports whether following depends_on from one field leads to name.
func (s *suite) circular(name, from string, steps int) bool {
	if steps == 0 {
		return false
	}
	for _, c := range s.fields[from].DependsOn {
		if c.Field == name || s.circular(name, c.Field, steps-1) {
			return true
		}
	}
	return false
}

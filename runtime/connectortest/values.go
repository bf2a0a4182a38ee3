package connectortest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// values are the plain values of a configuration by field.
type values map[string]json.RawMessage

func parseValues(raw json.RawMessage) values {
	v := values{}
	if json.Unmarshal(raw, &v) != nil {
		return values{} // the check "base" says so
	}
	return v
}

func (v values) plain() json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

func (v values) with(name string, value json.RawMessage) values {
	c := maps.Clone(v)
	c[name] = value
	return c
}

func (v values) without(name string) values {
	c := maps.Clone(v)
	delete(c, name)
	return c
}

// richFields are the fields of Kind.Configuration.
type richFields map[string]richField

type richField struct {
	Label        string          `json:"label"`
	Order        *int            `json:"order"`
	Type         string          `json:"type"`
	Display      string          `json:"display"`
	Tooltip      *string         `json:"tooltip"`
	Required     bool            `json:"required"`
	Sensitive    bool            `json:"sensitive"`
	Value        json.RawMessage `json:"value"`
	DefaultValue json.RawMessage `json:"default_value"`
	DependsOn    []condition     `json:"depends_on"`
	Options      []option        `json:"options"`
	Validations  []validation    `json:"validations"`
	Restrictions []string        `json:"ui_restrictions"`
}

type condition struct {
	Field string          `json:"field"`
	Value json.RawMessage `json:"value"`
}

type option struct {
	Label string          `json:"label"`
	Value json.RawMessage `json:"value"`
}

type validation struct {
	Type       string          `json:"type"`
	Constraint json.RawMessage `json:"constraint"`
}

// preset is the value that a field has when nobody gave it one, or nil.
func (s *suite) preset(name string) json.RawMessage {
	f := s.fields[name]
	for _, raw := range []json.RawMessage{f.Value, s.schema.nodes[name].Default, f.DefaultValue} {
		if !empty(raw) {
			return raw
		}
	}
	return nil
}

// empty reports a value that counts as none.
func empty(raw json.RawMessage) bool {
	switch string(compact(raw)) {
	case "", "null", `""`, "[]":
		return true
	}
	return false
}

// active reports whether a field counts: all that it depends on holds.
func (s *suite) active(v values, name string) bool {
	for _, c := range s.fields[name].DependsOn {
		value, given := v[c.Field]
		if !given || empty(value) {
			value = s.preset(c.Field)
		}
		if !sameJSON(value, c.Value) {
			return false
		}
	}
	return true
}

// activate returns values under which a field counts, and whether that could
// be had. Fields that come to count on the way get an example value.
func (s *suite) activate(v values, name string) (values, bool) {
	for _, c := range s.fields[name].DependsOn {
		v = v.with(c.Field, c.Value)
	}
	for other := range s.fields {
		if _, given := v[other]; given || !s.active(v, other) || !s.demands(other) {
			continue
		}
		example, ok := s.schema.nodes[other].example()
		if !ok {
			return v, false
		}
		v = v.with(other, example)
	}
	return v, s.active(v, name)
}

// demands reports whether a field must be given: it is required and has no
// preset value.
func (s *suite) demands(name string) bool {
	return s.requires(name) && s.preset(name) == nil
}

func (s *suite) requires(name string) bool {
	return slices.Contains(s.schema.required, name) || s.fields[name].Required
}

// stored returns the values in the form in which Kibana keeps them: every
// field with its properties, numbers, booleans and lists as text.
func (s *suite) stored(v values) json.RawMessage {
	var doc map[string]map[string]json.RawMessage
	if json.Unmarshal(s.kind.Configuration, &doc) != nil {
		return nil
	}
	for name, value := range v {
		if doc[name] == nil {
			doc[name] = map[string]json.RawMessage{}
		}
		doc[name]["value"] = asText(value)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil
	}
	return raw
}

// asText turns a value into the text that a person would type for it. Lists
// whose items cannot be told apart in such a text stay lists.
func asText(value json.RawMessage) json.RawMessage {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return value
	}
	switch v := v.(type) {
	case bool, float64:
		return quote(string(value))
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			text, isText := item.(string)
			if !isText {
				raw, err := json.Marshal(item)
				if err != nil {
					return value
				}
				text = string(raw)
			}
			if text == "" || strings.Contains(text, ",") || strings.TrimSpace(text) != text {
				return value
			}
			texts[i] = text
		}
		return quote(strings.Join(texts, ","))
	}
	return value
}

func quote(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage(`""`)
	}
	return raw
}

package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// richField is a configurable field as the connector protocol stores it.
type richField struct {
	DefaultValue   any          `json:"default_value"`
	DependsOn      []dependency `json:"depends_on"`
	Display        string       `json:"display"`
	Label          string       `json:"label"`
	Options        []option     `json:"options"`
	Order          int          `json:"order"`
	Required       bool         `json:"required"`
	Sensitive      bool         `json:"sensitive"`
	Tooltip        *string      `json:"tooltip"`
	Type           string       `json:"type"`
	UIRestrictions []string     `json:"ui_restrictions"`
	Validations    []validation `json:"validations"`
	Value          any          `json:"value"`
}

type dependency struct {
	Field string `json:"field"`
	Value any    `json:"value"`
}

type option struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

type validation struct {
	Type       string `json:"type"`
	Constraint any    `json:"constraint"`
}

// Document returns the rich configurable fields with their preset values: the
// member "configuration" of a new connector document.
func (fs *Fields) Document() json.RawMessage {
	return fs.document(func(f *field) any { return f.preset() })
}

// Document returns the rich configurable fields with these values, secrets in
// clear. [Fields.Decode] reads the same values from it.
func (v *Values) Document() json.RawMessage {
	return v.fields.document(func(f *field) any {
		if x := v.entries[f.index].value; x != nil {
			return storedValue(x)
		}
		return f.nothing()
	})
}

func (fs *Fields) document(valueOf func(*field) any) json.RawMessage {
	fields := make(map[string]richField, len(fs.list))
	for _, f := range fs.list {
		fields[f.Name] = f.rich(valueOf(f))
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage("{}")
	}
	return encoded
}

func (f *field) rich(value any) richField {
	r := richField{
		DependsOn: []dependency{}, Display: f.display(), Label: f.Label, Options: f.options(),
		Order: f.index + 1, Required: f.Required, Sensitive: f.Secret, Type: f.richType(),
		UIRestrictions: []string{}, Validations: f.validations(), Value: value,
	}
	if f.fallback != nil && (!f.Required || f.Preset != nil) {
		r.DefaultValue = storedValue(f.fallback)
	}
	for _, c := range f.DependsOn {
		r.DependsOn = append(r.DependsOn, dependency(c))
	}
	if f.Tooltip != "" {
		r.Tooltip = &f.Tooltip
	}
	if f.Advanced {
		r.UIRestrictions = append(r.UIRestrictions, "advanced")
	}
	return r
}

// preset is the value in a new document. An optional field is left empty, so
// that it follows its default, unless the description says otherwise; a toggle
// and a choice are never empty.
func (f *field) preset() any {
	if f.Preset != nil {
		return storedValue(f.decoded(f.Preset))
	}
	if f.fallback != nil && (f.Required || f.Type == Boolean || f.display() == "dropdown") {
		return storedValue(f.fallback)
	}
	return f.nothing()
}

// nothing is how the protocol writes that a field has no value.
func (f *field) nothing() any {
	if t := f.richType(); t == "str" || t == "list" {
		return ""
	}
	return nil
}

// richType is the protocol's name of the type. It has none for numbers with a
// fraction: they are kept as text, which the decoder reads.
func (f *field) richType() string {
	switch f.Type {
	case Integer:
		return "int"
	case Boolean:
		return "bool"
	case StringList, IntegerList:
		return "list"
	}
	return "str"
}

func (f *field) display() string {
	switch {
	case f.Type == Number:
		return "text"
	case f.Display != "":
		return f.Display
	case f.Type == Boolean:
		return "toggle"
	case f.Type == Integer && len(f.Enum) == 0:
		return "numeric"
	case len(f.Enum) > 0 && f.richType() != "list":
		return "dropdown"
	}
	return "text"
}

func (f *field) options() []option {
	list := []option{}
	if f.display() != "dropdown" {
		return list
	}
	for i, v := range f.Enum {
		o := option{Label: fmt.Sprint(v), Value: fmt.Sprint(v)}
		if i < len(f.Labels) {
			o.Label = f.Labels[i]
		}
		list = append(list, o)
	}
	return list
}

// validations are the checks that the protocol can state. Kibana and the
// connector API apply them; the decoder applies all.
func (f *field) validations() []validation {
	list := []validation{}
	if f.Type == Integer {
		list = append(list, f.strictBounds()...)
	}
	switch f.Type {
	case StringList:
		list = append(list, validation{"list_type", "str"})
	case IntegerList:
		list = append(list, validation{"list_type", "int"})
	}
	if len(f.Enum) > 0 && f.display() != "dropdown" {
		list = append(list, validation{"included_in", f.Enum})
	}
	if p := f.check.Pattern; f.Type == String && strings.HasPrefix(p, "^") && strings.HasSuffix(p, "$") {
		list = append(list, validation{"regex", p})
	}
	return list
}

// strictBounds turns the bounds of integers into the protocol's, which
// exclude the bound itself.
func (f *field) strictBounds() []validation {
	above, below, list := f.Above, f.Below, []validation{}
	if above == "" {
		above = strict(f.check.min, f.check.ExclusiveMin, -1)
	}
	if below == "" {
		below = strict(f.check.max, f.check.ExclusiveMax, 1)
	}
	if n, ok := exactInt(above); ok {
		list = append(list, validation{"greater_than", n})
	}
	if n, ok := exactInt(below); ok {
		list = append(list, validation{"less_than", n})
	}
	return list
}

func strict(bound *big.Rat, exclusive bool, step int64) string {
	if bound == nil {
		return ""
	}
	if !exclusive {
		bound = new(big.Rat).Add(bound, big.NewRat(step, 1))
	}
	return decimal(bound)
}

// storedValue is a decoded value as the protocol keeps it: lists are texts
// with commas, or a JSON array where that would be read differently.
func storedValue(v any) any {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []int64:
		texts := make([]string, len(v))
		for i, n := range v {
			texts[i] = strconv.FormatInt(n, 10)
		}
		return strings.Join(texts, ", ")
	case []string:
		if slices.ContainsFunc(v, unfitForCommas) || len(v) > 0 && strings.HasPrefix(v[0], "[") {
			encoded, err := json.Marshal(v)
			if err == nil {
				return string(encoded)
			}
		}
		return strings.Join(v, ", ")
	}
	return v
}

// storedText makes values of one type comparable.
func storedText(v any) string { return fmt.Sprint(storedValue(v)) }

func unfitForCommas(item string) bool {
	return item == "" || strings.TrimSpace(item) != item || strings.Contains(item, ",")
}

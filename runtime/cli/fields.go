package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// richField is a field as Kibana shows it; [connector.Kind.Configuration]
// holds them.
type richField struct {
	name      string
	Label     string          `json:"label"`
	Tooltip   string          `json:"tooltip"`
	Type      string          `json:"type"`
	Order     int             `json:"order"`
	Required  bool            `json:"required"`
	Sensitive bool            `json:"sensitive"`
	Value     json.RawMessage `json:"value"`
	Default   json.RawMessage `json:"default_value"`
	// Restrictions say where forms do not show the field, such as "advanced".
	Restrictions []string `json:"ui_restrictions"`
	Options      []struct {
		Value any `json:"value"`
	} `json:"options"`
	Validations []struct {
		Type       string `json:"type"`
		Constraint any    `json:"constraint"`
	} `json:"validations"`
	DependsOn []struct {
		Field string `json:"field"`
		Value any    `json:"value"`
	} `json:"depends_on"`
}

func richFields(k connector.Kind) (map[string]richField, error) {
	var fields map[string]richField
	if err := json.Unmarshal(k.Configuration, &fields); err != nil {
		return nil, fmt.Errorf("fields of source %s: %w", k.ServiceType, err)
	}
	for name, f := range fields {
		f.name = name
		f.Value, f.Default = something(f.Value), something(f.Default)
		fields[name] = f
	}
	return fields, nil
}

// something returns nil for a JSON value that is empty.
func something(v json.RawMessage) json.RawMessage {
	switch string(v) {
	case "", "null", `""`, "[]":
		return nil
	}
	return v
}

func sorted(fields map[string]richField) []richField {
	list := make([]richField, 0, len(fields))
	for _, f := range fields {
		list = append(list, f)
	}
	slices.SortFunc(list, func(x, y richField) int {
		return cmp.Or(cmp.Compare(x.Order, y.Order), strings.Compare(x.name, y.name))
	})
	return list
}

var typeNames = map[string]string{"str": "text", "int": "number", "bool": "true or false", "list": "list with commas"}

// notes describes what a value may be.
func (f richField) notes() string {
	words := []string{cmp.Or(typeNames[f.Type], f.Type)}
	if f.Required && f.Value == nil {
		words = append(words, "required")
	}
	if f.Sensitive {
		words = append(words, "secret")
	}
	if preset := cmp.Or(string(f.Value), string(f.Default)); preset != "" && !f.Sensitive {
		words = append(words, "default "+preset)
	}
	if allowed := f.allowed(); len(allowed) > 0 {
		words = append(words, "one of "+strings.Join(allowed, " "))
	}
	for _, d := range f.DependsOn {
		words = append(words, fmt.Sprintf("only if %s is %v", d.Field, d.Value))
	}
	return " (" + strings.Join(words, "; ") + ")"
}

// allowed are the values that the field, or an item of it, may have; none
// where all may be.
func (f richField) allowed() []string {
	var allowed []string
	for _, o := range f.Options {
		allowed = append(allowed, fmt.Sprint(o.Value))
	}
	for _, v := range f.Validations {
		if list, ok := v.Constraint.([]any); ok && v.Type == "included_in" {
			for _, value := range list {
				allowed = append(allowed, fmt.Sprint(value))
			}
		}
	}
	return allowed
}

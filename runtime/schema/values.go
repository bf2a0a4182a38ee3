package schema

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Values are the decoded values of a configuration. A getter returns the zero
// value for a field that has neither value nor default.
type Values struct {
	fields  *Fields
	entries []entry
}

// String returns the value of a text field.
func (v *Values) String(name string) string { return value[string](v, name) }

// Secret returns the value of a secret text field.
func (v *Values) Secret(name string) connector.Secret {
	return connector.NewSecret(value[string](v, name))
}

// Int returns the value of an integer field.
func (v *Values) Int(name string) int64 { return value[int64](v, name) }

// OptInt returns the value of an integer field that may have none.
func (v *Values) OptInt(name string) connector.Opt[int64] { return optional[int64](v, name) }

// Float returns the value of a number field.
func (v *Values) Float(name string) float64 { return value[float64](v, name) }

// OptFloat returns the value of a number field that may have none.
func (v *Values) OptFloat(name string) connector.Opt[float64] { return optional[float64](v, name) }

// Bool returns the value of a boolean field.
func (v *Values) Bool(name string) bool { return value[bool](v, name) }

// OptBool returns the value of a boolean field that may have none.
func (v *Values) OptBool(name string) connector.Opt[bool] { return optional[bool](v, name) }

// Strings returns the value of a field that is a list of texts.
func (v *Values) Strings(name string) []string {
	return slices.Clone(value[[]string](v, name))
}

// Ints returns the value of a field that is a list of integers.
func (v *Values) Ints(name string) []int64 {
	return slices.Clone(value[[]int64](v, name))
}

func value[T any](v *Values, name string) T {
	t, _ := optional[T](v, name).Get()
	return t
}

func optional[T any](v *Values, name string) connector.Opt[T] {
	if t, ok := v.get(name).(T); ok {
		return connector.Some(t)
	}
	return connector.Opt[T]{}
}

func (v *Values) get(name string) any {
	f := v.fields.byName[name]
	if f == nil {
		return nil
	}
	return v.entries[f.index].value
}

// text is a value in one line, the same for the same value.
func (v *Values) text(name string) string {
	switch x := v.get(name).(type) {
	case nil:
		return ""
	case []string, []int64:
		encoded, err := json.Marshal(x)
		if err != nil {
			return ""
		}
		return string(encoded)
	default:
		return fmt.Sprint(x)
	}
}

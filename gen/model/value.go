package model

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/schema"
)

const outsideInt64 = "it is outside of int64"

// decode returns a value as the Go value of a field's type, or says why not.
func decode(v *load.Node, t FieldType) (value any, problem string) {
	switch t {
	case String:
		if v.Kind == load.String {
			return v.Text, ""
		}
	case Boolean:
		if v.Kind == load.Boolean {
			return v.Text == "true", ""
		}
	case Integer:
		return decodeInteger(v)
	case Number:
		if r, ok := v.Rat(); ok {
			f, _ := r.Float64()
			return f, ""
		}
	case StringList:
		return decodeList[string](v, String)
	case IntegerList:
		return decodeList[int64](v, Integer)
	}
	return nil, fmt.Sprintf("it must be %s, not %s", typeText(t), quoted(v))
}

func decodeInteger(v *load.Node) (value any, problem string) {
	r, ok := v.Rat()
	if !ok || !r.IsInt() {
		return nil, "it must be an integer, not " + quoted(v)
	}
	if !r.Num().IsInt64() {
		return nil, outsideInt64
	}
	return r.Num().Int64(), ""
}

func decodeList[T any](v *load.Node, t FieldType) (value any, problem string) {
	if v.Kind != load.Array {
		return nil, "it must be a list, not " + quoted(v)
	}
	list := make([]T, 0, len(v.Items))
	for _, item := range v.Items {
		one, problem := decode(item, t)
		if problem != "" {
			return nil, problem
		}
		list = append(list, one.(T))
	}
	return list, ""
}

func typeText(t FieldType) string {
	switch t {
	case Integer:
		return "an integer"
	case StringList, IntegerList:
		return "a list"
	}
	return "a " + string(t)
}

// refuses says why a default breaks its own field, or returns "". It asks the
// decoder that generated code uses, so that both agree.
func (f Field) refuses(d *load.Node) string {
	alone := schema.Field{
		Name: f.Name, Type: schema.Type(f.Type), Required: f.Required, Enum: f.Enum, Check: *f.Check.described(),
	}
	raw := appendNode([]byte(`{`+strconv.Quote(f.Name)+`:`), d)
	_, problems := schema.NewFields([]schema.Field{alone}).DecodeStrict(append(raw, '}'))
	if len(problems) == 0 {
		return ""
	}
	return problems[0].Message
}

// described returns the constraints as the decoder takes them.
func (c *Check) described() *schema.Check {
	if c == nil {
		return nil
	}
	d := &schema.Check{
		ExclusiveMin: c.ExclusiveMin, ExclusiveMax: c.ExclusiveMax,
		MinLength: c.MinLength, MaxLength: c.MaxLength, Pattern: c.Pattern, Format: c.Format,
		MinItems: c.MinItems, MaxItems: c.MaxItems, UniqueItems: c.UniqueItems, Items: c.Items.described(),
	}
	if c.MultipleOf != nil && c.MultipleOf.IsInt64() {
		d.MultipleOf = c.MultipleOf.Int64()
	}
	if c.Min != nil {
		d.Min = decimal(c.Min)
	}
	if c.Max != nil {
		d.Max = decimal(c.Max)
	}
	return d
}

// decimal returns a number that was written in decimals as decimals again.
func decimal(r *big.Rat) string {
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

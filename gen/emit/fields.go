package emit

import (
	"fmt"
	"math/big"

	"github.com/dave/jennifer/jen"

	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// Describe returns the description by which the runtime decodes and checks a
// field: the value that generated code holds.
func Describe(f model.Field) (schema.Field, error) {
	d := schema.Field{
		Name: f.Name, Label: f.Title, Tooltip: f.Tooltip, Type: schema.Type(f.Type),
		Required: f.Required, Secret: f.Secret, Default: f.Default, Preset: f.Preset, Enum: f.Enum, Labels: f.Labels,
		RenamedFrom: f.RenamedFrom, Deprecated: f.Deprecated, Advanced: f.Advanced,
	}
	if f.Display != f.Natural() {
		d.Display = f.Display
	}
	check, err := describeCheck(&f.Check)
	if err != nil {
		return d, fmt.Errorf("field %s: %w", f.Name, err)
	}
	d.Check = *check
	for _, c := range f.DependsOn {
		d.DependsOn = append(d.DependsOn, schema.Condition{Field: c.Field, Value: c.Value})
	}
	if f.Type == model.Integer {
		d.Above, d.Below = shown(f)
	}
	return d, nil
}

func describeCheck(c *model.Check) (*schema.Check, error) {
	if c == nil {
		return nil, nil
	}
	d := &schema.Check{
		Min: decimal(c.Min), Max: decimal(c.Max), ExclusiveMin: c.ExclusiveMin, ExclusiveMax: c.ExclusiveMax,
		MinLength: c.MinLength, MaxLength: c.MaxLength, Pattern: c.Pattern, Format: c.Format,
		MinItems: c.MinItems, MaxItems: c.MaxItems, UniqueItems: c.UniqueItems,
	}
	if c.MultipleOf != nil {
		if !c.MultipleOf.IsInt64() {
			return nil, fmt.Errorf("multipleOf %s is beyond 64 bits", c.MultipleOf)
		}
		d.MultipleOf = c.MultipleOf.Int64()
	}
	var err error
	d.Items, err = describeCheck(c.Items)
	return d, err
}

// shown returns Kibana's bounds where they do not follow from the check.
func shown(f model.Field) (above, below string) {
	if f.Shown.Above != nil && !follows(f.Shown.Above, f.Check.Min, f.Check.ExclusiveMin, -1) {
		above = decimal(f.Shown.Above)
	}
	if f.Shown.Below != nil && !follows(f.Shown.Below, f.Check.Max, f.Check.ExclusiveMax, 1) {
		below = decimal(f.Shown.Below)
	}
	return above, below
}

func follows(shown, bound *big.Rat, exclusive bool, step int64) bool {
	if bound == nil {
		return false
	}
	if exclusive {
		return shown.Cmp(bound) == 0
	}
	return shown.Cmp(new(big.Rat).Add(bound, big.NewRat(step, 1))) == 0
}

// decimal prints a bound exactly; JSON has finite decimals only.
func decimal(r *big.Rat) string {
	if r == nil {
		return ""
	}
	if digits, finite := r.FloatPrec(); finite {
		return r.FloatString(digits)
	}
	return r.RatString()
}

// table prints the members of a composite literal that are not zero.
type table struct {
	items []jen.Code
	err   error
}

// set adds a member with a value of the model.
func (t *table) set(name string, v any) {
	code, err := literal(v)
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("%s: %w", name, err)
	}
	t.code(name, code)
}

func (t *table) code(name string, code jen.Code) {
	t.items = append(t.items, jen.Id(name).Op(":").Add(code))
}

func (t *table) text(name, v string) {
	if v != "" {
		t.set(name, v)
	}
}

func (t *table) flag(name string, v bool) {
	if v {
		t.set(name, v)
	}
}

func (t *table) limit(name string, v *int) {
	if v != nil {
		t.code(name, jen.Id("new").Call(jen.Lit(*v)))
	}
}

// fieldLiteral prints one description.
func (f goFile) fieldLiteral(d schema.Field) (jen.Code, error) {
	t := &table{}
	t.text("Name", d.Name)
	t.text("Label", d.Label)
	t.text("Tooltip", d.Tooltip)
	t.code("Type", f.schema(typeName(d.Type)))
	t.flag("Required", d.Required)
	t.flag("Secret", d.Secret)
	if d.Default != nil {
		t.set("Default", d.Default)
	}
	if d.Preset != nil {
		t.set("Preset", d.Preset)
	}
	if len(d.Enum) > 0 {
		t.set("Enum", d.Enum)
	}
	if len(d.Labels) > 0 {
		t.set("Labels", d.Labels)
	}
	f.checkLiteral(t, "Check", "", &d.Check)
	if len(d.DependsOn) > 0 {
		t.code("DependsOn", f.conditions(t, d.DependsOn))
	}
	if len(d.RenamedFrom) > 0 {
		t.set("RenamedFrom", d.RenamedFrom)
	}
	t.flag("Deprecated", d.Deprecated)
	t.flag("Advanced", d.Advanced)
	t.text("Display", d.Display)
	t.text("Above", d.Above)
	t.text("Below", d.Below)
	return lines(t.items...), t.err
}

func (f goFile) checkLiteral(t *table, name, operator string, c *schema.Check) {
	if c == nil {
		return
	}
	inner := &table{}
	inner.text("Min", c.Min)
	inner.flag("ExclusiveMin", c.ExclusiveMin)
	inner.text("Max", c.Max)
	inner.flag("ExclusiveMax", c.ExclusiveMax)
	if c.MultipleOf != 0 {
		inner.set("MultipleOf", c.MultipleOf)
	}
	inner.limit("MinLength", c.MinLength)
	inner.limit("MaxLength", c.MaxLength)
	inner.text("Pattern", c.Pattern)
	inner.text("Format", c.Format)
	inner.limit("MinItems", c.MinItems)
	inner.limit("MaxItems", c.MaxItems)
	inner.flag("UniqueItems", c.UniqueItems)
	f.checkLiteral(inner, "Items", "&", c.Items)
	if t.err == nil {
		t.err = inner.err
	}
	if len(inner.items) > 0 {
		t.code(name, jen.Op(operator).Add(f.schema("Check")).Values(inner.items...))
	}
}

func (f goFile) conditions(t *table, list []schema.Condition) jen.Code {
	items := make([]jen.Code, len(list))
	for i, c := range list {
		inner := &table{}
		inner.set("Field", c.Field)
		inner.set("Value", c.Value)
		if t.err == nil {
			t.err = inner.err
		}
		items[i] = jen.Values(inner.items...)
	}
	return jen.Index().Add(f.schema("Condition")).Values(items...)
}

func typeName(t schema.Type) string {
	switch t {
	case schema.Integer:
		return "Integer"
	case schema.Number:
		return "Number"
	case schema.Boolean:
		return "Boolean"
	case schema.StringList:
		return "StringList"
	case schema.IntegerList:
		return "IntegerList"
	}
	return "String"
}

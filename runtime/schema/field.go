package schema

import (
	"fmt"
	"math/big"
	"regexp"
)

// Type is the type of a configuration field.
type Type string

// The types of configuration fields.
const (
	String      Type = "string"
	Integer     Type = "integer"
	Number      Type = "number"
	Boolean     Type = "boolean"
	StringList  Type = "string_list"
	IntegerList Type = "integer_list"
)

// Field describes one field of a configuration. Generated code holds a table
// of them; see [NewFields].
type Field struct {
	// Name is the key, Label the name for people.
	Name, Label string
	// Tooltip is what Kibana shows beside the field.
	Tooltip string
	Type    Type
	// Required fields may not be empty. They may be absent when there is a
	// default, which is then the preset value.
	Required bool
	// Secret values never appear in the text of a problem.
	Secret bool
	// Default is a string, int, int64, float64, bool, []string, []int or
	// []int64; nil when there is none.
	Default any
	// Preset is what Kibana's form starts with, where that is not what follows
	// from Default; of the same types.
	Preset any
	// Enum lists the allowed values, or those of a list's items.
	Enum []any
	// Labels are the names of the Enum's values for people, in its order.
	Labels []string
	// Check is what the value must meet besides its type.
	Check Check
	// DependsOn are conditions that must all hold for the field to count.
	DependsOn []Condition
	// RenamedFrom are names under which stored configurations may hold it.
	RenamedFrom []string
	Deprecated  bool
	// Advanced and Display say how Kibana shows the field; an empty Display
	// follows from the type. An Enum is offered in a dropdown, and checked
	// only under another display.
	Advanced bool
	Display  string
	// Above and Below are the strict bounds that Kibana checks, where they are
	// others than those that follow from Check.
	Above, Below string
}

// Check is what a value must meet besides its type. Zero members demand
// nothing.
type Check struct {
	// Min and Max are decimal numbers, exact to the last digit.
	Min, Max string
	// ExclusiveMin and ExclusiveMax exclude the bounds themselves.
	ExclusiveMin, ExclusiveMax bool
	MultipleOf                 int64
	// MinLength and MaxLength count characters.
	MinLength, MaxLength *int
	// Pattern is a regular expression (RE2), not anchored.
	Pattern string
	// Format is one of [Formats].
	Format             string
	MinItems, MaxItems *int
	UniqueItems        bool
	// Items is what every item of a list must meet.
	Items *Check
}

// Condition holds when another field has this value.
type Condition struct {
	Field string
	// Value is a string, int, int64 or bool.
	Value any
}

// Fields is the description of a whole configuration, ready for use.
type Fields struct {
	list   []*field
	byName map[string]*field // by name and by former name
	err    error
}

type field struct {
	Field
	index    int
	check    check
	fallback any // the default in its decoded form
}

// check is a Check whose texts are compiled.
type check struct {
	Check
	min, max *big.Rat
	pattern  *regexp.Regexp
	format   format
	items    *check
}

// NewFields compiles a table of fields. A table that does not compile (a bad
// pattern, an unknown format) makes every decoding fail with that problem.
func NewFields(list []Field) *Fields {
	fs := &Fields{byName: map[string]*field{}}
	for i, d := range list {
		f, err := compileField(d, i)
		if err != nil && fs.err == nil {
			fs.err = fmt.Errorf("description of field %s: %w", d.Name, err)
		}
		fs.list = append(fs.list, f)
		fs.byName[d.Name] = f
		for _, old := range d.RenamedFrom {
			fs.byName[old] = f
		}
	}
	return fs
}

func compileField(d Field, index int) (*field, error) {
	f := &field{Field: d, index: index}
	f.fallback = f.decoded(d.Default)
	c, err := compileCheck(&d.Check)
	if c != nil {
		f.check = *c
	}
	return f, err
}

// decoded is a value of the description as the decoder has it.
func (f *field) decoded(v any) any {
	if f.Type == Number {
		return floatValue(plainValue(v))
	}
	return plainValue(v)
}

func compileCheck(d *Check) (*check, error) {
	if d == nil {
		return nil, nil
	}
	c := &check{Check: *d}
	var err error
	if c.min, err = compileBound(d.Min); err != nil {
		return c, err
	}
	if c.max, err = compileBound(d.Max); err != nil {
		return c, err
	}
	if d.Pattern != "" {
		if c.pattern, err = regexp.Compile(d.Pattern); err != nil {
			return c, err
		}
	}
	if d.Format != "" {
		var known bool
		if c.format, known = formatOf(d.Format); !known {
			return c, fmt.Errorf("unknown format %q", d.Format)
		}
	}
	c.items, err = compileCheck(d.Items)
	return c, err
}

func compileBound(text string) (*big.Rat, error) {
	if text == "" {
		return nil, nil
	}
	r, ok := exact(text)
	if !ok {
		return nil, fmt.Errorf("bound %q is not a number", text)
	}
	return r, nil
}

// plainValue gives integers one type, so that values can be compared.
func plainValue(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []int:
		list := make([]int64, len(v))
		for i, n := range v {
			list[i] = int64(n)
		}
		return list
	}
	return v
}

func floatValue(v any) any {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v
}

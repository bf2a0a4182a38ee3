package model

import (
	"fmt"
	"math/big"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/schema"
)

// constraints decides what a field's value must meet.
func (s *sourceBuilder) constraints(n *load.Node, t FieldType) Check {
	c := s.scalarConstraints(n, t == Integer)
	if p := n.Get("pattern"); p != nil && t == String {
		s.anchored(p)
	}
	if t != StringList && t != IntegerList {
		return c
	}
	c.MinItems, c.MaxItems = s.counts(n, "minItems", "maxItems")
	c.UniqueItems = n.True("uniqueItems")
	items := s.scalarConstraints(n.Get("items"), t == IntegerList)
	if items != (Check{}) {
		c.Items = &items
	}
	return c
}

// scalarConstraints decides what a text or number must meet.
func (b *builder) scalarConstraints(n *load.Node, whole bool) Check {
	var c Check
	if whole {
		b.int64s(n, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
	}
	c.Min, c.ExclusiveMin = b.bound(n, "minimum", "exclusiveMinimum")
	c.Max, c.ExclusiveMax = b.bound(n, "maximum", "exclusiveMaximum")
	b.possible(n, c, whole)
	c.MinLength, c.MaxLength = b.counts(n, "minLength", "maxLength")
	if r, ok := n.Get("multipleOf").Rat(); ok && r.IsInt() && r.Sign() > 0 {
		c.MultipleOf = r.Num()
	}
	c.Pattern = b.pattern(n.Get("pattern"))
	c.Format = b.format(n.Get("format"))
	return c
}

// int64s reports numbers that no int64 holds.
func (b *builder) int64s(n *load.Node, keys ...string) {
	for _, key := range keys {
		if r, ok := n.Get(key).Rat(); ok && !new(big.Int).Quo(r.Num(), r.Denom()).IsInt64() {
			b.add(n.Get(key).At(diag.Int64, fmt.Sprintf("%q is outside of int64", key), "integers reach from -9223372036854775808 to 9223372036854775807"))
		}
	}
}

func (b *builder) bound(n *load.Node, inclusive, exclusive string) (value *big.Rat, excluded bool) {
	in, hasIn := n.Get(inclusive).Rat()
	ex, hasEx := n.Get(exclusive).Rat()
	if hasIn && hasEx {
		b.add(n.Member(exclusive).At(diag.Bounds, fmt.Sprintf("%q and %q stand together", inclusive, exclusive), "one of them is enough"))
	}
	if hasEx {
		return ex, true
	}
	return in, false
}

// possible reports bounds between which there is no value.
func (b *builder) possible(n *load.Node, c Check, whole bool) {
	if c.Min == nil || c.Max == nil {
		return
	}
	low, high := c.Min, c.Max
	order := low.Cmp(high)
	none := order > 0 || order == 0 && (c.ExclusiveMin || c.ExclusiveMax)
	if whole && !none {
		none = lowest(c).Cmp(highest(c)) > 0
	}
	if none {
		m := n.Member("maximum")
		if c.ExclusiveMax {
			m = n.Member("exclusiveMaximum")
		}
		b.add(m.Value.At(diag.Bounds, "no value lies between the bounds", "raise this one or lower the other"))
	}
}

// lowest returns the smallest integer within the bounds.
func lowest(c Check) *big.Int {
	floor := floorOf(c.Min)
	if c.ExclusiveMin || !c.Min.IsInt() {
		floor.Add(floor, big.NewInt(1))
	}
	return floor
}

// highest returns the largest integer within the bounds.
func highest(c Check) *big.Int {
	floor := floorOf(c.Max)
	if c.ExclusiveMax && c.Max.IsInt() {
		floor.Sub(floor, big.NewInt(1))
	}
	return floor
}

func floorOf(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func (b *builder) counts(n *load.Node, lowKey, highKey string) (low, high *int) {
	read := func(key string) *int {
		r, ok := n.Get(key).Rat()
		if !ok || !r.IsInt() || r.Sign() < 0 || !r.Num().IsInt64() {
			return nil
		}
		i := int(r.Num().Int64())
		return &i
	}
	low, high = read(lowKey), read(highKey)
	if low != nil && high != nil && *low > *high {
		b.add(n.Get(highKey).At(diag.Bounds, fmt.Sprintf("%q is less than %q", highKey, lowKey), "raise this one or lower the other"))
	}
	return low, high
}

func (b *builder) pattern(n *load.Node) string {
	if n == nil || n.Kind != load.String {
		return ""
	}
	if _, err := regexp.Compile(n.Text); err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		b.add(n.At(diag.Pattern, "the pattern is no regular expression of Go: "+reason, "Go's are RE2: no look-ahead, no back references"))
		return ""
	}
	return n.Text
}

// anchored reports a pattern that need not match the whole value. Kibana
// matches the whole value, JSON Schema any part of it.
func (b *builder) anchored(n *load.Node) {
	re, err := syntax.Parse(n.Text, syntax.Perl)
	if err != nil || n.Kind != load.String {
		return
	}
	if re.Op == syntax.OpConcat && len(re.Sub) > 1 &&
		re.Sub[0].Op == syntax.OpBeginText && re.Sub[len(re.Sub)-1].Op == syntax.OpEndText {
		return
	}
	b.add(n.At(diag.Pattern, "the pattern of a field must match the whole value, as it does in Kibana", fmt.Sprintf("write %q", "^(?:"+n.Text+")$")))
}

func (b *builder) format(n *load.Node) string {
	if n == nil || n.Kind != load.String || n.Text == "" {
		return ""
	}
	known := schema.Formats()
	if slices.Contains(known, n.Text) {
		return n.Text
	}
	hint := didYouMean(n.Text, known)
	if hint == "" {
		hint = "known are " + strings.Join(known, ", ")
	}
	b.add(n.At(diag.Format, fmt.Sprintf("unknown format %q", shorten(n.Text)), hint))
	return ""
}

// enum decides the values of a field, or of a list's items.
func (s *sourceBuilder) enum(n *load.Node, t FieldType) []any {
	switch t {
	case StringList:
		return s.values(n.Get("items").Get("enum"), String)
	case IntegerList:
		return s.values(n.Get("items").Get("enum"), Integer)
	}
	return s.values(n.Get("enum"), t)
}

func (b *builder) values(n *load.Node, t FieldType) []any {
	if n == nil || n.Kind != load.Array || t == "" {
		return nil
	}
	var list []any
	for _, item := range n.Items {
		value, problem := decode(item, t)
		switch {
		case problem == outsideInt64:
			b.add(item.At(diag.Int64, "a value of enum is outside of int64", "integers reach from -9223372036854775808 to 9223372036854775807"))
		case problem != "":
			b.add(item.At(diag.Enum, "a value of enum has another type: "+problem, "all have the field's type"))
		case value == "":
			b.add(item.At(diag.Enum, "a value of enum is empty", "leave the field out of \"required\" to allow no value"))
		case slices.Contains(list, value):
			b.add(item.At(diag.Enum, fmt.Sprintf("the value %s stands twice in enum", shorten(item.Text)), "remove one"))
		default:
			list = append(list, value)
		}
	}
	return list
}

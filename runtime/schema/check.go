package schema

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tributary-search/tributary/runtime/connector"
)

// reading is the decoding of one value.
type reading struct {
	field    *field
	key      string // the name under which the value stands
	how      form
	problems connector.Problems
}

// report adds a problem with the value, or with one item of it.
func (r *reading) report(pointer, message string) {
	r.problems = append(r.problems, r.field.problem(r.key, pointer, message))
}

// value converts and checks. It returns nil when the type is wrong.
func (r *reading) value(n *node) any {
	switch r.field.Type {
	case StringList:
		return r.list(n, String)
	case IntegerList:
		return r.list(n, Integer)
	}
	v, message := scalar(n, r.field.Type, r.how)
	if message != "" {
		r.report("", r.wanted(message)+", not "+r.field.describe(n))
		return nil
	}
	if isEmpty(v) {
		return v
	}
	r.rules("", v, n, &r.field.check)
	return v
}

// wanted says what a value of the wrong type should be: one of the choices,
// where there are any.
func (r *reading) wanted(message string) string {
	if len(r.field.Enum) > 0 {
		return oneOf(r.field.Enum)
	}
	return message
}

func (r *reading) list(n *node, item Type) any {
	items, ok := r.items(n, item)
	if !ok {
		r.report("", wants(r.field.Type)+", not "+r.field.describe(n))
		return nil
	}
	texts, ints, before := []string{}, []int64{}, len(r.problems)
	for i, child := range items {
		pointer := "/" + strconv.Itoa(i)
		v, message := scalar(child, item, r.how)
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case int64:
			ints = append(ints, v)
		default:
			if message == "" {
				message = wants(item)
			}
			r.report(pointer, r.wanted(message)+", not "+r.field.describe(child))
			continue
		}
		r.rules(pointer, v, child, r.field.check.items)
	}
	if len(items) > 0 {
		r.size(len(items), texts, ints)
	}
	if len(r.problems) > before {
		return nil
	}
	if item == String {
		return texts
	}
	return ints
}

// items returns the items of a list in any of its forms.
func (r *reading) items(n *node, item Type) ([]*node, bool) {
	switch {
	case n.kind == listNode && r.how == storedForm:
		return filled(n.items), true
	case n.kind == listNode:
		return n.items, true
	case n.kind == textNode && r.how != strictForm:
		return splitList(n.text, item), true
	case r.how == storedForm && (n.kind == numberNode || n.kind == boolNode):
		return []*node{n}, true
	}
	return nil, false
}

// filled returns the items of a stored list that are not null; none where all
// are null or empty, which is how an empty list may be stored.
func filled(items []*node) []*node {
	blank := func(i *node) bool { return i.kind == nullNode || i.kind == textNode && i.text == "" }
	if !slices.ContainsFunc(items, func(i *node) bool { return !blank(i) }) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(items), func(i *node) bool { return i.kind == nullNode })
}

// splitList reads a JSON array, or texts with commas between them.
func splitList(text string, item Type) []*node {
	if text = strings.TrimSpace(text); strings.HasPrefix(text, "[") {
		n, err := parse([]byte(text))
		wrong := func(i *node) bool { return item == String && i.kind != textNode }
		if err == nil && !slices.ContainsFunc(n.items, wrong) {
			return n.items
		}
	}
	var items []*node
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			items = append(items, &node{kind: textNode, text: part})
		}
	}
	return items
}

// size checks what concerns a list as a whole.
func (r *reading) size(n int, texts []string, ints []int64) {
	c := &r.field.check
	if c.MinItems != nil && n < *c.MinItems {
		r.report("", fmt.Sprintf("must have at least %s", count(*c.MinItems, "item")))
	}
	if c.MaxItems != nil && n > *c.MaxItems {
		r.report("", fmt.Sprintf("must have at most %s", count(*c.MaxItems, "item")))
	}
	if c.UniqueItems && (repeats(texts) || repeats(ints)) {
		r.report("", "must not hold the same item twice")
	}
}

func repeats[T string | int64](list []T) bool {
	seen := make(map[T]bool, len(list))
	for _, v := range list {
		if seen[v] {
			return true
		}
		seen[v] = true
	}
	return false
}

// rules checks one scalar, which is a value of its own or an item.
func (r *reading) rules(pointer string, v any, n *node, c *check) {
	if enum := r.field.Enum; len(enum) > 0 && !slices.ContainsFunc(enum, func(e any) bool { return plainValue(e) == v }) {
		r.report(pointer, oneOf(enum)+r.suggestion(v, enum))
	}
	if c == nil {
		return
	}
	switch v := v.(type) {
	case string:
		r.textRules(pointer, v, c)
	case int64:
		r.numberRules(pointer, new(big.Rat).SetInt64(v), c)
	case float64:
		if exactly, ok := exact(strings.TrimSpace(n.text)); ok {
			r.numberRules(pointer, exactly, c)
		}
	}
}

func (r *reading) suggestion(v any, enum []any) string {
	text, ok := v.(string)
	if !ok || r.field.Secret {
		return ""
	}
	known := make([]string, 0, len(enum))
	for _, e := range enum {
		known = append(known, fmt.Sprint(e))
	}
	return DidYouMean(text, known)
}

func (r *reading) textRules(pointer, v string, c *check) {
	length := utf8.RuneCountInString(v)
	if c.MinLength != nil && length < *c.MinLength {
		r.report(pointer, "must have at least "+count(*c.MinLength, "character"))
	}
	if c.MaxLength != nil && length > *c.MaxLength {
		r.report(pointer, "must have at most "+count(*c.MaxLength, "character"))
	}
	if c.pattern != nil && !c.pattern.MatchString(v) {
		r.report(pointer, "must match the pattern "+c.Pattern)
	}
	if c.format.ok != nil && !c.format.ok(v) {
		r.report(pointer, "must be "+c.format.what)
	}
}

func (r *reading) numberRules(pointer string, v *big.Rat, c *check) {
	if c.min != nil && (v.Cmp(c.min) < 0 || c.ExclusiveMin && v.Cmp(c.min) == 0) ||
		c.max != nil && (v.Cmp(c.max) > 0 || c.ExclusiveMax && v.Cmp(c.max) == 0) {
		r.report(pointer, c.bounds())
	}
	if c.MultipleOf != 0 && !new(big.Rat).Quo(v, new(big.Rat).SetInt64(c.MultipleOf)).IsInt() {
		r.report(pointer, fmt.Sprintf("must be a multiple of %d", c.MultipleOf))
	}
}

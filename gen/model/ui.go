package model

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// ui decides how Kibana shows a field.
func (s *sourceBuilder) ui(n *load.Node, f *Field) {
	u := n.Get("x-ui")
	if u == nil {
		u = &load.Node{File: n.File, Kind: load.Object}
	}
	f.Advanced = u.True("advanced")
	f.Tooltip = u.Str("tooltip")
	if f.Tooltip == "" {
		f.Tooltip = firstSentence(f.Description)
	}
	f.Labels = s.labels(n, u.Get("labels"), *f)
	f.Display = s.display(u.Get("display"), *f)
	f.Shown = s.shown(n, u, *f)
}

func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

func (s *sourceBuilder) labels(field, n *load.Node, f Field) []string {
	if n == nil || n.Kind != load.Array {
		return nil
	}
	list := textList(n)
	enum := field.Get("enum")
	if f.Type == StringList || f.Type == IntegerList {
		enum = field.Get("items").Get("enum")
	}
	if f.Type != "" && !wrong(enum, load.Array) && (enum == nil || len(n.Items) != len(enum.Items)) {
		message := fmt.Sprintf("x-ui.labels has %d texts, enum has %d values", len(n.Items), len(enum.List()))
		s.add(n.At(diag.Enum, message, "one text for each value, in the same order"))
	}
	for i, label := range list {
		if slices.Index(list, label) < i {
			s.add(n.Items[i].At(diag.Enum, fmt.Sprintf("the label %q stands twice", shorten(label)), "labels in a form must differ"))
		}
	}
	return list
}

// Natural returns the display that follows from a field's type.
func (f Field) Natural() string {
	switch {
	case f.Type == Boolean:
		return "toggle"
	case len(f.Enum) > 0 && f.Type != StringList && f.Type != IntegerList:
		return "dropdown"
	case f.Type == Integer || f.Type == Number:
		return "numeric"
	}
	return "text"
}

// displays returns every display that fits a field. A choice that is typed
// instead of picked is checked all the same.
func (f Field) displays() []string {
	natural := f.Natural()
	switch {
	case natural == "text":
		return []string{natural, "textarea"}
	case f.Type == String:
		return []string{natural, "text", "textarea"}
	case natural == "dropdown":
		return []string{natural, "numeric", "text"}
	case f.Type == Integer:
		return []string{natural, "text"}
	}
	return []string{natural}
}

func (s *sourceBuilder) display(n *load.Node, f Field) string {
	natural := f.Natural()
	if n == nil || n.Kind != load.String || f.Type == "" {
		return natural
	}
	allowed := f.displays()
	if slices.Contains(allowed, n.Text) {
		return n.Text
	}
	hint := "leave it out: it follows from the type"
	if len(allowed) > 1 {
		hint = `"` + strings.Join(allowed, `" or "`) + `"`
	}
	s.add(n.At(diag.BadValue, fmt.Sprintf("the display %q does not fit this field", shorten(n.Text)), hint))
	return natural
}

// shown decides the strict bounds that Kibana checks. It knows no inclusive
// ones, so those of numbers need a word from the author.
func (s *sourceBuilder) shown(n, u *load.Node, f Field) Bounds {
	for _, key := range []string{"min_exclusive", "max_exclusive"} {
		if m := u.Member(key); m != nil && f.Type != Integer && f.Type != Number && f.Type != "" {
			s.add(m.At(diag.NotHere, fmt.Sprintf("%q does not apply to %s (only to an integer and a number)", key, article(n.Str("type"))), "remove it"))
		}
	}
	if f.Type != Integer && f.Type != Number {
		return Bounds{}
	}
	return Bounds{
		Above: s.strict(n, u.Get("min_exclusive"), f, "minimum"),
		Below: s.strict(n, u.Get("max_exclusive"), f, "maximum"),
	}
}

// strict decides one of them; bound is the keyword of the inclusive one.
func (s *sourceBuilder) strict(n, given *load.Node, f Field, bound string) *big.Rat {
	value, excluded, step := f.Check.Min, f.Check.ExclusiveMin, big.NewRat(-1, 1)
	instead := `use "exclusiveMinimum", or set "x-ui": {"min_exclusive": …}`
	if bound == "maximum" {
		value, excluded, step = f.Check.Max, f.Check.ExclusiveMax, big.NewRat(1, 1)
		instead = `use "exclusiveMaximum", or set "x-ui": {"max_exclusive": …}`
	}
	if r, ok := given.Rat(); ok {
		return r
	}
	switch {
	case value == nil || excluded:
		return value
	case f.Type == Integer:
		return new(big.Rat).Add(value, step)
	}
	if m := n.Member(bound); given == nil && !wrong(n.Get("x-ui"), load.Object) {
		s.add(m.At(diag.Bounds, fmt.Sprintf("Kibana can't show the inclusive bound %q of a number", bound), instead))
	}
	return nil
}

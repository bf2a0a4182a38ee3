package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// rules compares schemas of advanced rules, references followed.
type rules struct {
	*comparison
	base, now *load.Node // the declarations
	// seen are pairs that were compared, or are being compared: rules may
	// contain themselves.
	seen map[[2]*load.Node]bool
	// there is what is known about pairs of base and now, back about pairs of
	// now and base.
	there, back *known
}

// known remembers what trials have shown.
type known struct {
	fits map[[2]*load.Node]bool
	bare map[*load.Node]*load.Node // nodes without their unions
}

func newKnown() *known {
	return &known{fits: map[[2]*load.Node]bool{}, bare: map[*load.Node]*load.Node{}}
}

func newRules(c *comparison, base, now *load.Node) *rules {
	return &rules{comparison: c, base: base, now: now, seen: map[[2]*load.Node]bool{}, there: newKnown(), back: newKnown()}
}

// follow returns what a node with $ref refers to. Circles of references alone
// are refused elsewhere; here they end as nil.
func follow(root, n *load.Node) *load.Node {
	for range load.MaxDepth {
		name, is := strings.CutPrefix(n.Str("$ref"), "#/$defs/")
		if n == nil || !is {
			return n
		}
		n = root.Get("$defs").Get(name)
	}
	return nil
}

// compare reports what the schema at m refuses and base took. name is how
// messages call it.
func (r *rules) compare(base *load.Node, m *load.Member, name string) {
	base, now := follow(r.base, base), follow(r.now, m.Value)
	key := [2]*load.Node{base, now}
	if base == nil || now == nil || base.Kind != load.Object || r.seen[key] {
		return
	}
	r.seen[key] = true
	loose := isUnion(base) && typesOf(base) == nil // its branches say all there is
	if loose || isUnion(now) {
		r.unions(base, now, m, name)
	}
	if loose || !r.types(base, now, name) {
		return
	}
	l := &limits{comparison: r.comparison, code: diag.RulesNarrowed, name: name, at: m}
	l.compare(base, now)
	r.required(base, now, name)
	r.members(base, now, m, name)
	if items, was := now.Member("items"), base.Get("items"); items != nil && was != nil {
		r.compare(was, items, "an item of "+name)
	}
}

func isUnion(n *load.Node) bool { return n.Get("anyOf") != nil || n.Get("oneOf") != nil }

// types reports a type that is not allowed any more; false means that there is
// nothing more to compare.
func (r *rules) types(base, now *load.Node, name string) bool {
	was, is := typesOf(base), typesOf(now)
	if is == nil {
		return true
	}
	at := now.Member("type")
	if was == nil {
		if values(base) == nil {
			r.add(at.At(diag.RulesNarrowed, fmt.Sprintf("%s took any type and takes %s only", name, strings.Join(is, ", ")), "keep it as it was"))
		}
		return values(base) != nil
	}
	lost := slices.DeleteFunc(was, func(t string) bool {
		return slices.Contains(is, t) || t == "integer" && slices.Contains(is, "number")
	})
	if len(lost) == 0 {
		return true
	}
	n := base.Get("type")
	r.add(at.At(diag.RulesNarrowed, fmt.Sprintf("%s was of type %s and is %s%s", name, strings.Join(lost, ", "), strings.Join(is, ", "), wasAt(n.File, n.Offset)), "keep the type"))
	return false
}

func typesOf(n *load.Node) []string {
	t := n.Get("type")
	if t == nil {
		return nil
	}
	if t.Kind == load.String {
		return []string{t.Text}
	}
	var list []string
	for _, item := range t.List() {
		list = append(list, item.Text)
	}
	return list
}

// required reports members that may not be left out any more.
func (r *rules) required(base, now *load.Node, name string) {
	var was []string
	for _, item := range base.Get("required").List() {
		was = append(was, item.Text)
	}
	for _, item := range now.Get("required").List() {
		if !slices.Contains(was, item.Text) {
			r.add(item.At(diag.RulesNarrowed, fmt.Sprintf("%s could be without %q, which is required now", name, item.Text), "leave it out of \"required\""))
		}
	}
}

// members compares the members of objects, and those that have no name.
func (r *rules) members(base, now *load.Node, m *load.Member, name string) {
	open, more := base.Get("additionalProperties"), now.Member("additionalProperties")
	for i := range base.Get("properties").Below() {
		was := &base.Get("properties").Members[i]
		switch is := now.Get("properties").Member(was.Key); {
		case is != nil:
			r.compare(was.Value, is, fmt.Sprintf("%q", was.Key))
		case more != nil && more.Value.Kind == load.Object:
			r.compare(was.Value, more, fmt.Sprintf("%q", was.Key))
		case isClosed(more):
			at := m
			if properties := now.Member("properties"); properties != nil {
				at = properties
			}
			r.add(at.At(diag.RulesNarrowed, fmt.Sprintf("the member %q of %s is gone%s", was.Key, name, wasAt(was.Value.File, was.Offset)), "keep it"))
		}
	}
	if open == nil || open.Kind == load.Boolean && open.Text == "false" || more == nil {
		return
	}
	r.openness(base, now, more, name)
}

func isClosed(more *load.Member) bool {
	return more != nil && more.Value.Kind == load.Boolean && more.Value.Text == "false"
}

// openness compares what an open object or a map takes with what is taken now.
func (r *rules) openness(base, now *load.Node, more *load.Member, name string) {
	open := base.Get("additionalProperties")
	switch {
	case isClosed(more):
		r.add(more.At(diag.RulesNarrowed, fmt.Sprintf("%s took members of any name%s", name, wasAt(open.File, open.Offset)), "keep it open"))
	case more.Value.Kind == load.Object && open.Kind == load.Object:
		r.compare(open, more, "a member of "+name)
	case more.Value.Kind == load.Object:
		r.add(more.At(diag.RulesNarrowed, fmt.Sprintf("the members of %s could be anything%s", name, wasAt(open.File, open.Offset)), "keep it open"))
	}
	for _, is := range now.Get("properties").Below() {
		if base.Get("properties").Get(is.Key) == nil {
			r.add(is.At(diag.RulesNarrowed, fmt.Sprintf("%q could be anything in %s and has a schema now", is.Key, name), "leave it out, and check in code"))
		}
	}
}

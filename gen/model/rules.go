package model

import (
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/schema"
)

// rules decides the types and the runtime schema of the advanced rules.
func (s *sourceBuilder) rules() {
	n := s.root.Get("advanced_rules")
	if n == nil || n.Kind != load.Object {
		return
	}
	s.lintRule(n)
	for _, def := range s.root.Get("$defs").Below() {
		if !s.isField(def.Key) {
			s.lintRule(def.Value)
		}
	}
	t := &typer{sourceBuilder: s, named: map[*load.Node]*Type{}, taken: reservedNames()}
	s.out.Rules = t.root(n)
	s.out.RuleTypes = t.list
	t.endless()
	if len(s.problems) == 0 {
		s.out.RulesSchema = lowerRules(s.root, n)
		s.examples(n)
		for _, def := range s.root.Get("$defs").Below() {
			s.examples(def.Value)
		}
	}
}

// examples reports examples that break the schema in which they stand.
func (s *sourceBuilder) examples(n *load.Node) {
	if list := n.Get("examples"); list != nil {
		compiled, err := schema.Compile(lowerRules(s.root, n))
		if err != nil {
			s.add(list.At(diag.Example, "the schema of these examples does not compile: "+err.Error(), ""))
			return
		}
		for _, item := range list.Items {
			for _, p := range compiled.Check(appendNode(nil, item)) {
				s.add(item.At(diag.Example, "the example is not valid: "+p.String(), ""))
			}
		}
	}
	for _, child := range children(n) {
		s.examples(child)
	}
}

// isField reports whether a definition is used by a field of the
// configuration.
func (s *sourceBuilder) isField(def string) bool {
	properties := s.root.Get("config").Get("properties")
	return properties != nil && slices.ContainsFunc(properties.Members, func(m load.Member) bool {
		return m.Value.Str("$ref") == "#/$defs/"+def
	})
}

// lintRule reports what a node of advanced rules, and those below it, demand
// that nothing could meet or Go could not hold.
func (s *sourceBuilder) lintRule(n *load.Node) {
	if n == nil || n.Kind != load.Object {
		return
	}
	s.scalarConstraints(n, n.Str("type") == "integer")
	s.counts(n, "minItems", "maxItems")
	s.counts(n, "minProperties", "maxProperties")
	if t := FieldType(n.Str("type")); t == String || t == Integer {
		s.values(n.Get("enum"), t)
	}
	if properties := n.Get("properties"); properties != nil && properties.Kind == load.Object {
		s.namesIn(n.Get("required"), keysOf(properties), diag.Required, "required")
	}
	s.openness(n)
	for _, child := range children(n) {
		s.lintRule(child)
	}
}

// openness reports an object that is neither closed nor a map.
func (s *sourceBuilder) openness(n *load.Node) {
	more := n.Member("additionalProperties")
	if more == nil {
		return
	}
	switch {
	case more.Value.Kind == load.Object && n.Get("properties") != nil:
		s.add(more.At(diag.Unsupported, "an object has named members or any, not both: Go has no type for it", `remove "properties", or write "additionalProperties": false`))
	case more.Value.Kind == load.Boolean && more.Value.Text == "true" && n.Get("x-why") == nil:
		s.add(more.At(diag.Missing, `"x-why" is missing: an open object is not checked`, `say why in "x-why", or write "additionalProperties": false`))
	}
}

// children returns the schemas directly below a node of advanced rules.
func children(n *load.Node) []*load.Node {
	var list []*load.Node
	if properties := n.Get("properties"); properties != nil && properties.Kind == load.Object {
		for _, m := range properties.Members {
			list = append(list, m.Value)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if child := n.Get(key); child != nil && child.Kind == load.Object {
			list = append(list, child)
		}
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if union := n.Get(key); union != nil {
			list = append(list, union.Items...)
		}
	}
	return list
}

// endless reports structs that need themselves: no value could be finite.
func (t *typer) endless() {
	for _, start := range t.list {
		if start.Kind == StructKind && needs(start, start, nil) {
			n := t.nodeOf(start)
			t.add(n.At(diag.ReferenceCycle, fmt.Sprintf("%s needs itself: its required members lead back to it", start.GoName), "make one of them optional"))
		}
	}
}

// needs reports whether from has a required member that leads to target.
func needs(from, target *Type, seen []*Type) bool {
	for _, f := range from.Fields {
		if !f.Required || f.Type == nil || f.Type.Kind != StructKind || slices.Contains(seen, f.Type) {
			continue
		}
		if f.Type == target || needs(f.Type, target, append(seen, f.Type)) {
			return true
		}
	}
	return false
}

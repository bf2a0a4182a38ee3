package model

import (
	"encoding/json"
	"math"

	"github.com/tributary-search/tributary/gen/load"
)

// draft is the dialect of runtime schemas.
const draft = "https://json-schema.org/draft/2020-12/schema"

// copied are the keywords that mean the same at run time.
var copied = []string{
	"type", "title", "description", "enum", "const", "minLength", "maxLength", "pattern", "format",
	"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
	"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required",
}

// lowered returns the keywords of one node, not of those below it, with the
// bounds of int64 on integers.
func lowered(n *load.Node) *document {
	out := &document{}
	for _, key := range copied {
		if v := n.Get(key); v != nil {
			out.set(key, v)
		}
	}
	if holdsIntegers(n.Get("type")) {
		if !out.has("minimum") && !out.has("exclusiveMinimum") {
			out.set("minimum", math.MinInt64)
		}
		if !out.has("maximum") && !out.has("exclusiveMaximum") {
			out.set("maximum", math.MaxInt64)
		}
	}
	return out
}

func holdsIntegers(t *load.Node) bool {
	if t == nil {
		return false
	}
	if t.Text == "integer" {
		return true
	}
	for _, item := range t.Items {
		if item.Text == "integer" {
			return true
		}
	}
	return false
}

// rulesLowering makes the schema of advanced rules: references are resolved,
// and only definitions that contain themselves stay definitions.
type rulesLowering struct {
	defs     *load.Node
	circular *document
}

func lowerRules(root, n *load.Node) json.RawMessage {
	l := &rulesLowering{defs: root.Get("$defs"), circular: &document{}}
	out := (&document{}).set("$schema", draft).join(l.node(n))
	if len(l.circular.list) > 0 {
		out.set("$defs", l.circular)
	}
	return out.encode()
}

func (l *rulesLowering) node(n *load.Node) *document {
	if ref := n.Get("$ref"); ref != nil {
		return l.reference(n, ref.Text[len("#/$defs/"):])
	}
	out := lowered(n)
	if properties := n.Get("properties"); properties != nil {
		all := &document{}
		for _, m := range properties.Members {
			all.set(m.Key, l.node(m.Value))
		}
		out.set("properties", all)
	}
	if items := n.Get("items"); items != nil {
		out.set("items", l.node(items))
	}
	switch more := n.Get("additionalProperties"); {
	case more != nil && more.Kind == load.Object:
		out.set("additionalProperties", l.node(more))
	case more != nil:
		out.set("additionalProperties", more)
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if union := n.Get(key); union != nil {
			list := make([]any, len(union.Items))
			for i, item := range union.Items {
				list[i] = l.node(item)
			}
			out.set(key, list)
		}
	}
	return out
}

func (l *rulesLowering) reference(n *load.Node, name string) *document {
	target := l.defs.Get(name)
	out := (&document{}).set("$ref", "#/$defs/"+name)
	if !l.reaches(target, target, map[*load.Node]bool{}) {
		out = l.node(target)
	} else if !l.circular.has(name) {
		l.circular.set(name, true) // ends the recursion
		l.circular.set(name, l.node(target))
	}
	for _, key := range []string{"title", "description"} {
		if text := n.Str(key); text != "" {
			out.set(key, text)
		}
	}
	return out
}

// reaches reports whether a definition contains a reference to target.
func (l *rulesLowering) reaches(from, target *load.Node, seen map[*load.Node]bool) bool {
	if ref := from.Str("$ref"); ref != "" {
		next := l.defs.Get(ref[len("#/$defs/"):])
		if next == target {
			return true
		}
		if seen[next] {
			return false
		}
		seen[next] = true
		return l.reaches(next, target, seen)
	}
	for _, child := range children(from) {
		if l.reaches(child, target, seen) {
			return true
		}
	}
	return false
}

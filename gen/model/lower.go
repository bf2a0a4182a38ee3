package model

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/schema"
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

// Accepts reports whether a text or number meets the type and constraints of a
// node of the dialect.
func Accepts(n, value *load.Node) bool {
	compiled, err := schema.Compile(lowered(n).set("$schema", draft).encode())
	return err == nil && len(compiled.Check(appendNode(nil, value))) == 0
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
// and only definitions that are used more than once, or contain themselves,
// stay definitions.
type rulesLowering struct {
	defs *load.Node
	uses map[string]int // how often each definition is referred to
	kept *document
}

func lowerRules(root, n *load.Node) json.RawMessage {
	l := &rulesLowering{defs: root.Get("$defs"), uses: map[string]int{}, kept: &document{}}
	l.count(n)
	out := (&document{}).set("$schema", draft).join(l.node(n))
	if len(l.kept.list) > 0 {
		out.set("$defs", l.kept)
	}
	return out.encode()
}

// defName returns the name of the definition that a node refers to, or "".
func defName(n *load.Node) string {
	return strings.TrimPrefix(n.Str("$ref"), "#/$defs/")
}

// count counts the references below a node. A definition that contains itself
// is referred to from outside and from within, so at least twice.
func (l *rulesLowering) count(n *load.Node) {
	if name := defName(n); name != "" {
		if l.uses[name]++; l.uses[name] == 1 {
			l.count(l.defs.Get(name))
		}
		return
	}
	for _, child := range children(n) {
		l.count(child)
	}
}

func (l *rulesLowering) node(n *load.Node) *document {
	if name := defName(n); name != "" {
		return l.reference(n, name)
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
	out := (&document{}).set("$ref", "#/$defs/"+name)
	switch {
	case l.uses[name] == 1:
		out = l.node(l.defs.Get(name))
	case !l.kept.has(name):
		l.kept.set(name, true) // ends the recursion
		l.kept.set(name, l.node(l.defs.Get(name)))
	}
	for _, key := range []string{"title", "description"} {
		if text := n.Str(key); text != "" {
			out.set(key, text)
		}
	}
	return out
}

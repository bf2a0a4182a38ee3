package model

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/connector"
)

// draft is the dialect of runtime schemas.
const draft = "https://json-schema.org/draft/2020-12/schema"

// appendNode writes a value as JSON without blanks.
func appendNode(dst []byte, n *load.Node) []byte {
	switch n.Kind {
	case load.Object:
		dst = append(dst, '{')
		for i, m := range n.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(connector.AppendString(dst, m.Key), ':')
			dst = appendNode(dst, m.Value)
		}
		return append(dst, '}')
	case load.Array:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendNode(dst, item)
		}
		return append(dst, ']')
	case load.String:
		return connector.AppendString(dst, n.Text)
	case load.Null:
		return append(dst, "null"...)
	}
	return append(dst, n.Text...)
}

// encode returns a schema as JSON: keys in alphabetical order, no HTML
// escapes.
func encode(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil // maps of texts, numbers and nodes always encode
	}
	return text
}

// members is a schema under construction.
type members = map[string]any

// copied are the keywords that mean the same at run time.
var copied = []string{
	"type", "title", "description", "enum", "const", "minLength", "maxLength", "pattern", "format",
	"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
	"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required",
}

// lowered returns the keywords of one node, not of those below it, with the
// bounds of int64 on integers.
func lowered(n *load.Node) members {
	out := members{}
	for _, key := range copied {
		if v := n.Get(key); v != nil {
			out[key] = json.RawMessage(appendNode(nil, v))
		}
	}
	if holdsIntegers(n.Get("type")) {
		if out["minimum"] == nil && out["exclusiveMinimum"] == nil {
			out["minimum"] = json.Number(strconv.Itoa(math.MinInt64))
		}
		if out["maximum"] == nil && out["exclusiveMaximum"] == nil {
			out["maximum"] = json.Number(strconv.Itoa(math.MaxInt64))
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
	circular members
}

func lowerRules(root, n *load.Node) json.RawMessage {
	l := &rulesLowering{defs: root.Get("$defs"), circular: members{}}
	out := l.node(n)
	out["$schema"] = draft
	if len(l.circular) > 0 {
		out["$defs"] = l.circular
	}
	return encode(out)
}

func (l *rulesLowering) node(n *load.Node) members {
	if ref := n.Get("$ref"); ref != nil {
		return l.reference(n, ref.Text[len("#/$defs/"):])
	}
	out := lowered(n)
	if properties := n.Get("properties"); properties != nil {
		all := members{}
		for _, m := range properties.Members {
			all[m.Key] = l.node(m.Value)
		}
		out["properties"] = all
	}
	if items := n.Get("items"); items != nil {
		out["items"] = l.node(items)
	}
	switch more := n.Get("additionalProperties"); {
	case more != nil && more.Kind == load.Object:
		out["additionalProperties"] = l.node(more)
	case more != nil:
		out["additionalProperties"] = more.Text == "true"
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if union := n.Get(key); union != nil {
			list := make([]any, len(union.Items))
			for i, item := range union.Items {
				list[i] = l.node(item)
			}
			out[key] = list
		}
	}
	return out
}

func (l *rulesLowering) reference(n *load.Node, name string) members {
	target := l.defs.Get(name)
	out := members{"$ref": "#/$defs/" + name}
	if !l.reaches(target, target, map[*load.Node]bool{}) {
		out = l.node(target)
	} else if _, done := l.circular[name]; !done {
		l.circular[name] = nil // ends the recursion
		l.circular[name] = l.node(target)
	}
	for _, key := range []string{"title", "description"} {
		if text := n.Str(key); text != "" {
			out[key] = text
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

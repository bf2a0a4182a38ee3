package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/schema"
)

// ruleTypes are the types of nodes in advanced rules.
var ruleTypes = []string{"object", "array", "string", "integer", "number", "boolean"}

// ruleType returns the type of a node of advanced rules, or "" when it has
// none or several, and reports what can't be a type.
func (c *checker) ruleType(n *load.Node) string {
	t := n.Get("type")
	if t == nil {
		return ""
	}
	if t.Kind == load.Array {
		c.union(t)
		return ""
	}
	c.fieldType(n, ruleTypes...)
	return n.Str("type")
}

// typeless reports a node without a type that needs one.
func (c *checker) typeless(n *load.Node, in scope) {
	for _, key := range []string{"type", "$ref", "anyOf", "oneOf", "const"} {
		if n.Get(key) != nil {
			return
		}
	}
	if in == inUnion && onlyRequired(n) {
		return
	}
	c.add(n.At(diag.Missing, `"type" is missing`, "one of "+strings.Join(ruleTypes, ", ")))
}

// onlyRequired reports whether a branch of a union says nothing but which
// members it needs.
func onlyRequired(n *load.Node) bool {
	return len(n.Members) > 0 && !slices.ContainsFunc(n.Members, func(m load.Member) bool {
		return m.Key != "required" && m.Key != "description" && m.Key != "$comment"
	})
}

// union checks a list of types: one type or null, or an object or a list.
func (c *checker) union(t *load.Node) {
	var types []string
	for _, item := range t.Items {
		types = append(types, item.Text)
	}
	slices.Sort(types)
	allowed := len(types) == 2 && types[0] != types[1] &&
		(slices.Contains(types, "null") || slices.Equal(types, []string{"array", "object"}))
	for _, name := range types {
		allowed = allowed && (name == "null" || slices.Contains(ruleTypes, name))
	}
	if !allowed {
		c.add(t.At(diag.BadValue, `a list of types is [TYPE, "null"] or ["array", "object"]`, `use "anyOf" for other unions`))
	}
}

// node checks every keyword of one object and reports those that are missing.
func (c *checker) node(n *load.Node, in scope, nodeType string) {
	var meant []string // keywords that were probably meant by unknown ones
	for i := range n.Members {
		meant = append(meant, c.keyword(n, &n.Members[i], in, nodeType))
	}
	for i := range keywords {
		k := &keywords[i]
		if !k.must || !slices.Contains(k.scopes, in) || n.Get(k.name) != nil || slices.Contains(meant, k.name) {
			continue
		}
		if k.types != "" && (nodeType == "" || !k.applies(nodeType)) {
			continue
		}
		c.add(n.At(diag.Missing, fmt.Sprintf("%q is missing", k.name), missingHint(k, in)))
	}
}

func missingHint(k *keyword, in scope) string {
	switch {
	case k.name == "additionalProperties":
		return `write "additionalProperties": false`
	case k.name != "type":
		return fmt.Sprintf("it is %s", k.form)
	case in == inField:
		return "one of string, integer, number, boolean, array"
	case in == inItem:
		return "string or integer"
	}
	return `write "type": "object"`
}

// keyword checks one keyword. It returns the one that was probably meant by
// an unknown one, or "".
func (c *checker) keyword(n *load.Node, m *load.Member, in scope, nodeType string) string {
	k, elsewhere := find(m.Key, in, nodeType)
	refused, known := unsupported[m.Key]
	switch {
	case k != nil:
		c.form(m, k)
	case known && !mismatch(elsewhere, in):
		c.add(m.At(diag.Unsupported, fmt.Sprintf("%q is not supported in %s: %s", m.Key, in, refused.reason), refused.instead))
	case mismatch(elsewhere, in):
		message := fmt.Sprintf("%q does not apply to %s (only to %s)", m.Key, article(nodeType), onlyTypes(elsewhere, in))
		c.add(m.At(diag.NotHere, message, "remove it, or change the type"))
	case elsewhere != nil:
		c.add(m.At(diag.NotHere, fmt.Sprintf("%q does not belong in %s", m.Key, in), belongs(elsewhere)))
	default:
		return c.unknown(n, m, in, nodeType)
	}
	return ""
}

func (c *checker) unknown(n *load.Node, m *load.Member, in scope, nodeType string) string {
	message := fmt.Sprintf("unknown keyword %q in %s", m.Key, in)
	if nodeType != "" && in != inRule {
		message = fmt.Sprintf("unknown keyword %q on %s", m.Key, article(nodeType))
	}
	known := names(in, nodeType)
	meant := schema.Suggest(m.Key, known)
	hint := suggestion(meant)
	if meant == "" {
		hint = "known are " + strings.Join(known, ", ")
	}
	c.add(m.At(diag.Unknown, message, hint))
	if meant != "" && n.Get(meant) == nil {
		m.Key = meant // so that one mistake is one problem
	}
	return meant
}

// mismatch reports whether a keyword fits the scope but not the node's type.
func mismatch(candidates []*keyword, in scope) bool {
	return slices.ContainsFunc(candidates, func(k *keyword) bool { return slices.Contains(k.scopes, in) })
}

func onlyTypes(candidates []*keyword, in scope) string {
	var list []string
	for _, k := range candidates {
		if slices.Contains(k.scopes, in) {
			for _, t := range strings.Fields(k.types) {
				list = append(list, article(t))
			}
		}
	}
	return strings.Join(list, " and ")
}

func belongs(candidates []*keyword) string {
	var list []string
	for _, k := range candidates {
		for _, s := range k.scopes {
			if s != inUnion && !slices.Contains(list, string(s)) {
				list = append(list, string(s))
			}
		}
	}
	return "it belongs in " + strings.Join(list, " or ")
}

// article returns a type with its article.
func article(nodeType string) string {
	switch nodeType {
	case "":
		return "a node of several types"
	case "integer", "object", "array":
		return "an " + nodeType
	}
	return "a " + nodeType
}

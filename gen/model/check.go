package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// checker walks a tree and reports keywords that can't stand where they stand.
type checker struct {
	problems diag.List
}

func (c *checker) add(d diag.Diagnostic) { c.problems = append(c.problems, d) }

func (c *checker) declaration(root *load.Node) {
	if !c.isObject(root, "a declaration") {
		return
	}
	c.node(root, inDeclaration, "")
	c.definitions(root)
	c.config(root.Get("config"))
	if rules := root.Get("advanced_rules"); rules != nil && rules.Kind == load.Object {
		c.rule(rules, inRule)
	}
}

func (c *checker) shared(root *load.Node) {
	if !c.isObject(root, "a shared block") {
		return
	}
	c.node(root, inShared, "")
	c.objectType(root)
	c.fields(root.Get("properties"))
	c.each(root.Get("$defs"), func(m *load.Member) { c.field(m.Value) })
}

var defNames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)

// definitions checks $defs. Which of them are fields and which are rules is
// seen from what refers to them.
func (c *checker) definitions(root *load.Node) {
	inFields := map[string]bool{}
	c.each(root.Get("config").Get("properties"), func(m *load.Member) {
		if name, ok := strings.CutPrefix(m.Value.Str("$ref"), "#/$defs/"); ok {
			inFields[name] = true
		}
	})
	c.each(root.Get("$defs"), func(m *load.Member) {
		if !defNames.MatchString(m.Key) {
			c.add(m.At(diag.GoName, fmt.Sprintf("the definition %q has no plain name", shorten(m.Key)), "use letters, digits and _, starting with a letter"))
		}
		if inFields[m.Key] {
			c.field(m.Value)
			return
		}
		c.rule(m.Value, inRule)
	})
}

func (c *checker) config(n *load.Node) {
	if n == nil || n.Kind != load.Object {
		return
	}
	c.node(n, inConfig, "")
	c.objectType(n)
	c.fields(n.Get("properties"))
	if blocks := n.Get("allOf"); blocks != nil {
		c.blocks(blocks)
	}
}

func (c *checker) objectType(n *load.Node) {
	if t := n.Get("type"); t != nil && t.Kind == load.String && t.Text != "object" {
		c.add(t.At(diag.BadValue, fmt.Sprintf(`"type" must be "object" here, not %s`, quoted(t)), ""))
	}
}

func (c *checker) blocks(list *load.Node) {
	for _, item := range list.Items {
		if item.Kind != load.Object || len(item.Members) != 1 || item.Str("$ref") == "" {
			c.add(item.At(diag.Unsupported, `"allOf" takes shared blocks only`, `write {"$ref": "../../schemas/shared/NAME.json"}`))
		}
	}
}

func (c *checker) fields(properties *load.Node) {
	c.each(properties, func(m *load.Member) { c.field(m.Value) })
}

func (c *checker) field(n *load.Node) {
	if !c.isObject(n, "a field") {
		return
	}
	if n.Get("$ref") != nil {
		c.node(n, inReference, "")
		c.ui(n.Get("x-ui"))
		return
	}
	c.fieldType(n, "string", "integer", "number", "boolean", "array")
	c.node(n, inField, n.Str("type"))
	c.ui(n.Get("x-ui"))
	if items := n.Get("items"); items != nil && items.Kind == load.Object && n.Str("type") == "array" {
		c.fieldType(items, "string", "integer")
		c.node(items, inItem, items.Str("type"))
	}
}

func (c *checker) fieldType(n *load.Node, allowed ...string) {
	t := n.Get("type")
	if t == nil || t.Kind != load.String || t.Text == "" || slices.Contains(allowed, t.Text) {
		return
	}
	hint := didYouMean(t.Text, allowed)
	if hint == "" {
		hint = "one of " + strings.Join(allowed, ", ")
	}
	c.add(t.At(diag.BadValue, fmt.Sprintf(`"type" can't be %s here`, quoted(t)), hint))
}

func (c *checker) ui(n *load.Node) {
	if n != nil && n.Kind == load.Object {
		c.node(n, inUI, "")
	}
}

func (c *checker) rule(n *load.Node, in scope) {
	if !c.isObject(n, "a schema") {
		return
	}
	c.node(n, in, c.ruleType(n))
	c.typeless(n, in)
	if ref := n.Get("$ref"); ref != nil {
		c.alone(n)
	}
	c.each(n.Get("properties"), func(m *load.Member) { c.rule(m.Value, in) })
	if items := n.Get("items"); items != nil && items.Kind == load.Object {
		c.rule(items, in)
	}
	if more := n.Get("additionalProperties"); more != nil && more.Kind == load.Object {
		c.rule(more, in)
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if union := n.Get(key); union != nil && union.Kind == load.Array {
			for _, item := range union.Items {
				c.rule(item, inUnion)
			}
		}
	}
}

// alone reports constraints beside a $ref, which draft-07 ignores and later
// drafts apply.
func (c *checker) alone(n *load.Node) {
	for i := range n.Members {
		m := &n.Members[i]
		if !slices.Contains([]string{"$ref", "title", "description", "$comment", "x-go-name"}, m.Key) {
			c.add(m.At(diag.NotHere, fmt.Sprintf("%q can't stand beside \"$ref\"", m.Key), "move it to where $ref leads"))
		}
	}
}

func (c *checker) each(n *load.Node, do func(*load.Member)) {
	if n == nil || n.Kind != load.Object {
		return
	}
	for i := range n.Members {
		do(&n.Members[i])
	}
}

func (c *checker) isObject(n *load.Node, what string) bool {
	if n.Kind == load.Object {
		return true
	}
	c.add(n.At(diag.BadValue, fmt.Sprintf("%s is an object, not %s", what, quoted(n)), ""))
	return false
}

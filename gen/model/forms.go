package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// form reports a value that its keyword does not take.
func (c *checker) form(m *load.Member, k *keyword) {
	v := m.Value
	if fits(v, k.form) {
		return
	}
	hint := ""
	if k.name == "additionalProperties" && k.form == falseOnly {
		hint = "a configuration has the fields that it declares and no others"
	}
	if k.name == "type" && v.Kind == load.Array {
		hint = "a field has exactly one type"
	}
	if _, ok := v.Rat(); v.Kind == load.Number && !ok {
		hint = "its exponent is beyond what a number can have"
	}
	c.add(v.At(diag.BadValue, fmt.Sprintf("%q must be %s, not %s", m.Key, k.form, quoted(v)), hint))
}

func fits(v *load.Node, f form) bool {
	switch f {
	case anyValue:
		return true
	case text, typeName:
		return isText(v)
	case typeNames:
		return isText(v) || v.Kind == load.Array
	case texts:
		return v.Kind == load.Array && !slices.ContainsFunc(v.Items, func(n *load.Node) bool { return !isText(n) })
	case boolean:
		return v.Kind == load.Boolean
	case list:
		return v.Kind == load.Array && len(v.Items) > 0
	case object:
		return v.Kind == load.Object
	case falseOnly:
		return v.Kind == load.Boolean && v.Text == "false"
	case openOrNode:
		return v.Kind == load.Boolean || v.Kind == load.Object
	}
	return fitsNumber(v, f)
}

func fitsNumber(v *load.Node, f form) bool {
	r, ok := v.Rat()
	switch f {
	case number:
		return ok
	case integer:
		return ok && r.IsInt()
	case count:
		return ok && r.IsInt() && r.Sign() >= 0 && r.Num().IsInt64() && r.Num().Int64() <= 1<<31
	case positive:
		return ok && r.IsInt() && r.Sign() > 0
	}
	return false
}

func isText(v *load.Node) bool { return v.Kind == load.String && strings.TrimSpace(v.Text) != "" }

// quoted returns a value as a message shows it.
func quoted(v *load.Node) string {
	switch v.Kind {
	case load.String:
		return "the string " + strconv.Quote(shorten(v.Text))
	case load.Number:
		return "the number " + shorten(v.Text)
	case load.Boolean:
		return v.Text
	case load.Array:
		if len(v.Items) == 0 {
			return "an empty list"
		}
		return "a list"
	case load.Object:
		return "an object"
	}
	return "null"
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// describe adds the violations of one broken keyword.
func (x *explainer) describe(b broken) {
	value, rule := at(x.input, b.pointer), x.keyword(b)
	v := Violation{Keyword: b.keyword, Schema: b.schema + "/" + b.keyword}
	offset := 0
	if value != nil {
		offset = value.offset
	}
	switch {
	case b.isName:
		v.Keyword = "propertyNames"
		x.add(b.pointer, offset, v, "this name is not allowed")
	case b.keyword == "required" && value != nil:
		x.missing(b, v, value, rule)
	case b.keyword == "additionalProperties" && value != nil && value.kind == objectNode:
		x.unknownNames(b, v, value)
	default:
		x.add(b.pointer, offset, v, message(b, value, rule))
	}
}

// missing adds one violation for every property that is not there.
func (x *explainer) missing(b broken, v Violation, value, rule *node) {
	for _, item := range children(rule) {
		if value.get(item.text) == nil {
			v.Name = item.text
			x.add(b.pointer, value.offset, v, fmt.Sprintf("%q is missing", item.text))
		}
	}
}

// unknownNames adds one violation for every property that the schema does not
// name.
func (x *explainer) unknownNames(b broken, v Violation, value *node) {
	var known []string
	if s := at(x.schema, b.schema); s != nil {
		if properties := s.get("properties"); properties != nil {
			for _, m := range properties.members {
				known = append(known, m.name)
			}
		}
	}
	for _, m := range value.members {
		if slices.Contains(known, m.name) {
			continue
		}
		text := fmt.Sprintf("unknown field %q", shortened(m.name))
		if hint := DidYouMean(m.name, known); hint != "" {
			text += hint
		} else if len(known) > 0 {
			text += "; known are " + strings.Join(known, ", ")
		}
		v.Name = m.name
		x.add(b.pointer+"/"+escapePointer(m.name), m.offset, v, text)
	}
}

func children(n *node) []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// message says what a value must be, from the keyword and its value alone.
func message(b broken, value, rule *node) string {
	if rule == nil || rule.kind == boolNode && !rule.truth {
		return "is not allowed here"
	}
	switch b.keyword {
	case "type":
		return "must be " + typeNames(b, rule) + ", not " + kindOf(value)
	case "enum", "const":
		return enumMessage(b, value, rule)
	case "minimum":
		return "must be at least " + rule.text
	case "maximum":
		return "must be at most " + rule.text
	case "exclusiveMinimum":
		return "must be greater than " + rule.text
	case "exclusiveMaximum":
		return "must be less than " + rule.text
	case "multipleOf":
		return "must be a multiple of " + rule.text
	case "pattern":
		return "must match the pattern " + rule.text
	case "format":
		if f, ok := formatOf(rule.text); ok {
			return "must be " + f.what
		}
		return "must be of the format " + rule.text
	}
	return sizeMessage(b.keyword, rule)
}

func sizeMessage(keyword string, rule *node) string {
	n, ok := exactInt(rule.text)
	switch keyword {
	case "minLength", "minItems", "minProperties":
		if ok && n == 1 {
			return "must not be empty"
		}
	}
	nouns := map[string]string{"Length": "character", "Items": "item", "Properties": "field"}
	for suffix, noun := range nouns {
		switch keyword {
		case "min" + suffix:
			return "must have at least " + count(int(n), noun)
		case "max" + suffix:
			return "must have at most " + count(int(n), noun)
		}
	}
	switch keyword {
	case "uniqueItems":
		return "must not hold the same item twice"
	case "contains", "maxContains":
		return "does not hold the right number of the items it must hold"
	case "oneOf":
		return "fits more than one of the allowed shapes; leave out what belongs to the other"
	case "not":
		return "has a shape that is excluded"
	}
	return "breaks the rule " + keyword
}

func kindOf(n *node) string {
	if n == nil {
		return "nothing"
	}
	return string(n.kind)
}

// typeNames names the allowed types, those of combined branches as well.
func typeNames(b broken, rule *node) string {
	rules := b.combined
	if rules == nil {
		rules = []*node{rule}
	}
	var names []string
	for _, r := range rules {
		list := children(r)
		if r != nil && r.kind == textNode {
			list = []*node{r}
		}
		for _, t := range list {
			if name := typeName(t.text); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, " or ")
}

func typeName(t string) string {
	switch t {
	case "object":
		return "an object"
	case "array":
		return "a list"
	case "string":
		return "text"
	case "integer":
		return "an integer"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	}
	return t
}

func enumMessage(b broken, value, rule *node) string {
	list := children(rule)
	if b.keyword == "const" {
		list = []*node{rule}
	}
	values, known := make([]any, 0, len(list)), make([]string, 0, len(list))
	for _, item := range list {
		if item.kind == textNode {
			values, known = append(values, item.text), append(known, item.text)
		} else {
			values = append(values, rawText{literal(item)})
		}
	}
	text := oneOf(values)
	if value != nil && value.kind == textNode {
		text += DidYouMean(value.text, known)
	}
	return text
}

// rawText prints as it is, without quotes.
type rawText struct{ text string }

func (r rawText) String() string { return r.text }

func literal(n *node) string {
	switch n.kind {
	case numberNode:
		return n.text
	case boolNode:
		return strconv.FormatBool(n.truth)
	}
	return string(n.kind)
}

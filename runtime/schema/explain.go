package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tributary-search/tributary/runtime/connector"
)

func addResource(c *jsonschema.Compiler, root *node) error {
	// The library reads the text itself; plain keeps numbers as written.
	x := &explainer{}
	value := x.plain(root, "")
	if len(x.found) > 0 {
		return x.sorted(nil)[0].Problems()
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return c.AddResource(location, bytes.NewReader(encoded))
}

// Problems returns the violation as an error.
func (v Violation) Problems() connector.Problems { return connector.Problems{v.Problem} }

// explainer turns the library's tree of errors into violations in our words.
// It goes by keyword and schema, never by the library's texts.
type explainer struct {
	schema, input *node
	found         []Violation
}

func (x *explainer) add(pointer string, offset int, v Violation, message string) {
	v.Pointer, v.Message, v.Offset = pointer, message, offset
	x.found = append(x.found, v)
}

// explain adds the violations below one error of the library.
func (x *explainer) explain(e *jsonschema.ValidationError) {
	for _, leaf := range x.leaves(e) {
		x.describe(leaf)
	}
}

// broken is one keyword that one value breaks.
type broken struct {
	keyword  string
	schema   string // pointer to the schema that holds the keyword
	pointer  string // to the value
	isName   bool   // the value is the name of a property
	isBranch bool   // the keyword is one that holds several schemas
	combined []*node
}

// leaves walks to the errors that say something. Of the branches of anyOf and
// oneOf it keeps the one that the author most likely meant.
func (x *explainer) leaves(e *jsonschema.ValidationError) []broken {
	b := brokenOf(e)
	// An error without a text of its own only holds several others together.
	if e.Message != "" {
		switch {
		case b.keyword == "minContains": // may follow from contains alone
			b.keyword = "contains"
			return []broken{b}
		case len(e.Causes) == 0:
			return []broken{b}
		case !b.isBranch && (b.keyword == "anyOf" || b.keyword == "oneOf"):
			return x.branch(b, e.Causes)
		}
	}
	var all []broken
	for _, cause := range e.Causes {
		all = append(all, x.leaves(cause)...)
	}
	return all
}

func brokenOf(e *jsonschema.ValidationError) broken {
	_, fragment, _ := strings.Cut(e.AbsoluteKeywordLocation, "#")
	path := unescapePointer(fragment)
	b := broken{
		pointer: pointerOf(unescapePointer(e.InstanceLocation)),
		isName:  strings.Contains(e.KeywordLocation, "/propertyNames"),
	}
	if n := len(path); n > 1 && isIndex(path[n-1]) {
		path, b.isBranch = path[:n-1], true // such as anyOf/0
	}
	if n := len(path); n > 0 {
		b.keyword, b.schema = path[n-1], pointerOf(path[:n-1])
	}
	return b
}

func isIndex(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func pointerOf(path []string) string {
	return strings.Join(append([]string{""}, escaped(path)...), "/")
}

func escaped(path []string) []string {
	out := make([]string, len(path))
	for i, p := range path {
		out[i] = escapePointer(p)
	}
	return out
}

// unescapePointer splits a pointer as the library writes it, in which names
// are percent-encoded as well.
func unescapePointer(p string) []string {
	if p = strings.TrimPrefix(p, "/"); p == "" {
		return nil
	}
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		parts[i] = unescapeName(part)
	}
	return parts
}

func unescapeName(part string) string {
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}

// branch returns the violations of the branch with the fewest signs of not
// being meant. Branches for values of another type count as one: what types
// are allowed.
func (x *explainer) branch(union broken, causes []*jsonschema.ValidationError) []broken {
	var best []broken
	var types []*node
	least, onlyTypes := -1, true
	for _, cause := range causes {
		leaves := x.leaves(cause)
		cost := 0
		for _, b := range leaves {
			cost += b.cost(union.pointer)
		}
		if len(leaves) == 1 && leaves[0].keyword == "type" && leaves[0].pointer == union.pointer {
			types = append(types, x.keyword(leaves[0]))
			if leaves[0].combined != nil {
				types = append(types[:len(types)-1], leaves[0].combined...)
			}
		} else {
			onlyTypes = false
		}
		if least < 0 || cost < least {
			best, least = leaves, cost
		}
	}
	if onlyTypes {
		best[0].combined = types
		return best[:1]
	}
	return best
}

// cost says how much a violation speaks against its branch.
func (b broken) cost(union string) int {
	switch {
	case b.keyword == "type" && b.pointer == union:
		return 1000
	case b.keyword == "const":
		return 100
	case b.keyword == "enum":
		return 10
	}
	return 3
}

// keyword returns the value of the broken keyword in the schema.
func (x *explainer) keyword(b broken) *node {
	if s := at(x.schema, b.schema); s != nil && s.kind == objectNode {
		return s.get(b.keyword)
	}
	return nil
}

// at follows a pointer; nil when it leads nowhere.
func at(n *node, pointer string) *node {
	if pointer == "" {
		return n
	}
	for part := range strings.SplitSeq(pointer[1:], "/") {
		if n == nil {
			return nil
		}
		if n.kind == listNode {
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
			continue
		}
		n = n.get(unescapeName(part))
	}
	return n
}

// sorted returns the violations in the order of their places, each once.
func (x *explainer) sorted(raw []byte) []Violation {
	slices.SortStableFunc(x.found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Pointer, b.Pointer),
			cmp.Compare(a.Keyword, b.Keyword), cmp.Compare(a.Message, b.Message))
	})
	x.found = slices.CompactFunc(x.found, func(a, b Violation) bool {
		return a.Pointer == b.Pointer && a.Message == b.Message
	})
	if raw != nil {
		p := placer{raw: raw, line: 1, column: 1}
		for i := range x.found {
			v := &x.found[i]
			v.Line, v.Column = p.place(v.Offset)
		}
	}
	return x.found
}

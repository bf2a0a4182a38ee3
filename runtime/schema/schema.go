package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tributary-search/tributary/runtime/connector"
)

// location is the address of a schema in this process; nothing is loaded.
const location = "embed:///schema.json"

// Schema checks JSON by a JSON Schema. Its methods are safe for concurrent
// use.
type Schema struct {
	text    string
	root    *node
	compile func() (*jsonschema.Schema, error)
}

// New makes a schema from its text (2020-12 unless it says otherwise). It is
// compiled at the first check; a text that does not compile is the problem of
// every check.
func New(text string) *Schema {
	root, err := parse([]byte(text))
	if err != nil {
		return &Schema{text: text, compile: func() (*jsonschema.Schema, error) { return nil, fmt.Errorf("schema: %w", err) }}
	}
	return &Schema{text: text, root: root, compile: sync.OnceValues(func() (*jsonschema.Schema, error) {
		return compile(root)
	})}
}

// Compile makes a schema and reports whether its text is one.
func Compile(text []byte) (*Schema, error) {
	s := New(string(text))
	if _, err := s.compile(); err != nil {
		return nil, err
	}
	return s, nil
}

func compile(root *node) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.Draft, c.AssertFormat = jsonschema.Draft2020, true
	c.LoadURL = func(address string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("schema %s: only references within the schema are followed", address)
	}
	for _, f := range formats {
		c.Formats[f.name] = func(v any) bool {
			text, ok := v.(string)
			return !ok || f.ok(text)
		}
	}
	if err := addResource(c, root); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s, err := c.Compile(location)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return s, nil
}

// Text returns the schema itself.
func (s *Schema) Text() json.RawMessage { return json.RawMessage(s.text) }

// CheckRules is [Schema.Check] for advanced rules: an empty document has no
// rules, whatever the schema says.
func (s *Schema) CheckRules(raw json.RawMessage) connector.Problems {
	if root, err := parse(raw); len(raw) == 0 || err == nil && root.isNothing() {
		return nil
	}
	return s.Check(raw)
}

// Check returns every problem of a JSON text with its place in it, in the
// order of the places.
func (s *Schema) Check(raw json.RawMessage) connector.Problems {
	var problems connector.Problems
	for _, v := range s.Violations(raw) {
		problems = append(problems, connector.Problem{
			Pointer: v.Pointer, Message: v.Message, Line: v.Line, Column: v.Column,
		})
	}
	return problems
}

// Violation is one way in which a text breaks its schema.
type Violation struct {
	connector.Problem
	// Keyword is the schema's keyword; "syntax", "duplicate" and "range" mark
	// texts that are no JSON, keys that stand twice, and numbers too large.
	Keyword string
	// Schema is the place of the keyword in the schema, as a JSON pointer.
	Schema string
	// Name is the property that is missing or unknown.
	Name string
	// Offset is the place in the text in bytes.
	Offset int
}

// Violations is [Schema.Check] with the keywords that were broken.
func (s *Schema) Violations(raw json.RawMessage) []Violation {
	root, err := parse(raw)
	if err != nil {
		p := syntaxProblem(raw, err)[0]
		return []Violation{{Problem: p, Keyword: "syntax"}}
	}
	x := &explainer{schema: s.root, input: root}
	value := x.plain(root, "")
	if len(x.found) > 0 {
		return x.sorted(raw)
	}
	compiled, err := s.compile()
	if err != nil {
		return []Violation{{Problem: connector.Problem{Message: err.Error()}, Keyword: "schema"}}
	}
	err = compiled.Validate(value)
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		x.explain(invalid)
	default:
		x.found = append(x.found, Violation{Problem: connector.Problem{Message: err.Error()}, Keyword: "schema"})
	}
	return x.sorted(raw)
}

// plain turns a parsed text into the values that the library checks, and
// finds what no schema can say: keys that stand twice, numbers too large.
func (x *explainer) plain(n *node, pointer string) any {
	switch n.kind {
	case objectNode:
		m := make(map[string]any, len(n.members))
		for _, member := range n.members {
			at := pointer + "/" + escapePointer(member.name)
			if _, twice := m[member.name]; twice {
				x.add(at, member.offset, Violation{Keyword: "duplicate", Name: member.name}, "is given twice")
			}
			m[member.name] = x.plain(member.value, at)
		}
		return m
	case listNode:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = x.plain(item, pointer+"/"+strconv.Itoa(i))
		}
		return list
	case textNode:
		return n.text
	case numberNode:
		if _, ok := exact(n.text); !ok {
			x.add(pointer, n.offset, Violation{Keyword: "range"}, "is beyond the range of numbers")
		}
		return json.Number(n.text)
	case boolNode:
		return n.truth
	}
	return nil
}

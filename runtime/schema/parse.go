package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep an input may be nested.
const maxDepth = 200

type nodeKind string

// The kinds of JSON values, named as problems name them.
const (
	objectNode nodeKind = "an object"
	listNode   nodeKind = "a list"
	textNode   nodeKind = "text"
	numberNode nodeKind = "a number"
	boolNode   nodeKind = "a boolean"
	nullNode   nodeKind = "null"
)

// node is a JSON value that knows where it stands.
type node struct {
	kind    nodeKind
	offset  int
	end     int    // the offset behind it
	text    string // of text and numbers
	truth   bool
	members []member
	items   []*node
}

type member struct {
	name   string
	offset int
	value  *node
}

// get returns the last member of this name, as encoding/json does; nil when
// there is none.
func (n *node) get(name string) *node {
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}

// twice returns the names that stand more than once in an object, each once.
func (n *node) twice() []string {
	var names []string
	seen := make(map[string]int, len(n.members))
	for _, m := range n.members {
		if seen[m.name]++; seen[m.name] == 2 {
			names = append(names, m.name)
		}
	}
	return names
}

// syntaxError is a text that is no JSON.
type syntaxError struct {
	offset int
	reason string
}

func (e *syntaxError) Error() string { return "not valid JSON: " + e.reason }

// parse reads one JSON value with the positions of everything in it.
func parse(raw []byte) (*node, error) {
	if err := syntax(raw); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	p := &parser{raw: raw, dec: dec}
	return p.value(0)
}

func syntax(raw []byte) error {
	if json.Valid(raw) {
		return nil
	}
	var any json.RawMessage
	err := json.Unmarshal(raw, &any)
	var bad *json.SyntaxError
	if errors.As(err, &bad) {
		return &syntaxError{max(int(bad.Offset)-1, 0), bad.Error()}
	}
	return &syntaxError{0, fmt.Sprint(err)}
}

type parser struct {
	raw []byte
	dec *json.Decoder
}

// next returns the next token and the offset at which it starts.
func (p *parser) next() (json.Token, int, error) {
	at := int(p.dec.InputOffset())
	for at < len(p.raw) && strings.IndexByte(" \t\r\n,:", p.raw[at]) >= 0 {
		at++
	}
	tok, err := p.dec.Token()
	return tok, at, err
}

func (p *parser) value(depth int) (*node, error) {
	tok, at, err := p.next()
	if err != nil {
		return nil, &syntaxError{at, err.Error()}
	}
	if depth > maxDepth {
		return nil, &syntaxError{at, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	n := &node{offset: at}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '{' {
			n.kind, err = objectNode, p.object(n, depth)
		} else {
			n.kind, err = listNode, p.list(n, depth)
		}
	case string:
		n.kind, n.text = textNode, tok
	case json.Number:
		n.kind, n.text = numberNode, tok.String()
	case bool:
		n.kind, n.truth = boolNode, tok
	default:
		n.kind = nullNode
	}
	n.end = int(p.dec.InputOffset())
	return n, err
}

func (p *parser) object(n *node, depth int) error {
	for p.dec.More() {
		tok, at, err := p.next()
		if err != nil {
			return &syntaxError{at, err.Error()}
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		n.members = append(n.members, member{name, at, v})
	}
	_, err := p.dec.Token()
	return err
}

func (p *parser) list(n *node, depth int) error {
	for p.dec.More() {
		v, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, v)
	}
	_, err := p.dec.Token()
	return err
}

// position turns an offset into line and column, both from 1. Columns count
// characters.
func position(raw []byte, offset int) (line, column int) {
	p := placer{raw: raw, line: 1, column: 1}
	return p.place(offset)
}

// placer finds the places of growing offsets in one pass over a text.
type placer struct {
	raw              []byte
	at, line, column int
}

// place returns line and column of an offset, which is no smaller than the
// last one.
func (p *placer) place(offset int) (line, column int) {
	to := min(offset, len(p.raw))
	between := p.raw[p.at:to]
	if last := bytes.LastIndexByte(between, '\n'); last >= 0 {
		p.line += bytes.Count(between, []byte("\n"))
		p.column = 1
		between = between[last+1:]
	}
	p.column += utf8.RuneCount(between)
	p.at = to
	return p.line, p.column
}

// Package load reads the generator's input: bytes become trees that know the
// line and column of every key and value.
package load

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tributary-search/tributary/gen/diag"
)

// Kind is the JSON type of a [Node].
type Kind string

// The kinds of nodes, as people call them.
const (
	Object  Kind = "object"
	Array   Kind = "list"
	String  Kind = "string"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Null    Kind = "null"
)

// File is a text that was read.
type File struct {
	Name string // slash path relative to the root
	Text []byte

	starts []int // of the lines; filled when a place is first asked for
}

// Node is a JSON value and where it stands.
type Node struct {
	File    *File
	Kind    Kind
	Pointer string // RFC 6901, from the root of the file
	Offset  int    // of the value's first byte
	// Text is the value of a string, the literal of a number or boolean.
	Text    string
	Members []Member // of an object, in the order of the file
	Items   []*Node  // of a list
}

// Member is a key of an object with its value.
type Member struct {
	Key    string
	Offset int // of the key's first byte
	Value  *Node
}

// Get returns the value of a key, or nil.
func (n *Node) Get(key string) *Node {
	if m := n.Member(key); m != nil {
		return m.Value
	}
	return nil
}

// Member returns the member with a key, or nil.
func (n *Node) Member(key string) *Member {
	if n == nil {
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Key == key {
			return &n.Members[i]
		}
	}
	return nil
}

// List returns the items of a list; none for other nodes.
func (n *Node) List() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// Below returns the members of an object; none for other nodes.
func (n *Node) Below() []Member {
	if n == nil {
		return nil
	}
	return n.Members
}

// Str returns the text of a string below key; empty when there is none.
func (n *Node) Str(key string) string {
	if v := n.Get(key); v != nil && v.Kind == String {
		return v.Text
	}
	return ""
}

// True reports whether the value below key is true.
func (n *Node) True(key string) bool {
	v := n.Get(key)
	return v != nil && v.Kind == Boolean && v.Text == "true"
}

// maxExponent keeps 1e999999999 from filling the memory.
const maxExponent = 400

// Rat returns the exact value of a number, unless its exponent is absurd.
func (n *Node) Rat() (*big.Rat, bool) {
	if n == nil || n.Kind != Number {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(n.Text), "e"); ok {
		if e, err := strconv.Atoi(exponent); err != nil || e > maxExponent || e < -maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(n.Text)
}

// At makes a diagnostic at the node's value.
func (n *Node) At(code, message, hint string) diag.Diagnostic {
	return n.File.At(n.Offset, code, message, hint)
}

// At makes a diagnostic at the key.
func (m *Member) At(code, message, hint string) diag.Diagnostic {
	return m.Value.File.At(m.Offset, code, message, hint)
}

// At makes a diagnostic at a byte offset of the file.
func (f *File) At(offset int, code, message, hint string) diag.Diagnostic {
	line, column, text := f.place(offset)
	return diag.Diagnostic{
		Code: code, File: f.Name, Line: line, Column: column,
		Message: message, Hint: hint, Text: text,
	}
}

// Whole makes a diagnostic about the file as such.
func (f *File) Whole(code, message, hint string) diag.Diagnostic {
	return diag.Diagnostic{Code: code, File: f.Name, Message: message, Hint: hint}
}

// LineCol returns the place of a byte offset as line and column from 1.
func (f *File) LineCol(offset int) (line, column int) {
	line, column, _ = f.place(offset)
	return line, column
}

// Offset returns the byte offset of a line and column from 1.
func (f *File) Offset(line, column int) int {
	starts := f.lineStarts()
	if line > len(starts) {
		return len(f.Text)
	}
	at := starts[max(line, 1)-1]
	for ; column > 1 && at < len(f.Text); column-- {
		_, size := utf8.DecodeRune(f.Text[at:])
		at += size
	}
	return at
}

// maxText is how long a line may be to be shown.
const maxText = 10_000

func (f *File) place(offset int) (line, column int, text string) {
	offset = min(max(offset, 0), len(f.Text))
	starts := f.lineStarts()
	line, found := slices.BinarySearch(starts, offset)
	if found {
		line++
	}
	start, end := starts[line-1], len(f.Text)
	if line < len(starts) {
		end = starts[line]
	}
	if end-start <= maxText {
		text = strings.TrimRight(string(f.Text[start:end]), "\r\n")
	}
	return line, utf8.RuneCount(f.Text[start:offset]) + 1, text
}

// lineStarts returns where each line starts.
func (f *File) lineStarts() []int {
	if f.starts == nil {
		f.starts = []int{0}
		for i, c := range f.Text {
			if c == '\n' {
				f.starts = append(f.starts, i+1)
			}
		}
	}
	return f.starts
}

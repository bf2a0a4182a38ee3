package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tributary-search/tributary/gen/diag"
)

// maxProblems is how many repeated keys of one file are reported.
const maxProblems = 100

// The limits of a declaration.
const (
	MaxSize  = 1 << 20
	MaxDepth = 64
)

// JSON reads one JSON value. Keys that repeat are reported and left out; with
// any other problem there is no node.
func JSON(f *File) (*Node, diag.List) {
	if d, bad := unreadable(f); bad {
		return nil, diag.List{d}
	}
	r := &reader{file: f, dec: json.NewDecoder(bytes.NewReader(f.Text))}
	r.dec.UseNumber()
	node, err := r.value("", 0)
	if errors.Is(err, errDepth) {
		message := fmt.Sprintf("nested deeper than %d levels", MaxDepth)
		return nil, diag.List{f.At(r.start, diag.Limit, message, "")}
	}
	if err != nil {
		return nil, diag.List{f.At(r.start, diag.Syntax, err.Error(), "")}
	}
	return node, r.problems
}

// unreadable tells what keeps a file from being JSON at all.
func unreadable(f *File) (diag.Diagnostic, bool) {
	if len(f.Text) > MaxSize {
		return f.Whole(diag.Limit, fmt.Sprintf("the file has %d bytes, more than %d", len(f.Text), MaxSize), ""), true
	}
	if bytes.HasPrefix(f.Text, []byte("\ufeff")) {
		return f.At(0, diag.Syntax, "the file starts with a byte order mark", "save it as UTF-8 without one"), true
	}
	if !utf8.Valid(f.Text) {
		return f.At(invalidUTF8(f.Text), diag.Syntax, "the text is not UTF-8", ""), true
	}
	var raw json.RawMessage
	err := json.Unmarshal(f.Text, &raw)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at := max(int(syntax.Offset)-1, 0)
		if strings.Contains(syntax.Error(), "unexpected end") {
			at = len(bytes.TrimRight(f.Text, " \t\r\n"))
			return f.At(at, diag.Syntax, "the JSON ends too early", "a closing bracket or quote is missing"), true
		}
		return f.At(at, diag.Syntax, syntax.Error(), syntaxHint(f.Text, at)), true
	}
	if err != nil {
		return f.At(0, diag.Syntax, err.Error(), ""), true
	}
	return diag.Diagnostic{}, false
}

func invalidUTF8(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return at
}

// syntaxHint recognises the two usual slips.
func syntaxHint(text []byte, at int) string {
	if at >= len(text) {
		return ""
	}
	before := bytes.TrimRight(text[:at], " \t\r\n")
	switch c := text[at]; {
	case c == '/' || c == '#':
		return `JSON has no comments; use "$comment"`
	case (c == '}' || c == ']') && bytes.HasSuffix(before, []byte(",")):
		return "remove the comma before it"
	case c == '"' && len(before) > 0:
		return "a comma may be missing before it"
	}
	return ""
}

var errDepth = errors.New("nested too deeply")

// reader walks the tokens of a text that is known to be JSON.
type reader struct {
	file     *File
	dec      *json.Decoder
	start    int // of the token read last
	problems diag.List
}

func (r *reader) token() (json.Token, error) {
	at := int(r.dec.InputOffset())
	for at < len(r.file.Text) && strings.IndexByte(" \t\r\n,:", r.file.Text[at]) >= 0 {
		at++
	}
	r.start = at
	return r.dec.Token()
}

func (r *reader) value(pointer string, depth int) (*Node, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &Node{File: r.file, Pointer: pointer, Offset: r.start}
	switch v := token.(type) {
	case string:
		n.Kind, n.Text = String, v
	case json.Number:
		n.Kind, n.Text = Number, v.String()
	case bool:
		n.Kind, n.Text = Boolean, strconv.FormatBool(v)
	case nil:
		n.Kind = Null
	case json.Delim:
		if depth >= MaxDepth {
			return nil, errDepth
		}
		if v == '[' {
			return n, r.list(n, depth)
		}
		return n, r.object(n, depth)
	}
	return n, nil
}

func (r *reader) list(n *Node, depth int) error {
	n.Kind = Array
	for i := 0; r.dec.More(); i++ {
		item, err := r.value(n.Pointer+"/"+strconv.Itoa(i), depth+1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	_, err := r.token()
	return err
}

func (r *reader) object(n *Node, depth int) error {
	n.Kind = Object
	first := map[string]int{}
	for r.dec.More() {
		token, err := r.token()
		if err != nil {
			return err
		}
		key, offset := token.(string), r.start
		value, err := r.value(n.Pointer+"/"+escape(key), depth+1)
		if err != nil {
			return err
		}
		if at, twice := first[key]; twice {
			r.twice(key, offset, at)
			continue
		}
		first[key] = offset
		n.Members = append(n.Members, Member{Key: key, Offset: offset, Value: value})
	}
	_, err := r.token()
	return err
}

func (r *reader) twice(key string, offset, first int) {
	if len(r.problems) == maxProblems {
		return
	}
	line, column := r.file.LineCol(first)
	message := fmt.Sprintf("the key %q stands twice (first at %d:%d)", key, line, column)
	r.problems = append(r.problems, r.file.At(offset, diag.Duplicate, message, "remove or rename one"))
}

// escape makes a key a step of a JSON pointer.
func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// member is a name with its value in an object, as written.
type member struct {
	name  string
	value json.RawMessage
	start int // where the value begins in the object's text
}

// object is the members of a JSON object in the order of the text.
type object []member

// get returns the value of a name, the last one when it is given twice; nil
// when it is missing.
func (o object) get(name string) json.RawMessage {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			return o[i].value
		}
	}
	return nil
}

// set replaces the value of a name, or adds it at the end.
func (o object) set(name string, value json.RawMessage) object {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			o[i].value = value
			return o
		}
	}
	return append(o, member{name: name, value: value})
}

// twice returns the names that are given more than once.
func (o object) twice() (names []string) {
	seen := make(map[string]int, len(o))
	for _, m := range o {
		if seen[m.name]++; seen[m.name] == 2 {
			names = append(names, m.name)
		}
	}
	return names
}

// text is the members in their order, byte for byte as they were read.
func (o object) text() json.RawMessage {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, _ := json.Marshal(m.name) // a text
		b = append(append(append(b, name...), ':'), m.value...)
	}
	return append(b, '}')
}

// parseObject splits one JSON object into its members.
func parseObject(raw []byte) (o object, err error) {
	i, err := enter(raw, '{', "an object")
	if err != nil {
		return nil, err
	}
	for i = separator(raw, i); raw[i] != '}'; i = separator(raw, i) {
		end := skip(raw, i)
		var m member
		if m.name, err = parseText(raw[i:end]); err != nil {
			return nil, err
		}
		m.start = space(raw, space(raw, end)+1)
		i = skip(raw, m.start)
		m.value = raw[m.start:i:i]
		o = append(o, m)
	}
	return o, nil
}

// parseList splits one JSON list into its items.
func parseList(raw []byte) (list []json.RawMessage, err error) {
	i, err := enter(raw, '[', "a list")
	if err != nil {
		return nil, err
	}
	for i = separator(raw, i); raw[i] != ']'; i = separator(raw, i) {
		end := skip(raw, i)
		list = append(list, raw[i:end:end])
		i = end
	}
	return list, nil
}

// enter checks that a text is JSON, and returns the index after its opening
// bracket.
func enter(raw []byte, bracket byte, what string) (int, error) {
	if !json.Valid(raw) {
		var whole json.RawMessage
		if err := json.Unmarshal(raw, &whole); err != nil {
			return 0, err
		}
	}
	i := space(raw, 0)
	if raw[i] != bracket {
		return 0, errors.New("it is not " + what)
	}
	return i + 1, nil
}

// separator returns the index of the next value or closing bracket.
func separator(b []byte, i int) int {
	if i = space(b, i); b[i] == ',' {
		i = space(b, i+1)
	}
	return i
}

// parseText reads a JSON string.
func parseText(raw []byte) (s string, err error) {
	if inside := raw[1 : len(raw)-1]; bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		return string(inside), nil
	}
	err = json.Unmarshal(raw, &s)
	return s, err
}

// missing reports whether a value is absent or null.
func missing(raw json.RawMessage) bool {
	text := bytes.TrimSpace(raw)
	return len(text) == 0 || string(text) == "null"
}

// empty reports whether a value says nothing: absent, null, {}, [] or "".
func empty(raw json.RawMessage) bool {
	if missing(raw) {
		return true
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return false
	}
	switch b.String() {
	case "{}", "[]", `""`:
		return true
	}
	return false
}

// isNumber and isText tell the type of a complete JSON value.
func isNumber(raw []byte) bool { return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' }
func isText(raw []byte) bool   { return raw[0] == '"' }

// describe names a value in a message.
func describe(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	switch {
	case missing(raw):
		return "null"
	case raw[0] == '{':
		return "an object"
	case raw[0] == '[':
		return "a list"
	case isText(raw):
		if s, err := parseText(raw); err == nil {
			return "the text " + quote(s)
		}
	case isNumber(raw):
		return "the number " + shorten(string(raw))
	}
	return shorten(string(raw))
}

// quote puts a text in quotes for a message, and shortens it. Backslashes stay
// as people type them.
func quote(s string) string { return quoteAll(shorten(s)) }

func quoteAll(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return `"` + s + `"`
}

// shorten keeps the first characters of a long text.
func shorten(s string) string { return cut(s, 60) }

// cut keeps at most so many characters of a text.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n == most && utf8.RuneCountInString(s[i:min(len(s), i+2*utf8.UTFMax)]) > 1 {
			return s[:i] + "…"
		}
	}
	return s
}

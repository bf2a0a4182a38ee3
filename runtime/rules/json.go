package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// member is a name with its value in an object, as written.
type member struct {
	name  string
	value json.RawMessage
	at    int64 // offset of the value's end in the object's text
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

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), m.value...)
	}
	return append(b, '}'), nil
}

// parseObject reads one JSON object.
func parseObject(raw []byte) (o object, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := open(dec, '{', "an object"); err != nil {
		return nil, err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		m.at = dec.InputOffset()
		o = append(o, m)
	}
	return o, closed(dec)
}

// parseList reads one JSON list.
func parseList(raw []byte) (list []json.RawMessage, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := open(dec, '[', "a list"); err != nil {
		return nil, err
	}
	for dec.More() {
		var item json.RawMessage
		if err := dec.Decode(&item); err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, closed(dec)
}

func open(dec *json.Decoder, delim json.Delim, what string) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != delim {
		return fmt.Errorf("it is not %s", what)
	}
	return nil
}

func closed(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return err
	}
	switch _, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("there is more after the end")
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
		var s string
		if json.Unmarshal(raw, &s) == nil {
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
func shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// member is a name with its value in an object, as written.
type member struct {
	name  string
	value json.RawMessage
}

// object is the members of a JSON object in the order of the text. Its readers
// take what is missing, null or of another type as zero.
type object []member

var errNoObject = errors.New("no JSON object")

// parseObject reads a text that is an object. Values point into the text.
func parseObject(raw []byte) (object, error) {
	if !json.Valid(raw) {
		return nil, errNoObject
	}
	raw = bytes.TrimSpace(raw)
	if raw[0] != '{' {
		return nil, errNoObject
	}
	return members(raw), nil
}

// get returns the value of a name, the last one when it is given twice; nil
// when it is missing or null.
func (o object) get(name string) json.RawMessage {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			if string(o[i].value) == "null" {
				return nil
			}
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
	return append(o, member{name, value})
}

// object reads an object below.
func (o object) object(name string) object {
	if raw := o.get(name); len(raw) > 0 && raw[0] == '{' {
		return members(raw)
	}
	return nil
}

// text reads a text; a number or a truth value as it is written.
func (o object) text(name string) string {
	raw := o.get(name)
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' {
		return ""
	}
	if raw[0] != '"' {
		return string(raw)
	}
	return unquote(raw)
}

// truth reads true, "true" and 1.
func (o object) truth(name string) bool {
	on, err := strconv.ParseBool(strings.TrimSpace(strings.ToLower(o.text(name))))
	return err == nil && on
}

// number reads a whole number, also out of a text or rounded from a decimal.
func (o object) number(name string) int64 {
	text := strings.TrimSpace(o.text(name))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != f || f >= 1<<63 || f < -1<<63 {
		return 0
	}
	return int64(f)
}

// time reads a point in time.
func (o object) time(name string) time.Time { return parseTime(o.text(name)) }

// json writes the members with their values byte for byte.
func (o object) json() json.RawMessage {
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

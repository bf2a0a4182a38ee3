package protocol

import (
	"bytes"
	"encoding/json"
)

// members splits a valid object.
func members(raw []byte) object {
	o := make(object, 0, 8)
	i := skipSpace(raw, 1)
	for raw[i] != '}' {
		if raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
		end := skipValue(raw, i)
		name := unquote(raw[i:end])
		i = skipSpace(raw, end) // at the colon
		i = skipSpace(raw, i+1) // at the value
		end = skipValue(raw, i) // behind it
		o = append(o, member{name, json.RawMessage(raw[i:end:end])})
		i = skipSpace(raw, end)
	}
	return o
}

func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // the text was checked
	return s
}

func skipSpace(raw []byte, i int) int {
	for raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r' {
		i++
	}
	return i
}

// skipValue returns where the value ends that begins at i.
func skipValue(raw []byte, i int) int {
	switch raw[i] {
	case '"':
		return skipText(raw, i)
	case '{', '[':
		return skipNested(raw, i)
	}
	for i < len(raw) && bytes.IndexByte([]byte(",}] \n\t\r"), raw[i]) < 0 {
		i++
	}
	return i
}

func skipText(raw []byte, i int) int {
	for i++; raw[i] != '"'; i++ {
		if raw[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func skipNested(raw []byte, i int) int {
	depth := 0
	for ; ; i++ {
		switch raw[i] {
		case '"':
			i = skipText(raw, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

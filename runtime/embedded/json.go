package embedded

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The functions of this file walk JSON that json.Valid has accepted; on other input they stop early and never read outside it.

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that starts at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// skipValue returns the index after the value that starts at i.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	return i
}

func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(b)
}

// eachField calls visit for every member of the object. key is still escaped, without its quotes.
func eachField(object []byte, visit func(key, value []byte) error) error {
	i := skipSpace(object, 0)
	if i >= len(object) || object[i] != '{' {
		return nil
	}
	for i++; ; {
		i = skipSpace(object, i)
		if i >= len(object) || object[i] != '"' {
			return nil
		}
		end := skipString(object, i)
		key := object[i+1 : max(i+1, end-1)]
		i = skipSpace(object, end)
		if i >= len(object) || object[i] != ':' {
			return nil
		}
		i = skipSpace(object, i+1)
		end = skipValue(object, i)
		if err := visit(key, object[i:end]); err != nil {
			return err
		}
		i = skipSpace(object, end)
		if i >= len(object) || object[i] != ',' {
			return nil
		}
		i++
	}
}

// eachElement calls visit for every element of the array.
func eachElement(array []byte, visit func(value []byte) error) error {
	i := skipSpace(array, 0)
	if i >= len(array) || array[i] != '[' {
		return nil
	}
	for i++; ; {
		i = skipSpace(array, i)
		if i >= len(array) || array[i] == ']' {
			return nil
		}
		end := skipValue(array, i)
		if err := visit(array[i:end]); err != nil {
			return err
		}
		i = skipSpace(array, end)
		if i >= len(array) || array[i] != ',' {
			return nil
		}
		i++
	}
}

// unescape returns the text of a JSON string given without its quotes; one without escapes is returned as it is.
func unescape(inner []byte) []byte {
	at := bytes.IndexByte(inner, '\\')
	if at < 0 {
		return inner
	}
	out := make([]byte, 0, len(inner))
	for at >= 0 && at+1 < len(inner) {
		out = append(out, inner[:at]...)
		var used int
		out, used = appendEscaped(out, inner[at:])
		inner = inner[at+used:]
		at = bytes.IndexByte(inner, '\\')
	}
	return append(out, inner...)
}

// appendEscaped appends the character of the escape that b begins with and returns how long the escape is.
func appendEscaped(out, b []byte) ([]byte, int) {
	switch c := b[1]; c {
	case 'n':
		return append(out, '\n'), 2
	case 't':
		return append(out, '\t'), 2
	case 'r':
		return append(out, '\r'), 2
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case 'u':
		r, used := hexRune(b), 6
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if len(b) > 7 && b[6] == '\\' && b[7] == 'u' {
				low = hexRune(b[6:])
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				used = 12
			}
		}
		return utf8.AppendRune(out, r), min(used, len(b))
	default: // " \\ and /
		return append(out, c), 2
	}
}

// hexRune reads \uXXXX.
func hexRune(b []byte) rune {
	if len(b) < 6 {
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 32)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// scalarText is the text of a string, number or boolean.
func scalarText(raw []byte) []byte {
	if len(raw) >= 2 && raw[0] == '"' {
		return unescape(raw[1 : len(raw)-1])
	}
	return raw
}

// decodeObject decodes a request body; numbers keep their text.
func decodeObject(b []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fail(400, "x_content_parse_exception", "%s", err)
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, parsing("expected an object")
	}
	return o, nil
}

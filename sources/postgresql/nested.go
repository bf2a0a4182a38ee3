package postgresql

import "bytes"

// Values that hold others are texts in which these stand quoted, as the manual
// describes for arrays, composite types and ranges. What can't be read is null.

// member is a member of a composite type.
type member struct {
	key    []byte // with quotes and colon
	encode encode
}

// part takes one element off a text: up to a byte of ends outside of quotes. It
// reports whether the element was quoted, for then "NULL" and "" are values.
func part(text []byte, ends string) (value, rest []byte, quoted, ok bool) {
	inside := false
	plain := true
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			if plain {
				value, plain = append([]byte(nil), text[start:i]...), false
			}
			i++
			value = append(value, text[i])
		case c == '"' && inside && i+1 < len(text) && text[i+1] == '"':
			if plain {
				value, plain = append([]byte(nil), text[start:i]...), false
			}
			i++
			value = append(value, '"')
		case c == '"':
			if plain {
				value, plain = append([]byte(nil), text[start:i]...), false
			}
			inside, quoted = !inside, true
		case !inside && bytes.IndexByte([]byte(ends), c) >= 0:
			if plain {
				value = text[start:i]
			}
			return value, text[i:], quoted, true
		case !plain:
			value = append(value, c)
		}
	}
	return nil, nil, false, false
}

// encodeArray turns {1,2,{3}} and [0:1]={1,2} into lists.
func encodeArray(elem encode, delimiter byte) encode {
	ends := string([]byte{delimiter, '}'})
	return func(dst, text []byte) ([]byte, bool) {
		if len(text) > 0 && text[0] == '[' {
			text = text[bytes.IndexByte(text, '=')+1:]
		}
		start := len(dst)
		dst, rest, exact := appendList(dst, text, elem, delimiter, ends)
		if rest == nil {
			return appendNull(dst[:start]), false
		}
		return dst, exact
	}
}

// appendList returns a nil rest when the text is no list.
func appendList(dst, text []byte, elem encode, delimiter byte, ends string) (out, rest []byte, exact bool) {
	exact = true
	if len(text) < 2 || text[0] != '{' {
		return dst, nil, false
	}
	dst, text = append(dst, '['), text[1:]
	if text[0] == '}' {
		return append(dst, ']'), text[1:], true
	}
	for {
		ok := false
		if len(text) > 0 && text[0] == '{' {
			dst, text, ok = appendList(dst, text, elem, delimiter, ends)
			exact = exact && ok
			if text == nil {
				return dst, nil, false
			}
		} else {
			value, after, quoted, found := part(text, ends)
			if !found {
				return dst, nil, false
			}
			if text = after; !quoted && string(value) == "NULL" {
				dst = appendNull(dst)
			} else {
				dst, ok = elem(dst, value)
				exact = exact && ok
			}
		}
		if len(text) == 0 {
			return dst, nil, false
		}
		if text[0] == '}' {
			return append(dst, ']'), text[1:], exact
		}
		dst, text = append(dst, ','), text[1:]
	}
}

// encodeComposite turns (1,"a b",) into an object.
func encodeComposite(members []member) encode {
	return func(dst, text []byte) ([]byte, bool) {
		start, exact := len(dst), true
		if len(text) < 2 || text[0] != '(' {
			return appendNull(dst), false
		}
		dst = append(dst, '{')
		for i, m := range members {
			value, rest, quoted, found := part(text[1:], ",)")
			if !found {
				return appendNull(dst[:start]), false
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, m.key...)
			if len(value) == 0 && !quoted {
				dst = appendNull(dst)
			} else {
				var ok bool
				dst, ok = m.encode(dst, value)
				exact = exact && ok
			}
			text = rest
		}
		return append(dst, '}'), exact
	}
}

// encodeRange turns [1,5) into {"gte":1,"lt":5}, which a field that is mapped as
// a range takes. A side without a bound has no member; an empty range is null.
func encodeRange(bound encode) encode {
	return func(dst, text []byte) ([]byte, bool) {
		if string(text) == "empty" {
			return appendNull(dst), true
		}
		if len(text) < 3 {
			return appendNull(dst), false
		}
		lower, rest, lowerQuoted, found := part(text[1:], ",")
		if !found {
			return appendNull(dst), false
		}
		upper, end, upperQuoted, found := part(rest[1:], ")]")
		if !found {
			return appendNull(dst), false
		}
		exact := true
		dst = append(dst, '{')
		if len(lower) > 0 || lowerQuoted {
			dst, exact = appendBound(dst, "gt", text[0] == '[', lower, bound)
		}
		if len(upper) > 0 || upperQuoted {
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			var ok bool
			dst, ok = appendBound(dst, "lt", end[0] == ']', upper, bound)
			exact = exact && ok
		}
		return append(dst, '}'), exact
	}
}

func appendBound(dst []byte, name string, included bool, value []byte, bound encode) ([]byte, bool) {
	dst = append(append(dst, '"'), name...)
	if included {
		dst = append(dst, 'e')
	}
	return bound(append(dst, `":`...), value)
}

// encodeMultirange turns {[1,2),[5,8)} into a list of ranges.
func encodeMultirange(one encode) encode {
	return func(dst, text []byte) ([]byte, bool) {
		if string(text) == "{}" {
			return append(dst, "[]"...), true
		}
		start, exact := len(dst), true
		for open, next := byte('{'), byte('['); ; open, next = ',', ',' {
			if len(text) == 0 || text[0] != open {
				return appendNull(dst[:start]), false
			}
			end := closing(text)
			if end < 0 {
				return appendNull(dst[:start]), false
			}
			var ok bool
			dst, ok = one(append(dst, next), text[1:end+1])
			exact = exact && ok
			if text = text[end+1:]; string(text) == "}" {
				return append(dst, ']'), exact
			}
		}
	}
}

// closing is the place of the bracket that ends a range; -1 without one.
func closing(text []byte) int {
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			inside = !inside
		case !inside && (c == ')' || c == ']'):
			return i
		}
	}
	return -1
}

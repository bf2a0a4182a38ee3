package job

import "bytes"

// member is a name, without escapes, and a value of a JSON object.
type member struct {
	name, value []byte
	used        bool
}

// appendMembers reads an object's members. It reports false for anything else;
// what is no JSON inside of a value may pass.
func appendMembers(dst []member, object []byte) ([]member, bool) {
	i := blanks(object, 0)
	if i == len(object) || object[i] != '{' {
		return dst, false
	}
	if i = blanks(object, i+1); i < len(object) && object[i] == '}' {
		return dst, blanks(object, i+1) == len(object)
	}
	for {
		end := skipText(object, i)
		if end < 0 {
			return dst, false
		}
		name := text(object[i:end])
		if i = blanks(object, end); i == len(object) || object[i] != ':' {
			return dst, false
		}
		i = blanks(object, i+1)
		if end = skip(object, i); end < 0 {
			return dst, false
		}
		dst = append(dst, member{name: name, value: object[i:end]})
		if i = blanks(object, end); i == len(object) {
			return dst, false
		}
		switch object[i] {
		case ',':
			i = blanks(object, i+1)
		case '}':
			return dst, blanks(object, i+1) == len(object)
		default:
			return dst, false
		}
	}
}

// elements reads a list.
type elements struct {
	b      []byte
	i      int
	broken bool
}

// next returns the next value, or false at the end or where it is no list.
func (e *elements) next() ([]byte, bool) {
	first := e.i == 0
	i := blanks(e.b, e.i)
	if first {
		i = blanks(e.b, i+1)
	}
	switch {
	case i >= len(e.b):
		e.broken = true
		return nil, false
	case e.b[i] == ']':
		return nil, false
	case !first && e.b[i] != ',':
		e.broken = true
		return nil, false
	case !first:
		i = blanks(e.b, i+1)
	}
	end := skip(e.b, i)
	if end < 0 {
		e.broken = true
		return nil, false
	}
	e.i = end
	return e.b[i:end], true
}

func blanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skip returns where the value ends that starts at i, or -1.
func skip(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipText(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	start := i
	for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] != ':' && b[i] != '"' {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func skipNested(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			if i = skipText(b, i) - 1; i < 0 {
				return -1
			}
		}
	}
	return -1
}

// skipText returns where the string ends that starts at i, or -1.
func skipText(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

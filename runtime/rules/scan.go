package rules

// kind is the type of a document's value.
type kind uint8

const (
	isString kind = iota
	isNum
	isTrue
	isFalse
	isNull
	isObject
)

// maxDepth is how deep a document is looked into.
const maxDepth = 500

// reader finds the values that rules ask for in one encoded document. What is
// not JSON ends the reading, never the sync: Elasticsearch refuses it later.
type reader struct {
	set    *Set
	b      []byte
	values []value
	heads  []int32 // per path: its last value's index + 1, or 0
	steps  []step  // a stack of what the objects around hold
	text   []byte  // texts without escapes, objects without spaces
}

// value is a value that some rule asks for. A list is each of its elements.
type value struct {
	text []byte // as text operators see it
	next int32  // another value of the same path: index + 1, or 0
	kind kind
}

// step is what is still to be found of a path below an object or a list.
type step struct {
	path int32
	rest string
	done bool // the path ends here
}

// fields reads the members of an object from index i, up to its closing brace
// or to the end of the bytes, and returns the index after it.
func (r *reader) fields(i, depth int, within []step) int {
	b := r.b
	for {
		if i = space(b, i); i >= len(b) {
			return len(b)
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i++
			continue
		case '"':
		default:
			return len(b)
		}
		key, end := r.string(i + 1)
		if end < 0 {
			return len(b)
		}
		if i = space(b, end+1); i >= len(b) || b[i] != ':' {
			return len(b)
		}
		i = r.member(key, i+1, depth, within)
	}
}

// member reads a member whose value begins at index i, or skips it.
func (r *reader) member(key []byte, i, depth int, within []step) int {
	if depth > 0 {
		base := len(r.steps)
		r.below(key, within)
		if len(r.steps) > base {
			i = r.value(i, depth, r.steps[base:len(r.steps):len(r.steps)])
			r.steps = r.steps[:base]
			return i
		}
		return skip(r.b, i)
	}
	if steps := r.set.top(key); steps != nil {
		return r.value(i, depth, steps)
	}
	return skip(r.b, i)
}

// below pushes what a member of this name holds of the given paths.
func (r *reader) below(key []byte, within []step) {
	for _, s := range within {
		switch {
		case s.done || len(s.rest) < len(key) || s.rest[:len(key)] != string(key):
		case len(s.rest) == len(key):
			r.steps = append(r.steps, step{path: s.path, done: true})
		case s.rest[len(key)] == '.':
			r.steps = append(r.steps, step{path: s.path, rest: s.rest[len(key)+1:]})
		}
	}
}

// value reads a value that holds something of the given paths.
func (r *reader) value(i, depth int, steps []step) int {
	b := r.b
	if i = space(b, i); i >= len(b) || depth > maxDepth {
		return skip(b, i)
	}
	switch b[i] {
	case '[':
		return r.list(i+1, depth+1, steps)
	case '{':
		end := r.fields(i+1, depth+1, steps)
		if ends(steps) {
			r.add(steps, isObject, r.compact(b[i:end]))
		}
		return end
	case '"':
		text, end := r.string(i + 1)
		if end < 0 {
			return len(b)
		}
		if ends(steps) {
			r.add(steps, isString, text)
		}
		return end + 1
	}
	end := scalarEnd(b, i)
	if ends(steps) {
		r.add(steps, scalarKind(b[i]), b[i:end])
	}
	return end
}

func (r *reader) list(i, depth int, steps []step) int {
	b := r.b
	for {
		if i = space(b, i); i >= len(b) {
			return len(b)
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i++
		default:
			next := r.value(i, depth, steps)
			if next == i {
				return len(b)
			}
			i = next
		}
	}
}

// ends reports whether a path ends at a value, so that it is to be compared.
func ends(steps []step) bool {
	for i := range steps {
		if steps[i].done {
			return true
		}
	}
	return false
}

// add notes a value under every path that ends with it.
func (r *reader) add(steps []step, k kind, text []byte) {
	for _, s := range steps {
		if s.done {
			r.values = append(r.values, value{text: text, next: r.heads[s.path], kind: k})
			r.heads[s.path] = int32(len(r.values))
		}
	}
}

func scalarKind(c byte) kind {
	switch c {
	case 't':
		return isTrue
	case 'f':
		return isFalse
	case 'n':
		return isNull
	}
	return isNum
}

// string returns the text, without escapes, that begins at index i, and the
// index of the quote after it, or -1.
func (r *reader) string(i int) (text []byte, end int) {
	end = plainEnd(r.b, i)
	if end < len(r.b) && r.b[end] == '"' {
		return r.b[i:end], end
	}
	if end = stringEnd(r.b, i); end < 0 {
		return nil, -1
	}
	start := len(r.text)
	r.text = unescape(r.text, r.b[i:end])
	return r.text[start:len(r.text):len(r.text)], end
}

// compact returns an object without the spaces between its tokens.
func (r *reader) compact(text []byte) []byte {
	start := len(r.text)
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '"':
			end := stringEnd(text, i+1)
			if end < 0 {
				end = len(text) - 1
			}
			r.text = append(r.text, text[i:end+1]...)
			i = end + 1
			continue
		case ' ', '\t', '\n', '\r':
		default:
			r.text = append(r.text, c)
		}
		i++
	}
	return r.text[start:len(r.text):len(r.text)]
}

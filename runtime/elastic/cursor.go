package elastic

import (
	"encoding/json"
	"math"
	"unicode/utf8"
)

// cursor reads JSON of a known shape without allocating. It is strict: what it
// does not expect makes it bad, and the caller parses again with
// encoding/json. What it accepts means the same there.
type cursor struct {
	b   []byte
	i   int
	bad bool
}

func (c *cursor) fail() { c.bad = true }

// next skips white space and returns the byte after it, 0 at the end.
func (c *cursor) next() byte {
	if c.i < len(c.b) && c.b[c.i] > ' ' {
		return c.b[c.i]
	}
	return c.space()
}

func (c *cursor) space() byte {
	for ; c.i < len(c.b); c.i++ {
		switch b := c.b[c.i]; b {
		case ' ', '\t', '\n', '\r':
		default:
			return b
		}
	}
	return 0
}

// eat consumes a byte if it comes next.
func (c *cursor) eat(b byte) bool {
	if c.next() != b || c.bad {
		return false
	}
	c.i++
	return true
}

// end reports whether everything was read and understood.
func (c *cursor) end() bool { return !c.bad && c.next() == 0 && c.i == len(c.b) }

// text reads a string and returns what is between its quotes, and whether
// that holds escapes.
func (c *cursor) text() (raw []byte, escaped bool) {
	if !c.eat('"') {
		c.fail()
		return nil, false
	}
	b, i := c.b, c.i
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i]-' ' < utf8.RuneSelf-' ' {
		i++
	}
	if i < len(b) && b[i] == '"' {
		raw, c.i = b[c.i:i], i+1
		return raw, false
	}
	return c.unusual(i)
}

// unusual reads the rest of a string that has more than plain ASCII, from i.
func (c *cursor) unusual(i int) (raw []byte, escaped bool) {
	for start := c.i; i < len(c.b); i++ {
		switch b := c.b[i]; {
		case b == '"':
			raw, c.i = c.b[start:i], i+1
			if !utf8.Valid(raw) || escaped && !json.Valid(c.b[start-1:c.i]) {
				c.fail()
			}
			return raw, escaped
		case b == '\\':
			escaped = true
			i++
		case b < ' ':
			c.fail()
			return nil, false
		}
	}
	c.fail()
	return nil, false
}

// plain reads a string that needs no escapes.
func (c *cursor) plain() []byte {
	raw, escaped := c.text()
	if escaped {
		c.fail()
	}
	return raw
}

// integer reads a whole number.
func (c *cursor) integer() int64 {
	negative := c.eat('-')
	if !negative {
		c.next()
	}
	start, n := c.i, int64(0)
	for c.i < len(c.b) && c.b[c.i]-'0' <= 9 {
		digit := int64(c.b[c.i] - '0')
		if n > (math.MaxInt64-digit)/10 {
			c.fail()
			return 0
		}
		n = n*10 + digit
		c.i++
	}
	digits := c.i - start
	if digits == 0 || digits > 1 && c.b[start] == '0' || c.i < len(c.b) && fraction(c.b[c.i]) {
		c.fail()
	}
	if negative {
		return -n
	}
	return n
}

func fraction(b byte) bool { return b == '.' || b == 'e' || b == 'E' }

// boolean reads true or false.
func (c *cursor) boolean() bool {
	c.next()
	rest := c.b[c.i:]
	switch {
	case len(rest) >= 4 && string(rest[:4]) == "true":
		c.i += 4
		return true
	case len(rest) >= 5 && string(rest[:5]) == "false":
		c.i += 5
		return false
	}
	c.fail()
	return false
}

// field starts an object ('{') or goes on in it (','), and returns the next
// key; nil at its end. The caller passes whether it is the first call.
func (c *cursor) field(first bool) (key []byte) {
	switch {
	case first && !c.eat('{'):
		c.fail()
		return nil
	case c.eat('}'):
		return nil
	case !first && !c.eat(','):
		c.fail()
		return nil
	}
	key = c.plain()
	if !c.eat(':') || len(key) == 0 {
		c.fail()
	}
	if c.bad {
		return nil
	}
	return key
}

// element is [cursor.field] for lists: it reports whether there is another.
func (c *cursor) element(first bool) bool {
	switch {
	case first && !c.eat('['):
		c.fail()
		return false
	case c.eat(']'):
		return false
	case !first && !c.eat(','):
		c.fail()
		return false
	}
	return !c.bad
}

// once notes a key by its bit; a key that comes twice is not expected.
func (c *cursor) once(seen *uint8, bit uint8) {
	if *seen&bit != 0 {
		c.fail()
	}
	*seen |= bit
}

// scalars reads a list of integers, strings and booleans, and returns its
// JSON.
func (c *cursor) scalars() []byte {
	c.next()
	start := c.i
	for first := true; c.element(first); first = false {
		switch c.next() {
		case '"':
			c.text()
		case 't', 'f':
			c.boolean()
		default:
			c.integer()
		}
	}
	if c.bad {
		return nil
	}
	return c.b[start:c.i]
}

// unescape decodes what is between the quotes of a JSON string.
func unescape(raw []byte) []byte {
	quoted := append(append([]byte{'"'}, raw...), '"')
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return raw
	}
	return []byte(s)
}

package rules

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The characters that \w and \s stand for in Elastic's service.
const (
	wordClass  = `\p{L}\p{N}_`
	spaceClass = `\t-\r\x1c-\x1f \x{85}\p{Z}`
)

// escape reads a backslash with what belongs to it, in a set or outside.
func (s *inspector) escape(set bool) {
	at, text := s.i, s.rest()
	if len(text) < 2 {
		s.report(at, "a backslash stands at the end", nearest(`\\`))
		s.copy(1)
		return
	}
	c := text[1]
	switch {
	case strings.IndexByte("dDwWsS", c) >= 0:
		s.i += 2
		s.out.WriteString(unicodeClass(c, set))
	case c >= '1' && c <= '9' && !isOctal(text[1:]):
		s.backReference(at, text, set)
	case c == 'k' || c == 'g':
		s.reference(at, text[:2], 0)
		s.copy(2)
	case c == 'Q':
		s.literal()
	case (c == 'p' || c == 'P') && len(text) > 2 && text[2] == '{', c == 'x' && len(text) > 2 && text[2] == '{':
		end := strings.IndexByte(text, '}')
		s.copy(max(end+1, 2))
	default:
		s.foreignEscape(at, text, set)
	}
}

// isOctal reports three octal digits, which name a character.
func isOctal(text string) bool {
	if len(text) < 3 {
		return false
	}
	for i := range 3 {
		if text[i] < '0' || text[i] > '7' {
			return false
		}
	}
	return true
}

func (s *inspector) backReference(at int, text string, set bool) {
	end := 2
	if end < len(text) && isDigit(text[end]) {
		end++
	}
	number := int(text[1] - '0')
	if end == 3 {
		number = number*10 + int(text[2]-'0')
	}
	if set {
		s.report(at, quote(text[:end])+" is no character", "write the character itself")
	} else {
		s.reference(at, text[:end], number)
	}
	s.copy(end)
}

// literal takes \Q…\E over.
func (s *inspector) literal() {
	end := strings.Index(s.rest(), `\E`)
	if end < 0 {
		s.copy(len(s.rest()))
		return
	}
	s.copy(end + 2)
}

// foreignEscape reports the escapes that RE2 lacks and takes the others over.
func (s *inspector) foreignEscape(at int, text string, set bool) {
	instead := ""
	_, size := utf8.DecodeRuneInString(text[1:])
	size++
	switch c := text[1]; c {
	case 'Z':
		instead = nearest(`\z`)
	case 'u', 'U':
		want := map[byte]int{'u': 6, 'U': 10}[c]
		if len(text) >= want {
			size = want
			instead = nearest(`\x{` + text[2:want] + `}`)
		}
	case 'b':
		if set {
			instead = nearest(`\x08`)
		}
	case 'e':
		instead = nearest(`\x1b`)
	case 'c':
		instead = `write the character by its number: "\x{…}"`
	case 'N':
		instead = `write the character itself, or "[^\n]" for all but a line break`
	case 'h':
		instead = nearest(`[\t ]`)
	case 'H':
		instead = nearest(`[^\t ]`)
	case 'R':
		instead = nearest(`(?:\r\n|\n|\r)`)
	case 'X':
		instead = nearest(".")
	case 'K', 'G':
		instead = "leave it out"
	case '<', '>', 'y', 'm', 'M':
		instead = nearest(`\b`)
	case '`':
		instead = nearest(`\A`)
	case '\'':
		instead = nearest(`\z`)
	default:
		if instead = unknownEscape(text[1:size], set); instead == "" {
			s.copy(size)
			return
		}
	}
	if instead == "" {
		s.copy(size)
		return
	}
	s.report(at, "RE2 has no "+quote(text[:size]), instead)
	s.copy(size)
}

// unknownEscape returns what to write for a letter that needs no backslash,
// or nothing when RE2 knows the escape.
func unknownEscape(letter string, set bool) string {
	r, _ := utf8.DecodeRuneInString(letter)
	known := "abfnrtvxpPC01234567"
	if !set {
		known += "ABzQE"
	}
	if r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' || strings.ContainsRune(known, r) {
		return ""
	}
	return nearest(letter)
}

// unicodeClass returns what \d, \w, \s and their opposites stand for.
func unicodeClass(c byte, set bool) string {
	switch c {
	case 'd':
		return `\p{Nd}`
	case 'D':
		return `\P{Nd}`
	}
	content, opposite := wordClass, c == 'W' || c == 'S'
	if c == 's' || c == 'S' {
		content = spaceClass
	}
	switch {
	case !set && opposite:
		return "[^" + content + "]"
	case !set:
		return "[" + content + "]"
	case !opposite:
		return content
	}
	return opposites()[c == 'W']
}

// opposites are the characters of \W (true) and \S (false) as they can stand
// in a set, where RE2 has no way to say "all but those".
var opposites = sync.OnceValue(func() map[bool]string {
	return map[bool]string{true: ranges("[^" + wordClass + "]"), false: ranges("[^" + spaceClass + "]")}
})

func ranges(class string) string {
	tree, err := syntax.Parse(class, syntax.Perl)
	if err != nil {
		return class // it is a constant: a test covers it
	}
	var b strings.Builder
	for i := 0; i+1 < len(tree.Rune); i += 2 {
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, tree.Rune[i], tree.Rune[i+1])
	}
	return b.String()
}

package embedded

import (
	"unicode"
	"unicode/utf8"
)

// maxToken is the length in runes at which Elasticsearch's standard analyzer cuts a word.
const maxToken = 255

func runeCount(b []byte) int { return utf8.RuneCount(b) }

// span is one word of a text.
type span struct {
	start, end int
	term       string
}

// words lists the words of a text with their places, as Elasticsearch's standard analyzer does.
func words(b []byte) []span {
	var out []span
	for i := 0; ; {
		start, end := nextWord(b, i)
		if start < 0 {
			return out
		}
		out = append(out, span{start: start, end: end, term: string(lower(b[start:end]))})
		i = end
	}
}

// lower returns the lower-case form; ASCII words that have none are shared, not copied.
func lower(b []byte) []byte {
	change := false
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return []byte(string(lowerRunes(b)))
		}
		change = change || 'A' <= c && c <= 'Z'
	}
	if !change {
		return b
	}
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return out
}

func lowerRunes(b []byte) []rune {
	r := []rune(string(b))
	for i := range r {
		r[i] = unicode.ToLower(r[i])
	}
	return r
}

// nextWord finds the next word at or after i; start is -1 when there is none. It follows the word-break rules of
// Unicode for scripts that separate words by spaces; ideographs are words of their own.
func nextWord(b []byte, i int) (start, end int) {
	for i < len(b) {
		r, size := runeAt(b, i)
		switch classOf(r) {
		case classIdeograph:
			return i, i + size
		case classLetter, classDigit, classJoin:
			if end := wordEnd(b, i); end > 0 {
				return i, end
			}
		}
		i += size
	}
	return -1, -1
}

func runeAt(b []byte, i int) (rune, int) {
	if c := b[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRune(b[i:])
}

// wordEnd is the end of the word at i, 0 when it has neither letter nor digit.
func wordEnd(b []byte, i int) int {
	real, count := false, 0
	prev := classOther
	for i < len(b) && count < maxToken {
		r, size := runeAt(b, i)
		c := classOf(r)
		switch c {
		case classLetter, classDigit:
			real = true
		case classJoin, classMark:
		case classMidLetter, classMidNumber, classMidBoth:
			if i+size >= len(b) {
				return endIf(real, i)
			}
			next, _ := runeAt(b, i+size)
			if !bridges(prev, c, classOf(next)) {
				return endIf(real, i)
			}
		default:
			return endIf(real, i)
		}
		if c != classMark {
			prev = c
		}
		i, count = i+size, count+1
	}
	return endIf(real, i)
}

func endIf(ok bool, i int) int {
	if ok {
		return i
	}
	return 0
}

func bridges(prev, mid, next class) bool {
	if prev == classLetter && next == classLetter {
		return mid == classMidLetter || mid == classMidBoth
	}
	return prev == classDigit && next == classDigit && (mid == classMidNumber || mid == classMidBoth)
}

type class byte

const (
	classOther class = iota
	classLetter
	classDigit
	classMark
	classJoin // _ and its kind
	classMidLetter
	classMidNumber
	classMidBoth
	classIdeograph
)

func classOf(r rune) class {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return classLetter
	case '0' <= r && r <= '9':
		return classDigit
	case r == '_':
		return classJoin
	case r == '.', r == '\'', r == '’', r == '‘', r == '․':
		return classMidBoth
	case r == ',', r == ';':
		return classMidNumber
	case r == ':', r == '·':
		return classMidLetter
	case r < utf8.RuneSelf:
		return classOther
	case unicode.Is(unicode.Han, r), unicode.Is(unicode.Hiragana, r):
		return classIdeograph
	case unicode.IsLetter(r):
		return classLetter
	case unicode.IsNumber(r):
		return classDigit
	case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r):
		return classMark
	case unicode.Is(unicode.Pc, r):
		return classJoin
	}
	return classOther
}

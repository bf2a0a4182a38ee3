package extract

import (
	"encoding/binary"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how characters are written as bytes.
type encoding int

const (
	opaqueBytes encoding = iota // no text
	utf8Text
	utf16Little
	utf16Big
	windows1252 // and so Latin-1, whose control characters nobody uses
)

// head is how many bytes at the start tell whether content is text.
const head = 4 << 10

// encodingOf guesses from a byte order mark or from how the content begins.
// Text of other 8-bit encodings counts as Windows-1252: its letters are wrong
// but its ASCII words can be found.
func encodingOf(content []byte) encoding {
	if e, _ := byteOrderMark(content); e != opaqueBytes {
		return e
	}
	begin := content[:min(len(content), head)]
	var even, odd, controls, foreign int
	for i, c := range begin {
		switch {
		case c == 0 && i%2 == 0:
			even++
		case c == 0:
			odd++
		case isControl[c]:
			controls++
		case undefined1252(c):
			foreign++
		}
	}
	switch {
	case even+odd > 0:
		return wide(begin, even, odd)
	case isUTF8(begin, len(begin) < len(content)) || mostlyUTF8(begin):
		if controls > len(begin)/32 {
			return opaqueBytes
		}
		return utf8Text
	case controls+foreign > 0:
		return opaqueBytes
	}
	return windows1252
}

// byteOrderMark returns the encoding that a mark names and the mark's length.
func byteOrderMark(content []byte) (encoding, int) {
	switch {
	case len(content) >= 3 && content[0] == 0xEF && content[1] == 0xBB && content[2] == 0xBF:
		return utf8Text, 3
	case len(content) < 2 || len(content) >= 4 && content[2] == 0 && content[3] == 0:
		return opaqueBytes, 0 // UTF-32, or something else with zeros
	case content[0] == 0xFF && content[1] == 0xFE:
		return utf16Little, 2
	case content[0] == 0xFE && content[1] == 0xFF:
		return utf16Big, 2
	}
	return opaqueBytes, 0
}

// wide judges content with zeros: in UTF-16 of a Western language they are
// nearly every second byte, in binary formats they are anywhere.
func wide(begin []byte, even, odd int) encoding {
	units := len(begin) / 2
	switch {
	case odd*10 >= units*4 && even*10 <= odd && plausible(begin, binary.LittleEndian):
		return utf16Little
	case even*10 >= units*4 && odd*10 <= even && plausible(begin, binary.BigEndian):
		return utf16Big
	}
	return opaqueBytes
}

// plausible reports whether UTF-16 of this order holds no control characters.
func plausible(begin []byte, order binary.ByteOrder) bool {
	for i := 0; i+1 < len(begin); i += 2 {
		if unit := order.Uint16(begin[i:]); unit < 0x100 && (unit == 0 || isControl[unit]) {
			return false
		}
	}
	return len(begin) >= 2
}

// isUTF8 reports whether content is UTF-8; a piece may end in the middle of a
// character.
func isUTF8(content []byte, piece bool) bool {
	if piece {
		for back := 1; back < utf8.UTFMax && back <= len(content); back++ {
			if c := content[len(content)-back]; utf8.RuneStart(c) {
				if !utf8.FullRune(content[len(content)-back:]) {
					content = content[:len(content)-back]
				}
				break
			}
		}
	}
	return utf8.Valid(content)
}

// mostlyUTF8 reports whether content has more characters beyond ASCII that are
// right than bytes that are wrong: in other encodings they rarely are.
func mostlyUTF8(content []byte) bool {
	balance := 0
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		switch {
		case r == utf8.RuneError && size == 1:
			balance--
		case size > 1:
			balance++
		}
		content = content[size:]
	}
	return balance > 0
}

// isControl marks control characters that no text holds.
var isControl = func() (table [256]bool) {
	for c := range 0x20 {
		table[c] = true
	}
	for _, c := range "\b\t\n\v\f\r\x1b" {
		table[c] = false
	}
	table[0x7f] = true
	return table
}()

func undefined1252(c byte) bool {
	return c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d
}

// decode turns content into valid UTF-8 in place, and reports false when it is
// no text.
func decode(content []byte) ([]byte, bool) {
	_, mark := byteOrderMark(content)
	switch encodingOf(content) {
	case utf8Text:
		content = content[:copy(content, content[mark:])]
		switch {
		case utf8.Valid(content):
			return content, true
		case mark > 0 || mostlyUTF8(content):
			return rewrite(content, 0, appendRepaired), true
		}
		return rewrite(content, 0, append1252), true
	case utf16Little:
		return rewrite(content, mark, appendUTF16(binary.LittleEndian)), true
	case utf16Big:
		return rewrite(content, mark, appendUTF16(binary.BigEndian)), true
	case windows1252:
		return rewrite(content, 0, append1252), true
	}
	return content, false
}

// spare holds content while it is rewritten.
var spare = sync.Pool{New: func() any { return new([]byte) }}

// maxSpare keeps one huge file from staying in memory for ever.
const maxSpare = 1 << 20

// rewrite puts a transcription of the content, without its mark, in its place.
func rewrite(content []byte, mark int, transcribe func(dst, src []byte) []byte) []byte {
	p := spare.Get().(*[]byte)
	*p = append((*p)[:0], content[mark:]...)
	content = transcribe(content[:0], *p)
	if cap(*p) <= maxSpare {
		spare.Put(p)
	}
	return content
}

// appendRepaired puts the replacement character for what is no UTF-8.
func appendRepaired(dst, src []byte) []byte {
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		dst = utf8.AppendRune(dst, r)
		src = src[size:]
	}
	return dst
}

func appendUTF16(order binary.ByteOrder) func(dst, src []byte) []byte {
	return func(dst, src []byte) []byte {
		for len(src) >= 2 {
			r := rune(order.Uint16(src))
			src = src[2:]
			if utf16.IsSurrogate(r) {
				r = pair(r, src, order)
				if r != utf8.RuneError {
					src = src[2:]
				}
			}
			dst = utf8.AppendRune(dst, r)
		}
		if len(src) > 0 {
			dst = utf8.AppendRune(dst, utf8.RuneError)
		}
		return dst
	}
}

// pair joins the first half of a character with the half that follows.
func pair(first rune, rest []byte, order binary.ByteOrder) rune {
	if len(rest) < 2 {
		return utf8.RuneError
	}
	return utf16.DecodeRune(first, rune(order.Uint16(rest)))
}

// above1252 are the characters 0x80 to 0x9f of Windows-1252.
var above1252 = [32]rune{
	'€', utf8.RuneError, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', utf8.RuneError, 'Ž', utf8.RuneError,
	utf8.RuneError, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', utf8.RuneError, 'ž', 'Ÿ',
}

func append1252(dst, src []byte) []byte {
	for _, c := range src {
		switch {
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		case c < 0xa0:
			dst = utf8.AppendRune(dst, above1252[c-0x80])
		default:
			dst = utf8.AppendRune(dst, rune(c))
		}
	}
	return dst
}

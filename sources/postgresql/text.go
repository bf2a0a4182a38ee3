package postgresql

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"

	"github.com/tributary-search/tributary/runtime/connector"
)

func appendNull(dst []byte) []byte { return append(dst, "null"...) }

// encodePlain copies an integer.
func encodePlain(dst, text []byte) ([]byte, bool) { return append(dst, text...), true }

func encodeText(dst, text []byte) ([]byte, bool) { return connector.AppendText(dst, text), true }

func encodeBool(dst, text []byte) ([]byte, bool) {
	if len(text) == 1 && text[0] == 't' {
		return append(dst, "true"...), true
	}
	return append(dst, "false"...), true
}

// finite reports whether a number is one: NaN and the infinities end in a letter.
func finite(text []byte) bool {
	return len(text) > 0 && text[len(text)-1] >= '0' && text[len(text)-1] <= '9'
}

// encodeFloat copies a number, which the server writes as JSON does.
func encodeFloat(dst, text []byte) ([]byte, bool) {
	if !finite(text) {
		return appendNull(dst), false
	}
	return append(dst, text...), true
}

// encodeDecimalText writes a number whose digits a double can't hold.
func encodeDecimalText(dst, text []byte) ([]byte, bool) {
	if !finite(text) {
		return appendNull(dst), false
	}
	dst = append(dst, '"')
	return append(append(dst, text...), '"'), true
}

// encodeMoney takes currency and separators away. How many of the digits are
// decimals is the server's setting.
func encodeMoney(decimals int) encode {
	return func(dst, text []byte) ([]byte, bool) {
		var digits []byte
		dst = append(dst, '"')
		for _, c := range text {
			switch {
			case c == '-' || c == '(':
				dst = append(dst, '-')
			case c >= '0' && c <= '9':
				digits = append(digits, c)
			}
		}
		point := max(len(digits)-decimals, 0)
		if point == 0 {
			dst = append(dst, '0')
		}
		dst = append(dst, digits[:point]...)
		if decimals > 0 {
			dst = append(append(dst, '.'), digits[point:]...)
		}
		return append(dst, '"'), true
	}
}

// encodeBytes turns "\x…" into base64.
func encodeBytes(dst, text []byte) ([]byte, bool) {
	text = bytes.TrimPrefix(text, []byte(`\x`))
	raw := make([]byte, hex.DecodedLen(len(text)))
	n, err := hex.Decode(raw, text)
	if err != nil {
		return appendNull(dst), false
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, raw[:n])
	return append(dst, '"'), true
}

// calendar reports whether a date is one that Elasticsearch reads: in the years
// from 1 to 9999.
func calendar(text []byte) bool {
	return len(text) >= 10 && text[4] == '-' && text[len(text)-1] != 'C' // "BC"; infinities have no hyphen there
}

func encodeDate(dst, text []byte) ([]byte, bool) {
	if !calendar(text) {
		return appendNull(dst), false
	}
	dst = append(dst, '"')
	return append(append(dst, text...), '"'), true
}

// encodeTimestamp turns "2006-01-02 15:04:05.999999+00" into RFC 3339.
func encodeTimestamp(zone string) encode {
	return func(dst, text []byte) ([]byte, bool) {
		if !calendar(text) || len(text) < 19 {
			return appendNull(dst), false
		}
		if zone != "" {
			text = bytes.TrimSuffix(text, []byte("+00"))
		}
		dst = append(append(dst, '"'), text[:10]...)
		dst = append(append(dst, 'T'), text[11:]...)
		return append(append(dst, zone...), '"'), true
	}
}

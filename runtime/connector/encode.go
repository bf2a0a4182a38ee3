package connector

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// maxDepth is how deep objects and lists may be nested in a document.
const maxDepth = 100

var errTooDeep = errors.New("nested deeper than 100 levels")

// AppendString appends a JSON string, quotes included. Invalid UTF-8 becomes
// the replacement character.
func AppendString(dst []byte, s string) []byte { return appendText(dst, s) }

// AppendText appends bytes as a JSON string, like [AppendString].
func AppendText(dst, text []byte) []byte { return appendText(dst, text) }

func appendText[T string | []byte](dst []byte, s T) []byte {
	dst = append(reserve(dst, len(s)), '"')
	start := 0
	for i := 0; i < len(s); {
		if i = skipPlain(s, i); i == len(s) {
			break
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\ufffd"...)
				i++
				start = i
				continue
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// skipPlain returns the index of the next byte that needs a look: a control
// character, a quote, a backslash or the start of a longer character.
func skipPlain[T string | []byte](s T, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		// In each byte of a difference the high bit tells that it was too small.
		control, quote, slash := w-' '*ones, w^'"'*ones-ones, w^'\\'*ones-ones
		if (w|control|quote|slash)&highs != 0 {
			break
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// AppendTime appends a time as Tributary writes it everywhere: RFC 3339 in
// UTC, quotes included. The zero time, and years that Elasticsearch would not
// read (before 0 and after 9999), are null.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if year := t.Year(); t.IsZero() || year < 0 || year > 9999 {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// appendValue appends a value of any type; the common ones first.
func appendValue(dst []byte, value any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return AppendString(dst, v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case time.Time:
		return AppendTime(dst, v), nil
	case float64:
		return appendFloat(dst, v, 64), nil
	case float32:
		return appendFloat(dst, float64(v), 32), nil
	case []byte:
		return appendBase64(dst, v), nil
	case json.RawMessage:
		return appendRaw(dst, v)
	case []any:
		return appendSlice(dst, v, depth)
	case map[string]any:
		return appendMap(dst, v, depth)
	}
	if out, ok := appendInteger(dst, value); ok {
		return out, nil
	}
	return appendTyped(dst, value, depth)
}

func appendInteger(dst []byte, value any) (out []byte, ok bool) {
	switch v := value.(type) {
	case int:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int64:
		return strconv.AppendInt(dst, v, 10), true
	case int32:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int16:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int8:
		return strconv.AppendInt(dst, int64(v), 10), true
	case uint:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint64:
		return strconv.AppendUint(dst, v, 10), true
	case uint32:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint16:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint8:
		return strconv.AppendUint(dst, uint64(v), 10), true
	}
	return dst, false
}

// appendTyped appends slices, maps and pointers whose elements need the rules
// of this package (times in UTC, NaN as null); the rest is encoding/json's.
func appendTyped(dst []byte, value any, depth int) ([]byte, error) {
	switch v := value.(type) {
	case []string:
		return appendStrings(dst, v), nil
	case []int:
		return appendSlice(dst, v, depth)
	case []int64:
		return appendSlice(dst, v, depth)
	case []float64:
		return appendSlice(dst, v, depth)
	case []time.Time:
		return appendSlice(dst, v, depth)
	case []json.RawMessage:
		return appendSlice(dst, v, depth)
	case []map[string]any:
		return appendSlice(dst, v, depth)
	case map[string]string:
		return appendMap(dst, v, depth)
	case *time.Time:
		return appendPointer(dst, v, depth)
	case *float64:
		return appendPointer(dst, v, depth)
	}
	return appendOther(dst, value)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}

func appendBase64(dst, v []byte) []byte {
	if v == nil {
		return append(dst, "null"...)
	}
	dst = append(reserve(dst, base64.StdEncoding.EncodedLen(len(v))), '"')
	dst = base64.StdEncoding.AppendEncode(dst, v)
	return append(dst, '"')
}

// appendRaw checks a JSON text and takes the white space out.
func appendRaw(dst []byte, v json.RawMessage) ([]byte, error) {
	if len(v) == 0 {
		return append(dst, "null"...), nil
	}
	b := bytes.NewBuffer(reserve(dst, len(v)))
	if err := json.Compact(b, v); err != nil {
		return dst, err
	}
	return b.Bytes(), nil
}

// appendStrings is appendSlice without a box for each string.
func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, s)
	}
	return append(dst, ']')
}

func appendSlice[T any](dst []byte, list []T, depth int) ([]byte, error) {
	var err error
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, v, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendPointer[T any](dst []byte, p *T, depth int) ([]byte, error) {
	if p == nil {
		return append(dst, "null"...), nil
	}
	return appendValue(dst, *p, depth)
}

// appendMap writes keys in order, so that equal maps are equal bytes.
func appendMap[T any](dst []byte, m map[string]T, depth int) ([]byte, error) {
	var err error
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, k), ':')
		if dst, err = appendValue(dst, m[k], depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendOther(dst []byte, value any) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return dst, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// fieldIn reports whether encoded fields hold a top-level field of this name.
func fieldIn(fields []byte, name string) bool {
	want := append(AppendString(nil, name), ':')
	depth, inString, escaped := 0, false, false
	for i, c := range fields {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
			if depth == 0 && bytes.HasPrefix(fields[i:], want) && (i == 0 || fields[i-1] == ',') {
				return true
			}
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

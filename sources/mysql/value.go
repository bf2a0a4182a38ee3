package mysql

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"math"
	"strconv"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// appendJSON appends a value as JSON by the rule of its column. It reports
// false for a value that has no form in JSON and became null.
func (c *column) appendJSON(dst []byte, v driver.Value) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return c.appendBytes(dst, v)
	case int64:
		if c.kind == yearKind && v == 0 {
			return appendNull(dst), false
		}
		return strconv.AppendInt(dst, v, 10), true
	case uint64:
		if c.kind != unsignedKind {
			return strconv.AppendUint(dst, v, 10), true
		}
		dst = strconv.AppendUint(append(dst, '"'), v, 10)
		return append(dst, '"'), true
	case float64:
		return appendFloat(dst, v, c.kind), true
	case float32: // of a query: as the server printed it
		return appendFloat(dst, float64(v), floatKind), true
	}
	return appendNull(dst), true
}

func appendNull(dst []byte) []byte { return append(dst, "null"...) }

func (c *column) appendBytes(dst, v []byte) ([]byte, bool) {
	switch c.kind {
	case numberKind:
		return appendNumber(dst, v), true
	case dateKind, datetimeKind, timestampKind:
		return c.appendDate(dst, v)
	case setKind:
		return appendSet(dst, v), true
	case flagKind:
		return strconv.AppendBool(dst, len(v) > 0 && v[len(v)-1] != 0), true
	case bitsKind:
		dst = appendBits(append(dst, '"'), v, c.length)
		return append(dst, '"'), true
	case bytesKind, blobKind:
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v)
		return append(dst, '"'), true
	}
	return connector.AppendText(dst, v), true
}

// appendNumber appends a decimal; ZEROFILL begins them with zeros.
func appendNumber(dst, v []byte) []byte {
	if len(v) > 0 && v[0] == '-' {
		dst, v = append(dst, '-'), v[1:]
	}
	for len(v) > 1 && v[0] == '0' && v[1] != '.' {
		v = v[1:]
	}
	return append(dst, v...)
}

// appendFloat appends the shortest number that is the same double, or the same
// float. The server has neither NaN nor infinities.
func appendFloat(dst []byte, f float64, k kind) []byte {
	bits := 64
	if k == floatKind {
		bits = 32
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, bits)
}

// appendDate appends 2026-01-31, 2026-01-31T12:00:00.5 or, for TIMESTAMP, the
// same with Z. Dates that no calendar has are null.
func (c *column) appendDate(dst, v []byte) ([]byte, bool) {
	if !realDate(v) {
		return appendNull(dst), false
	}
	dst = append(append(dst, '"'), v...)
	if len(v) > len("2006-01-02") {
		dst[len(dst)-len(v)+len("2006-01-02")] = 'T'
	}
	if c.kind == timestampKind {
		dst = append(dst, 'Z')
	}
	return append(dst, '"'), true
}

// realDate refuses the zero date, dates with a month or a day that is zero,
// and those like 31 February that a server may be told to accept.
func realDate(v []byte) bool {
	if len(v) < len("2006-01-02") {
		return false
	}
	year, month, day := number4(v[:4]), number4(v[5:7]), number4(v[8:10])
	if year < 1 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= 28 || day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func number4(digits []byte) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

func appendSet(dst, v []byte) []byte {
	dst = append(dst, '[')
	for i := 0; len(v) > 0; i++ {
		var label []byte
		label, v, _ = bytes.Cut(v, []byte{','})
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = connector.AppendText(dst, label)
	}
	return append(dst, ']')
}

// appendBits appends the last n bits as digits.
func appendBits(dst, v []byte, n int) []byte {
	for i := len(v)*8 - n; i < len(v)*8; i++ {
		if i < 0 {
			dst = append(dst, '0')
			continue
		}
		dst = append(dst, '0'+v[i/8]>>(7-i%8)&1)
	}
	return dst
}

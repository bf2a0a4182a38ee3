package mysql

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

// keyValue is a key column's value from the binary log, in the form in which a
// query gives it.
type keyValue struct {
	text driver.Value // for ids
	sort driver.Value // for comparing
}

// followable reports whether the key's values can be read from the binary log.
func (s *selection) followable() bool {
	return len(s.keyed) > 0 && !s.view && !slices.ContainsFunc(s.keyed, func(k keyed) bool {
		return k.kind == wordKind && k.dataType != "time" || k.dataType == "year" && k.length != 0
	})
}

// logged reads a value as the binary log holds it.
func (c *column) logged(v binlog.Value) (keyValue, error) {
	same := func(v driver.Value) (keyValue, error) { return keyValue{v, v}, nil }
	b := v.Bytes
	switch v.Code {
	case binlog.Tiny, binlog.Short, binlog.Int24, binlog.Long, binlog.LongLong:
		return same(c.integer(b))
	case binlog.Float:
		return same(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	case binlog.Double:
		return same(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case binlog.Year:
		if b[0] == 0 {
			return same(int64(0))
		}
		return same(int64(b[0]) + 1900)
	case binlog.Varchar, binlog.String:
		return same(c.padded(b))
	case binlog.Decimal:
		text, err := v.DecimalText()
		return keyValue{[]byte(text), []byte(text)}, err
	case binlog.Date, binlog.NewDate:
		n := little(b)
		return same(fmt.Appendf(nil, "%04d-%02d-%02d", n>>9, n>>5&15, n&31))
	case binlog.Datetime2:
		return same(c.datetime(b))
	case binlog.Timestamp2:
		return same(c.timestamp(b))
	case binlog.Time2:
		return same(c.time(b))
	case binlog.Enum, binlog.Set:
		return keyValue{c.label(v.Code, little(b)), little(b)}, nil
	case binlog.Bit:
		return keyValue{slices.Clone(b), big(b)}, nil
	}
	return keyValue{}, fmt.Errorf("column %s has the type %d, which no key has", c.name, v.Code)
}

func little(b []byte) (n uint64) {
	for i, c := range b {
		n |= uint64(c) << (8 * i)
	}
	return n
}

func big(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

func (c *column) integer(b []byte) driver.Value {
	n := little(b)
	switch {
	case c.unsigned && c.kind == unsignedKind:
		return n
	case c.unsigned:
		return int64(n)
	}
	unused := 64 - 8*len(b)
	return int64(n<<unused) >> unused
}

// padded is a text, or a BINARY, whose zeros at the end the log leaves out.
func (c *column) padded(b []byte) []byte {
	b = slices.Clone(b)
	if c.dataType == "binary" && len(b) < c.length {
		b = append(b, make([]byte, c.length-len(b))...)
	}
	return b
}

// micros reads the parts of a second: as many pairs of digits as there are
// bytes.
func micros(b []byte) int {
	n := int(big(b))
	for range 3 - len(b) {
		n *= 100
	}
	return n
}

func (c *column) withFraction(text []byte, micros int) []byte {
	if c.fraction == 0 {
		return text
	}
	return append(append(text, '.'), fmt.Sprintf("%06d", micros)[:c.fraction]...)
}

// datetime reads 5 bytes: a sign, 17 bits of year*13+month, 5 of day, 5 of hour,
// 6 of minute, 6 of second.
func (c *column) datetime(b []byte) []byte {
	n := big(b[:5]) - 1<<39
	month := n >> 22
	text := fmt.Appendf(nil, "%04d-%02d-%02d %02d:%02d:%02d", month/13, month%13, n>>17&31, n>>12&31, n>>6&63, n&63)
	return c.withFraction(text, micros(b[5:]))
}

func (c *column) timestamp(b []byte) []byte {
	seconds := big(b[:4])
	if seconds == 0 && micros(b[4:]) == 0 {
		return c.withFraction([]byte("0000-00-00 00:00:00"), 0)
	}
	text := time.Unix(int64(seconds), 0).UTC().AppendFormat(nil, "2006-01-02 15:04:05")
	return c.withFraction(text, micros(b[4:]))
}

// time reads a signed number: 10 bits of hours, 6 of minutes, 6 of seconds and
// the parts of a second.
func (c *column) time(b []byte) []byte {
	width := 8 * len(b)
	n := int64(big(b)) - 1<<(width-1)
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	behind := uint(8 * (len(b) - 3))
	parts := n & (1<<behind - 1)
	for range 3 - len(b) + 3 {
		parts *= 100
	}
	n >>= behind
	text := fmt.Appendf(nil, "%s%02d:%02d:%02d", sign, n>>12&1023, n>>6&63, n&63)
	return c.withFraction(text, int(parts))
}

// label is the text of an ENUM's number or a SET's bits.
func (c *column) label(code byte, n uint64) []byte {
	if code == binlog.Enum {
		if n == 0 || n > uint64(len(c.labels)) {
			return nil
		}
		return []byte(c.labels[n-1])
	}
	var chosen []string
	for i, label := range c.labels {
		if n>>i&1 == 1 {
			chosen = append(chosen, label)
		}
	}
	return []byte(strings.Join(chosen, ","))
}

// foreign reports whether a text in the log is in another character set than
// UTF-8.
func (c *column) foreign() bool {
	switch c.charset {
	case "", "utf8mb4", "utf8mb3", "utf8", "ascii", "binary":
		return false
	}
	return c.kind == textKind
}

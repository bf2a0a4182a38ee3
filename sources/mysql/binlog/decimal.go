package binlog

import (
	"fmt"
	"strings"
)

// digitBytes is how many bytes so many digits below nine take.
var digitBytes = [...]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

func decimalSize(digits, scale int) int {
	whole := digits - scale
	if whole < 0 {
		return -1
	}
	return whole/9*4 + digitBytes[whole%9] + scale/9*4 + digitBytes[scale%9]
}

// DecimalText writes a DECIMAL as the server does. Its nine digits are four
// bytes, the highest first; the sign is the highest bit, and a negative value
// has all bits turned.
func (v Value) DecimalText() (string, error) {
	digits, scale := int(v.Meta>>8), int(v.Meta&0xff)
	if len(v.Bytes) != decimalSize(digits, scale) || len(v.Bytes) == 0 {
		return "", errShort
	}
	b := append([]byte(nil), v.Bytes...)
	negative := b[0]&0x80 == 0
	b[0] ^= 0x80
	if negative {
		for i := range b {
			b[i] = ^b[i]
		}
	}
	r := reader{b: b}
	whole := digits - scale
	text := r.digits(whole%9) + r.groups(whole/9)
	text = strings.TrimLeft(text, "0")
	if text == "" {
		text = "0"
	}
	if scale > 0 {
		text += "." + r.groups(scale/9) + r.digits(scale%9)
	}
	if negative {
		text = "-" + text
	}
	return text, r.err
}

func (r *reader) groups(n int) string {
	var text strings.Builder
	for range n {
		text.WriteString(r.digits(9))
	}
	return text.String()
}

// digits reads a group of up to nine digits.
func (r *reader) digits(n int) string {
	if n == 0 {
		return ""
	}
	var v uint64
	for _, c := range r.take(digitBytes[n]) {
		v = v<<8 | uint64(c)
	}
	return fmt.Sprintf("%0*d", n, v)
}

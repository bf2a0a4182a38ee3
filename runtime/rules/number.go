package rules

import "cmp"

// decimal is a number in its written form, so that any two compare exactly
// and none needs memory of its own.
type decimal struct {
	negative bool
	// digits run from the first to the last digit that is not zero, perhaps
	// with a point between; empty is zero.
	digits []byte
	// exponent is that of the first digit: 12.5 is 1.25 * 10^1.
	exponent int64
	// small is the value when it is written as an integer of few digits.
	small   int64
	isSmall bool
}

// smallDigits is how many digits always fit an int64.
const smallDigits = 18

// parseDecimal reads digits with an optional sign, point and exponent. What
// has more than 18 digits in its exponent is no number.
func parseDecimal(text []byte) (d decimal, ok bool) {
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		d.negative = text[i] == '-'
		i++
	}
	end := i
	for end < len(text) && isDigit(text[end]) {
		d.small = d.small*10 + int64(text[end]-'0') // used only when it fits
		end++
	}
	if end == len(text) && end > i && end-i <= smallDigits {
		if d.negative {
			d.small = -d.small
		}
		d.isSmall = true
		return d.mantissa(text[i:], end-i), true
	}
	whole := end - i
	if end < len(text) && text[end] == '.' {
		for end++; end < len(text) && isDigit(text[end]); end++ {
		}
	}
	if whole == 0 && end-i < 2 {
		return d, false // no digit at all
	}
	d = d.mantissa(text[i:end], whole)
	if end == len(text) {
		return d, true
	}
	exponent, ok := parseExponent(text[end:])
	d.exponent += exponent
	return d, ok
}

// mantissa sets the digits and the exponent from digits of which the first
// whole ones stand before the point.
func (d decimal) mantissa(text []byte, whole int) decimal {
	first, last := -1, -1
	for i, c := range text {
		if c != '0' && c != '.' {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return d
	}
	d.digits = text[first : last+1]
	d.exponent = int64(whole - 1 - first)
	if first > whole { // the point stands before it
		d.exponent++
	}
	return d
}

func parseExponent(text []byte) (exponent int64, ok bool) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	for len(text) > 1 && text[0] == '0' {
		text = text[1:]
	}
	if len(text) == 0 || len(text) > smallDigits {
		return 0, false
	}
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		exponent = exponent*10 + int64(c-'0')
	}
	if negative {
		return -exponent, true
	}
	return exponent, true
}

// compare returns the order of two numbers, as cmp.Compare does.
func (d *decimal) compare(e *decimal) int {
	if d.isSmall && e.isSmall {
		return cmp.Compare(d.small, e.small)
	}
	a, b := d.sign(), e.sign()
	if a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	if order := cmp.Compare(d.exponent, e.exponent); order != 0 {
		return a * order
	}
	return a * compareDigits(d.digits, e.digits)
}

func (d *decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareDigits compares digits that stand for the same powers of ten.
func compareDigits(a, b []byte) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == '.':
			i++
		case b[j] == '.':
			j++
		case a[i] != b[j]:
			return cmp.Compare(a[i], b[j])
		default:
			i++
			j++
		}
	}
	// Neither ends in a zero, so the longer one is larger.
	return cmp.Compare(len(a)-i, len(b)-j)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

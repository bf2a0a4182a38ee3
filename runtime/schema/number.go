package schema

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// maxDigits bounds the length and the exponent of a number, so that a few
// bytes such as 1e999999999 can't fill the memory.
const maxDigits = 400

var numberForm = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// exact reads a decimal number without rounding. It reports false when the
// text is no number or one beyond every type.
func exact(text string) (*big.Rat, bool) {
	if len(text) > maxDigits || !numberForm.MatchString(text) {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exp, err := strconv.Atoi(strings.TrimPrefix(text[i+1:], "+"))
		if err != nil || exp > maxDigits || exp < -maxDigits {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
}

// exactInt reads a number that has an integer value, such as 3, 3.0 or 3e2.
func exactInt(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	r, ok := exact(text)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// decimal prints a number as people write it.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if digits, finite := r.FloatPrec(); finite {
		return r.FloatString(digits)
	}
	return r.RatString()
}

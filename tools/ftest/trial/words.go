package trial

import (
	"strconv"
	"strings"
)

// count writes a number with commas.
func count[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	var b strings.Builder
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

func documents[N int | int64](n N) string {
	if n == 1 {
		return "1 document"
	}
	return count(n) + " documents"
}

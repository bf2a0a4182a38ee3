package schema

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Suggest returns the name that a misspelt one most likely means, or "" when
// none is near. Of several that are as near it is the first in the alphabet.
func Suggest(name string, known []string) string {
	if len(name) > 100 {
		return ""
	}
	best, least := "", min(max(1, len(name)/3), 3)+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := distance(name, k); d < least && d < utf8.RuneCountInString(k) {
			best, least = k, d
		}
	}
	return best
}

// DidYouMean returns the end of a sentence that asks about [Suggest]'s name:
// `; did you mean "port"?`, or nothing.
func DidYouMean(name string, known []string) string {
	if near := Suggest(name, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that turn one text into another.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}

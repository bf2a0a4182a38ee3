package settings

import (
	"slices"
	"strings"
)

// Suggest returns the candidate that a mistyped word most likely means, or "".
func Suggest(word string, candidates []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(word, c); d < least {
			best, least = c, d
		}
	}
	return best
}

// didYouMean returns "; did you mean …?" or nothing.
func didYouMean(word string, candidates []string) string {
	if s := Suggest(word, candidates); s != "" {
		return "; did you mean " + s + "?"
	}
	return ""
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour that turns a into b.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// nearestKey returns the setting that an unknown dotted key most likely means,
// or "". It mends the first part that is wrong, and finds keys that stand in
// the wrong section.
func nearestKey(path string, keys []string) string {
	parts := strings.Split(path, ".")
	known := ""
	for i, part := range parts {
		next := children(known, keys)
		if !slices.Contains(next, part) {
			if s := Suggest(part, next); s != "" {
				return strings.Join(append([]string{known + s}, parts[i+1:]...), ".")
			}
			break
		}
		known += part + "."
	}
	last := parts[len(parts)-1]
	for _, key := range keys {
		if strings.HasSuffix(key, "."+last) {
			return key
		}
	}
	return ""
}

// children returns the parts that may follow a prefix, which is empty or ends
// with a dot.
func children(prefix string, keys []string) []string {
	var out []string
	for _, key := range keys {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			part, _, _ := strings.Cut(rest, ".")
			if !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}

package cron

import "strings"

// shortest is the number of letters that make a name.
const shortest = 3

// nameIndex returns the place of a name or of an abbreviation of it, or -1.
func nameIndex(text string, names []string) int {
	for i, name := range names {
		if len(text) >= shortest && strings.HasPrefix(name, text) {
			return i
		}
	}
	return -1
}

// nearestName returns the short form of the name that shares most letters with
// the beginning of a misspelt one, or "" when none or several do.
func nearestName(text string, names []string) string {
	best, most, tied := "", 2, false // at least two letters, one of them in its place
	for _, name := range names {
		switch n := likeness(text, name[:shortest]); {
		case n > most:
			best, most, tied = name[:shortest], n, false
		case n == most:
			tied = true
		}
	}
	if tied {
		return ""
	}
	return best
}

// likeness counts two for a letter in its place and one for a letter elsewhere.
func likeness(text, name string) int {
	n := 0
	for i := range name {
		switch {
		case i < len(text) && text[i] == name[i]:
			n += 2
		case strings.Contains(text[:min(len(text), shortest)], name[i:i+1]):
			n++
		}
	}
	return n
}

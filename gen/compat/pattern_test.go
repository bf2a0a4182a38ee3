package compat_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/load"
)

// TestPatterns compares each pattern with each other one, and what is said with
// what the patterns do to every short text.
func TestPatterns(t *testing.T) {
	patterns := []string{
		"^[a-z]*$", "^[a-z]+$", "^a*$", "^(?:a|bc)$", "^(?:abc|a.c)$", "^(?i:ab)$", "^[^a]*$", "^(?:a|b)(?:a|b)?$", "^.{2}$", "^.*$", "^(?s:.*)$",
		"^\\d+$", "^\\w{1,3}$", "^a$|^b$", "^(?:a*b)*$", "^(?:[ab]*b)?$", "^\\PL*$", "^a?a?a?$", "^a{0,3}$", "^[a-c]{2,}$", "^\u212a?$", "^(?i:k)?$",
	}
	texts := short("", []rune("ab1C\n\u212a"), 4)
	kept := 0
	for _, was := range patterns {
		for _, now := range patterns {
			said := comparedPatterns(t, was, now)
			took, takes := regexp.MustCompile(was), regexp.MustCompile(now)
			if said == "" {
				kept++
				for _, text := range texts {
					if took.MatchString(text) && !takes.MatchString(text) && text != "" {
						t.Fatalf("%s takes all of %s, they say, but not %q", now, was, text)
					}
				}
				continue
			}
			require.True(t, took.MatchString(said), "%s and %s: %q", was, now, said)
			require.False(t, takes.MatchString(said), "%s and %s: %q", was, now, said)
		}
	}
	require.Greater(t, kept, 2*len(patterns))
}

// patterned is a tree whose field has a pattern.
func patterned(t *testing.T, pattern string) load.Input {
	t.Helper()
	quoted, err := json.Marshal(pattern)
	require.NoError(t, err)
	return declared(t, "", "", fmt.Sprintf(`"f": {%s, "pattern": %s}`, text, quoted), "")
}

func short(start string, alphabet []rune, length int) []string {
	list := []string{start}
	if length == 0 {
		return list
	}
	for _, r := range alphabet {
		list = append(list, short(start+string(r), alphabet, length-1)...)
	}
	return list
}

var example = regexp.MustCompile(`and takes (".*") no more$`)

// comparedPatterns returns a text that one pattern took and the other does not,
// or "".
func comparedPatterns(t *testing.T, was, now string) string {
	t.Helper()
	found := compat.Compare(patterned(t, was), patterned(t, now))
	if len(found) == 0 {
		return ""
	}
	m := example.FindStringSubmatch(found[0].Message)
	require.NotNil(t, m, found[0].Message)
	counter, err := strconv.Unquote(m[1])
	require.NoError(t, err)
	require.NotEmpty(t, counter, "an empty text counts as none")
	return counter
}

// TestPatternsUndecided holds that what can't be told is refused, and soon.
func TestPatternsUndecided(t *testing.T) {
	for _, c := range [][2]string{
		{"^a\\bc$", "^ab$"},
		{"^(?:[ab]*a[ab]{40})$", "^(?:[ab]*b[ab]{40}|a*)$"},
	} {
		found := compare(t, patterned(t, c[0]), patterned(t, c[1]))
		require.Len(t, found, 1)
		require.Contains(t, found[0].Message, "can't be told")
	}
}

// TestPatternBounds holds that only texts count that the other constraints
// took.
func TestPatternBounds(t *testing.T) {
	base := declared(t, "", "", `"f": {`+text+`, "pattern": "^[a-z]*$", "maxLength": 3}`, "")
	require.Empty(t, compare(t, base, declared(t, "", "", `"f": {`+text+`, "pattern": "^.{1,3}$"}`, "")))
	require.Len(t, compare(t, base, declared(t, "", "", `"f": {`+text+`, "pattern": "^.{1,2}$"}`, "")), 1)
}

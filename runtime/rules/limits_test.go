package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/rules"
)

// many is a list of so many rules with conditions of their own.
func many(n int, condition func(i int) string) json.RawMessage {
	list := make([]string, n)
	for i := range list {
		list[i] = good(fmt.Sprint(i), i, condition(i))
	}
	return json.RawMessage("[" + strings.Join(list, ",") + "]")
}

func TestRegexesAreBounded(t *testing.T) {
	for regex, want := range map[string]string{
		strings.Repeat("a", 1001):     "it has 1001 bytes, of which at most 1000 are allowed",
		strings.Repeat(`[\W]`, 200):   `it has too many sets of characters with \W or \S in them`,
		strings.Repeat("(", 900):      "this bracket is never closed",
		"(abcdefghijklmnopqrst){600}": "it has about 12600 states, of which at most 10000 are allowed",
	} {
		_, err := rules.Compile([]rules.Rule{{ID: "r", Policy: "exclude", Field: "f", Rule: "regex", Value: regex, Order: "1"}})
		require.ErrorContains(t, err, "basic rule 1 (")
		require.ErrorContains(t, err, want)
		require.Less(t, len(err.Error()), 10_000)
	}
}

// Each of these regexes may stand alone, but not so many of them.
func TestRegexesAreBoundedTogether(t *testing.T) {
	for _, regex := range []string{`(b|c){900}`, `\\w{100}`, `[\\W][\\W][\\W]`, strings.Repeat("(", 300) + "x" + strings.Repeat(")", 300), `(?=aaaaaa)`} {
		list := many(2000, func(i int) string {
			return `"field":"f","rule":"regex","value":"` + fmt.Sprint(i) + regex + `"`
		})
		v := rules.Check(list)
		require.Equal(t, rules.Invalid, v.State, regex)
		last := v.Errors[len(v.Errors)-2].Messages[0]
		require.Regexp(t, `^basic rule [0-9]+ \(f regex `, last)
		require.NotContains(t, v.Errors[0].Messages[0], "basic rule 2 ")
		if regex[0] == '(' && regex[1] == '?' {
			continue // each of them is refused for itself
		}
		require.Contains(t, last, "the regexes up to this one are too large together")
	}
	fair := many(1000, func(i int) string {
		return `"field":"f","rule":"regex","value":".*/` + fmt.Sprint(i) + `-\\w+\\.(tmp|bak|old)$"`
	})
	require.Equal(t, rules.Valid, rules.Check(fair).State)
}

func TestRulesAreBounded(t *testing.T) {
	plain := func(i int) string { return `"field":"f","rule":"equals","value":"` + fmt.Sprint(i) + `"` }
	require.Equal(t, rules.Valid, rules.Check(many(10_000, plain)).State)
	require.Equal(t, []string{"|basic rules: there are 10001, of which at most 10000 are allowed"},
		texts(rules.Check(many(10_001, plain)).Errors))

	long := func(n int) string { return strings.Repeat("9", n) }
	for rule, want := range map[string]string{
		good("a", 1, `"field":"f","rule":"equals","value":"`+long(10_001)+`"`): "a|basic rule 1: value has 10001 bytes, of which at most 10000 are allowed",
		good(long(1001), 1, isX): "|basic rule 1: id has 1001 bytes, of which at most 1000 are allowed",
		strings.Replace(good("a", 1, isX), `"order":1`, `"order":`+long(1001), 1): "a|basic rule 1: order is out of range",
	} {
		require.Equal(t, []string{want}, texts(rules.Check(json.RawMessage("["+rule+"]")).Errors))
	}
	_, err := rules.Compile([]rules.Rule{{ID: "r", Policy: "exclude", Field: "f", Rule: "equals", Value: long(10_001), Order: "1"}})
	require.ErrorContains(t, err, "value has 10001 bytes")
}

func TestFilteringIsBounded(t *testing.T) {
	text := []byte(strings.Repeat(" ", rules.MaxText) + "{}")
	want := fmt.Sprintf("|filtering has %d bytes, of which at most %d are allowed", rules.MaxText+2, rules.MaxText)
	v := rules.ParseFilter(text).Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
	require.Equal(t, []string{want}, texts(v.Errors))
	v = rules.ParseFiltering(text).Draft().Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
	require.Equal(t, []string{want}, texts(v.Errors))
}

package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/rules"
)

// good is a rule without faults, to be varied.
func good(id string, order int, more string) string {
	return fmt.Sprintf(`{"id":%q,"policy":"exclude","order":%d,%s}`, id, order, more)
}

const isX = `"field":"path","rule":"equals","value":"x"`

func texts(errors []rules.Error) (all []string) {
	for _, e := range errors {
		for _, m := range e.Messages {
			all = append(all, strings.Join(e.IDs, ",")+"|"+m)
		}
	}
	return all
}

// Every malformed rule is reported by its position, and raises nothing.
func TestShape(t *testing.T) {
	rest := `"id":"a","policy":"exclude","field":"f","rule":"equals","value":"x","order":1`
	without := func(member string) string { return "{" + strings.Replace(rest, member, `"_":0`, 1) + "}" }
	instead := func(member, other string) string { return "{" + strings.Replace(rest, member, other, 1) + "}" }
	tests := []struct {
		rule string
		want []string
	}{
		{`[]`, []string{"|basic rule 2: it must be an object, not a list"}},
		{`null`, []string{"|basic rule 2: it must be an object, not null"}},
		{`"x"`, []string{`|basic rule 2: it must be an object, not the text "x"`}},
		{`5`, []string{"|basic rule 2: it must be an object, not the number 5"}},
		{`true`, []string{"|basic rule 2: it must be an object, not true"}},
		{`{}`, []string{"|basic rule 2: id is missing", "|basic rule 2: policy is missing", "|basic rule 2: field is missing",
			"|basic rule 2: rule is missing", "|basic rule 2: value is missing", "|basic rule 2: order is missing"}},
		{without(`"id":"a"`), []string{"|basic rule 2: id is missing"}},
		{without(`"order":1`), []string{"a|basic rule 2: order is missing"}},
		{instead(`"id":"a"`, `"id":""`), []string{"|basic rule 2: id must not be empty"}},
		{instead(`"id":"a"`, `"id":7`), []string{"|basic rule 2: id must be text, not the number 7"}},
		{instead(`"id":"a"`, `"id":null`), []string{"|basic rule 2: id must be text, not null"}},
		{instead(`"policy":"exclude"`, `"policy":"drop"`), []string{`a|basic rule 2: policy must be include or exclude, not "drop"`}},
		{instead(`"policy":"exclude"`, `"policy":[]`), []string{"a|basic rule 2: policy must be text, not a list"}},
		{instead(`"field":"f"`, `"field":""`), []string{"a|basic rule 2: field must not be empty"}},
		{instead(`"field":"f"`, `"field":"`+strings.Repeat("a.", 50)+`b"`), []string{
			"a|basic rule 2: field reaches 51 levels deep, of which at most 50 are allowed"}},
		{instead(`"field":"f"`, `"field":"`+strings.Repeat("a", 1001)+`"`), []string{
			"a|basic rule 2: field has 1001 bytes, of which at most 1000 are allowed"}},
		{instead(`"field":"f"`, `"field":{}`), []string{"a|basic rule 2: field must be text, not an object"}},
		{instead(`"rule":"equals"`, `"rule":"greater_than"`), []string{
			`a|basic rule 2: rule must be one of equals, starts_with, ends_with, contains, regex, >, <, not "greater_than"; write ">"`}},
		{instead(`"value":"x"`, `"value":5`), []string{"a|basic rule 2: value must be text, not the number 5"}},
		{instead(`"value":"x"`, `"value":true`), []string{"a|basic rule 2: value must be text, not true"}},
		{instead(`"value":"x"`, `"value":""`), []string{"a|basic rule 2: value must not be empty"}},
		{instead(`"order":1`, `"order":"x"`), []string{`a|basic rule 2: order must be a number, not the text "x"`}},
		{instead(`"order":1`, `"order":null`), []string{"a|basic rule 2: order must be a number, not null"}},
		{instead(`"order":1`, `"order":1e99999999999999999999`), []string{"a|basic rule 2: order is out of range"}},
		{`{"id":"a",` + rest + `}`, []string{`a|basic rule 2: "id" is given twice`}},
		{instead(`"policy":"exclude"`, `"policy":"x"`)[:1] + `"id":"b","policy":"x","field":1,"rule":"y","value":"v","order":1}`, []string{
			"b|basic rule 2: field must be text, not the number 1", `b|basic rule 2: policy must be include or exclude, not "x"`,
			`b|basic rule 2: rule must be one of equals, starts_with, ends_with, contains, regex, >, <, not "y"`}},
	}
	for _, test := range tests {
		v := rules.Check(json.RawMessage(`[` + good("first", 1, isX) + `,` + test.rule + `]`))
		require.Equal(t, rules.Invalid, v.State, test.rule)
		require.Equal(t, test.want, texts(v.Errors), test.rule)
	}
}

func TestTheListItself(t *testing.T) {
	for stored, want := range map[string]string{
		`{}`: "basic rules must be a list, not an object", `"x"`: `basic rules must be a list, not the text "x"`,
		`7`: "basic rules must be a list, not the number 7", `[1`: "basic rules are not JSON: unexpected end of JSON input",
	} {
		v := rules.Check(json.RawMessage(stored))
		require.Equal(t, rules.Invalid, v.State, stored)
		require.Equal(t, []string{"|" + want}, texts(v.Errors), stored)
	}
	for _, stored := range []string{``, `null`, ` [ ] `, `[` + standard + `]`, `[` + standard + `,` + good("a", 1, isX) + `]`} {
		v := rules.Check(json.RawMessage(stored))
		require.Equal(t, rules.Valid, v.State, stored)
		require.Empty(t, v.Errors)
		require.Empty(t, v.Warnings)
	}
}

func TestTogether(t *testing.T) {
	other := strings.Replace(isX, `"x"`, `"y"`, 1)
	list := func(items ...string) json.RawMessage { return json.RawMessage("[" + strings.Join(items, ",") + "]") }
	tests := []struct {
		name     string
		stored   json.RawMessage
		errors   []string
		warnings []string
	}{
		{"the same", list(good("a", 1, isX), good("b", 2, other), good("c", 3, strings.Replace(isX, "equals", "EQUALS", 1)), standard),
			[]string{`a,c|basic rules 1 and 3 are the same (path equals "x"); delete all but one`}, nil},
		{"three times", list(good("a", 1, isX), good("b", 2, isX), good("c", 3, isX)),
			[]string{`a,b,c|basic rules 1, 2 and 3 are the same (path equals "x"); delete all but one`}, nil},
		{"two pairs", list(good("a", 1, isX), good("b", 2, isX), good("c", 3, other), good("d", 4, other)),
			[]string{`a,b|basic rules 1 and 2 are the same (path equals "x"); delete all but one`,
				`c,d|basic rules 3 and 4 are the same (path equals "y"); delete all but one`}, nil},
		{"contradiction", list(good("a", 1, isX), strings.Replace(good("b", 2, isX), "exclude", "include", 1)),
			[]string{`a,b|basic rules 1 and 2 contradict each other (path equals "x"): one includes what another excludes; delete all but one`}, nil},
		{"one id", list(good("a", 1, isX), good("a", 2, other)), []string{`a|basic rules 1 and 2 have the same id "a"`}, nil},
		{"prefixes", list(good("a", 2, `"field":"f","rule":"starts_with","value":"abc"`), good("b", 1, `"field":"f","rule":"starts_with","value":"ab"`)),
			nil, []string{`a|basic rule 1 (f starts_with "abc") can never decide: basic rule 2 (f starts_with "ab") matches first`}},
		{"parts", list(good("a", 1, `"field":"f","rule":"contains","value":"b"`), good("b", 2, `"field":"f","rule":"ends_with","value":"abc"`),
			good("c", 3, `"field":"g","rule":"ends_with","value":"abc"`)),
			nil, []string{`b|basic rule 2 (f ends_with "abc") can never decide: basic rule 1 (f contains "b") matches first`}},
		{"behind everything", list(good("a", 1, `"field":"id","rule":"regex","value":"x*"`), good("b", 2, isX), standard), nil, []string{
			`a|basic rule 1 (id regex "x*"): the regex matches every document that has the field, because it can match the empty text at the start`,
			`b|basic rule 2 (path equals "x") can never decide: basic rule 1 (id regex "x*") matches first`}},
		{"behind every value", list(good("b", 2, isX), good("a", 1, `"field":"path","rule":"regex","value":"a|b?"`), good("c", 3, `"field":"g","rule":">","value":"1"`)),
			nil, []string{
				`a|basic rule 2 (path regex "a|b?"): the regex matches every document that has the field, because it can match the empty text at the start`,
				`b|basic rule 1 (path equals "x") can never decide: basic rule 2 (path regex "a|b?") matches first`}},
		{"odd default", list(strings.Replace(standard, `".*"`, `"abc"`, 1)), nil,
			[]string{`DEFAULT|basic rule 1 (_ regex "abc"): the default rule decides about every document that no other rule matches; its field, rule and value are not looked at`}},
	}
	for _, test := range tests {
		v := rules.Check(test.stored)
		require.Equal(t, test.errors, texts(v.Errors), test.name)
		require.Equal(t, test.warnings, texts(v.Warnings), test.name)
	}
}

func TestRegexesThatMatchEverything(t *testing.T) {
	check := func(regex string) rules.Validation {
		value, err := json.Marshal(regex)
		require.NoError(t, err)
		return rules.Check(json.RawMessage(`[` + good("a", 1, `"field":"f","rule":"regex","value":`+string(value)) + `]`))
	}
	for _, regex := range []string{".*", "(.*)", "(?:.*)", "^.*", ".*$", "^.*$", "^(.*)$", ".*?", "(?s).*", "(?P<x>.*)", `[\s\S]*`, "^"} {
		require.Equal(t, []string{`a|basic rule 1 (f regex "` + regex + `"): the regex matches everything; change the policy of the default rule instead`},
			texts(check(regex).Errors), regex)
	}
	for _, regex := range []string{".+", ".*a", "^$", "a", "(.*)a"} {
		require.Equal(t, rules.Valid, check(regex).State, regex)
	}
}

func TestManyProblemsAreCut(t *testing.T) {
	v := rules.Check(json.RawMessage("[" + strings.Repeat("1,", 5000) + "1]"))
	require.Len(t, v.Errors, 1001)
	require.Equal(t, []string{"basic rules: 4001 more problems are not listed"}, v.Errors[1000].Messages)
}

func TestThePublishedShape(t *testing.T) {
	raw, err := json.Marshal(rules.Check(nil))
	require.NoError(t, err)
	require.JSONEq(t, `{"state":"valid","errors":[]}`, string(raw))
	raw, err = json.Marshal(rules.Check(json.RawMessage(`[7]`)))
	require.NoError(t, err)
	require.JSONEq(t, `{"state":"invalid","errors":[{"ids":[],"messages":["basic rule 1: it must be an object, not the number 7"]}]}`, string(raw))
}

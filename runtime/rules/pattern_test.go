package rules_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/rules"
)

// What RE2 lacks is reported with its place and with what comes nearest.
func TestRegexesThatRE2Lacks(t *testing.T) {
	tests := []struct{ regex, want string }{
		{`abc(?=def)`, `at character 4: RE2 has no look-ahead "(?="; write "(?:def)"`},
		{`é(?=x)`, `at character 2: RE2 has no look-ahead "(?="; write "(?:x)"`},
		{`(?!tmp).*x`, `at character 1: RE2 has no negative look-ahead "(?!"; put a rule of its own before this one that decides about what must not follow`},
		{`a(?<=(b|c))d`, `at character 2: RE2 has no look-behind "(?<="; write "(?:(b|c))"`},
		{`a(?<!b)`, `at character 2: RE2 has no negative look-behind "(?<!"; put a rule of its own before this one that decides about what must not stand before`},
		{`(?>a+)b`, `at character 1: RE2 has no atomic group "(?>"; write "(?:a+)"`},
		{`(ab)\1`, `at character 5: RE2 has no back-references such as "\1"; write "(ab)", the group's own regex, which need not match the same text`},
		{`(?P<q>["'])x(?P=q)`, `at character 13: RE2 has no back-references such as "(?P=q)"; write "(?P<q>["'])", the group's own regex, which need not match the same text`},
		{`a\2`, `at character 2: RE2 has no back-references such as "\2"; write out what the group stands for`},
		{`\k<x>`, `at character 1: RE2 has no back-references such as "\k"; write out what the group stands for`},
		{`a++b`, `at character 3: RE2 has no possessive quantifiers; write "+"`},
		{`a*+`, `at character 3: RE2 has no possessive quantifiers; write "*"`},
		{`a?+`, `at character 3: RE2 has no possessive quantifiers; write "?"`},
		{`a{2,3}+`, `at character 7: RE2 has no possessive quantifiers; write "{2,3}"`},
		{`a**`, `at character 3: "*" repeats what is repeated already; put the inner part into (?:…)`},
		{`a{,5}`, `at character 2: RE2 takes "{,5}" as plain text; write "{0,5}"`},
		{`a{1,2000}`, `at character 2: RE2 repeats at most 1000 times; write "{1,1000}" or another quantifier`},
		{`abc\Z`, `at character 4: RE2 has no "\Z"; write "\z"`},
		{`\u00e9`, `at character 1: RE2 has no "\u00e9"; write "\x{00e9}"`},
		{`\U0001F600`, `at character 1: RE2 has no "\U0001F600"; write "\x{0001F600}"`},
		{`a\h`, `at character 2: RE2 has no "\h"; write "[\t ]"`},
		{`a\R`, `at character 2: RE2 has no "\R"; write "(?:\r\n|\n|\r)"`},
		{`a\Kb`, `at character 2: RE2 has no "\K"; leave it out`},
		{`\<a\>`, `at character 1: RE2 has no "\<"; write "\b"; regex: at character 4: RE2 has no "\>"; write "\b"`},
		{`[\b]`, `at character 2: RE2 has no "\b"; write "\x08"`},
		{`\i`, `at character 1: RE2 has no "\i"; write "i"`},
		{`(?x) a b`, `at character 3: RE2 has no flag "x"; leave it out, and spaces and comments too`},
		{`(?#note)a`, `at character 1: RE2 has no comment "(?#"; leave it out`},
		{`(a)?(?(1)b|c)`, `at character 5: RE2 has no condition "(?("; write both cases out: "(?:…|…)"`},
		{`(?P>x)`, `at character 1: RE2 has no back-references such as "(?P>x)"; write out what the group stands for`},
		{`(a)(?1)`, `at character 4: RE2 has no recursion; write the levels out`},
		{`a(b`, `at character 2: this bracket is never closed; close it with ")", or write "\("`},
		{`a)b`, `at character 2: ")" closes nothing; write "\)"`},
		{`a[bc`, `at character 2: this set of characters is never closed; close it with "]", or write "\["`},
		{`a\`, `at character 2: a backslash stands at the end; write "\\"`},
		{`a[z-a]`, `at character 3: invalid character class range "z-a"`},
		{`*a`, `at character 1: missing argument to repetition operator "*"`},
		{`a{5,2}`, `at character 2: invalid repeat count "{5,2}"`},
		{`\p{Foo}`, `at character 1: invalid character class range`},
		{`(?P<a-b>x)`, `at character 1: invalid named capture "(?P<a-b>"`},
		{strings.Repeat("[a-z]{1000}", 20), `it has about 20000 states, of which at most 10000 are allowed; use smaller repeat counts`},
	}
	for _, test := range tests {
		value, err := json.Marshal(test.regex)
		require.NoError(t, err)
		v := rules.Check(json.RawMessage(`[` + good("a", 1, `"field":"f","rule":"regex","value":`+string(value)) + `]`))
		require.Equal(t, rules.Invalid, v.State, test.regex)
		require.Len(t, v.Errors, 1)
		require.Contains(t, v.Errors[0].Messages[0], "basic rule 1 (f regex ", test.regex)
		require.Contains(t, v.Errors[0].Messages[0], "): regex: "+test.want, test.regex)
	}
}

// Short cuts that are taken around the regex machine give its verdicts.
func TestShortCutsAgree(t *testing.T) {
	regexes := []string{"ab", "ab.*", "ab(c)?", ".*ab", ".*ab$", ".*ab.*", "(.*)ab$", "a.*b", "^ab$", "ab$", "(?s).*ab$", ".*?ab", "(?i)ab", "a*b"}
	docs := []string{"", "ab", "abab", "xab", "abx", "a\nb", "x\nab", "ab\nx", "AB", "b", "aab", "xaby", "ab\n"}
	for _, regex := range regexes {
		value, err := json.Marshal(regex)
		require.NoError(t, err)
		// The empty alternative that follows the start of the text keeps the machine in charge.
		plain, err := json.Marshal(`(?:` + regex + `|[^\x00-\x{10FFFF}])`)
		require.NoError(t, err)
		rule := func(v []byte) string {
			return `[` + good("a", 1, `"field":"f","rule":"regex","value":`+string(v)) + `]`
		}
		short, whole := set(t, rule(value)), set(t, rule(plain))
		for _, doc := range docs {
			text, err := json.Marshal(map[string]string{"f": doc})
			require.NoError(t, err)
			got, _ := short.Decide("1", fields(string(text)))
			want, _ := whole.Decide("1", fields(string(text)))
			require.Equal(t, want, got, "%q on %q", regex, doc)
		}
	}
}

package rules_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

// placed is how every message begins: with the rule by its position, or with
// what is wrong as a whole.
var placed = regexp.MustCompile(`^(basic rules? [0-9]+|basic rules( are|:| must)|filtering|advanced)`)

func FuzzFiltering(f *testing.F) {
	for _, seed := range []string{
		stored("edited", `[`+good("a", 1, isX)+`]`, `[1]`), `[` + standard + `,` + good("a", 1, isX) + `]`,
		`{"rules":[[],null,{},{"id":1,"order":"x"}],"advanced_snippet":{"value":null}}`,
		`[{"id":"a","policy":"exclude","field":"f","rule":"regex","value":"(?=a)[\\W(b*+\\1","order":1e3}]`,
		`[{"id":"a","policy":"exclude","field":"f","rule":"regex","value":"(?P<x>a{2,3})\\Z","order":-1}]`,
		`{"draft":{"draft":{"draft":{}}}}`, `[{"domain":"DEFAULT","draft":{"validation":{"state":"edited"}}}]`, `[[[[`, "\xff", ``,
	} {
		f.Add([]byte(seed))
	}
	schema := func(json.RawMessage) connector.Problems { return nil }
	f.Fuzz(func(t *testing.T, raw []byte) {
		filter := rules.ParseFilter(raw)
		v := filter.Validate(t.Context(), rules.AllFeatures(), rules.Validators{Schema: schema})
		require.Equal(t, v.State == rules.Valid, len(v.Errors) == 0)
		for _, e := range v.Errors {
			require.NotEmpty(t, e.Messages)
			for _, m := range e.Messages {
				require.Regexp(t, placed, m)
				if len(e.IDs) > 0 && e.IDs[0] != rules.AdvancedID {
					require.Regexp(t, `^basic rules? [0-9]+`, m, "what is wrong with a rule names it by its position")
				}
			}
		}
		published, err := json.Marshal(v)
		require.NoError(t, err)
		require.True(t, json.Valid(published))
		s, err := filter.Compile(rules.AllFeatures())
		if v.State == rules.Valid {
			require.NoError(t, err, "what is valid can be compiled")
			s.Decide("doc-1", halfKilobyte())
		} else if err != nil {
			require.Regexp(t, `(?m)(^|: )(basic rules? [0-9]+|basic rules( are|:| must)|filtering|advanced)`, err.Error())
		}
		if out, due := rules.ParseFiltering(raw).Validate(t.Context(), rules.AllFeatures(), rules.Validators{}); due {
			require.True(t, json.Valid(out.Filtering))
			require.Equal(t, out.Validation.State, rules.ParseFiltering(out.Filtering).Draft().State)
		}
	})
}

func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{
		`"path":"/a.tmp","size":5`, `"owner":{"name":"nobody"},"tags":["draft"]`, `"modified":"2001-01-01"`, `"size":1e999,"hidden":tru`,
		`"title":"\ud83d\u12`, `"a":[[[{"b"`, `"owner.name":"nobody","owner":[{"name":1}]`, `"version":`, `"path":"\\`, `}`, `"size":-`, `,,,`,
	} {
		f.Add("doc-1", []byte(seed))
	}
	s := set(f, tenRules)
	f.Fuzz(func(t *testing.T, id string, raw []byte) {
		keep, rule := s.Decide(id, raw)
		require.Equal(t, keep, rule == "" || rule == "10")
		whole := append(append([]byte{'{'}, raw...), '}')
		var members map[string]json.RawMessage
		if json.Unmarshal(whole, &members) != nil || members["id"] != nil {
			return
		}
		// The same document, written anew by encoding/json without spaces, has
		// the same verdict, as long as no name stands twice.
		if again, err := json.Marshal(members); err == nil && count(raw) == count(again[1:len(again)-1]) {
			also, _ := s.Decide(id, again[1:len(again)-1])
			require.Equal(t, keep, also, "%s", raw)
		}
	})
}

func FuzzRegex(f *testing.F) {
	for _, seed := range []string{"ab.*", ".*ab$", "(a+)+$", `[^\d\W]+\s`, `(?P<x>a)|b{2,3}?c`, `\Qa\E[[:alpha:]]\x{e9}\p{L}`, "(?i)^.*?x", "(?=a", `\`} {
		f.Add(seed, "aab x")
	}
	f.Fuzz(func(t *testing.T, regex, text string) {
		s, err := rules.Compile([]rules.Rule{{ID: "r", Policy: "exclude", Field: "f", Rule: "regex", Value: regex, Order: "1"}})
		if err != nil {
			require.ErrorContains(t, err, "basic rule 1 ")
			require.ErrorContains(t, err, "regex: ")
			return
		}
		value, err := json.Marshal(text)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(value, &text)) // valid UTF-8
		keep, _ := s.Decide("1", append([]byte(`"f":`), value...))
		plain, err := regexp.Compile(`\A(?:` + regex + `)`)
		if err != nil || strings.ContainsAny(regex, `\`) && perl.MatchString(regex) {
			require.NoError(t, err, "what Go refuses is refused here")
			return
		}
		require.Equal(t, plain.MatchString(text), !keep)
	})
}

// perl finds the classes that have another meaning here than in Go.
var perl = regexp.MustCompile(`\\[dDwWsS]`)

// count is the number of members of encoded fields, repeated ones too.
func count(raw []byte) (n int) {
	depth, text, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case text:
			escaped, text = c == '\\', c != '"'
		case c == '"':
			text = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth == 0:
			n++
		}
	}
	return n
}

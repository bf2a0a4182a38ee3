package rules_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

// stored is a connector document's filtering with a draft in a state.
func stored(state, list, advanced string) string {
	return `[{"domain":"OTHER","active":{"rules":[1]}},{"domain":"DEFAULT","kept":{"a":1},` +
		`"active":{"rules":[` + standard + `],"advanced_snippet":{"value":{}},"validation":{"state":"valid","errors":[]}},` +
		`"draft":{"rules":` + list + `,"advanced_snippet":{"value":` + advanced + `,"created_at":"2024-05-01T10:00:00Z"},` +
		`"validation":{"state":"` + state + `","errors":[]}}}]`
}

// listed accepts advanced rules that are a list.
func listed(raw json.RawMessage) connector.Problems {
	if text := strings.TrimSpace(string(raw)); text[0] != '[' {
		return connector.Problems{{Pointer: "/", Message: "must be a list", Line: 1, Column: 1}}
	}
	return nil
}

func TestAValidDraftBecomesActive(t *testing.T) {
	list := `[` + good("a", 1, isX) + `,` + standard + `]`
	f := rules.ParseFiltering(json.RawMessage(stored("edited", list, `[{"x":1}]`)))
	out, due := f.Validate(t.Context(), rules.AllFeatures(), rules.Validators{Schema: listed})
	require.True(t, due)
	require.True(t, out.Activate)
	require.Equal(t, rules.Valid, out.Validation.State)
	after := rules.ParseFiltering(out.Filtering)
	require.Equal(t, rules.Valid, after.Draft().State)
	require.JSONEq(t, `[{"x":1}]`, string(after.Active().Source(rules.AllFeatures()).AdvancedRules))
	s, err := after.Active().Compile(rules.AllFeatures())
	require.NoError(t, err)
	require.Equal(t, 1, s.Len())

	var entries []map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(out.Filtering, &entries))
	require.JSONEq(t, `{"rules":[1]}`, string(entries[0]["active"]), "other domains stay")
	require.JSONEq(t, `{"a":1}`, string(entries[1]["kept"]), "what is not known stays")
	require.JSONEq(t, string(entries[1]["draft"]), string(entries[1]["active"]))
	require.Contains(t, string(entries[1]["active"]), "created_at")
	_, due = after.Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
	require.False(t, due, "a draft is validated once")
}

func TestAnInvalidDraftStaysADraft(t *testing.T) {
	raw := stored("edited", `[{"id":"a"},7]`, `{"x":1}`)
	f := rules.ParseFiltering(json.RawMessage(raw))
	out, due := f.Validate(t.Context(), rules.AllFeatures(), rules.Validators{Schema: listed})
	require.True(t, due)
	require.False(t, out.Activate)
	require.Equal(t, []string{
		"a|basic rule 1: policy is missing", "a|basic rule 1: field is missing", "a|basic rule 1: rule is missing",
		"a|basic rule 1: value is missing", "a|basic rule 1: order is missing",
		"|basic rule 2: it must be an object, not the number 7",
		"advanced_snippet|advanced rules: /: must be a list (1:1)",
	}, texts(out.Validation.Errors))
	var before, after []map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(raw), &before))
	require.NoError(t, json.Unmarshal(out.Filtering, &after))
	require.JSONEq(t, string(before[1]["active"]), string(after[1]["active"]))
	require.Equal(t, rules.Invalid, rules.ParseFiltering(out.Filtering).Draft().State)
}

func TestMissingPartsAreValid(t *testing.T) {
	for _, raw := range []string{``, `null`, `[]`, `[{}]`, `[{"domain":"DEFAULT"}]`, `[{"domain":"OTHER","draft":{"rules":[7]}}]`,
		`[{"active":null,"draft":{}}]`, `[{"domain":"DEFAULT","active":{"rules":null,"advanced_snippet":null,"validation":null}}]`,
		`[{"domain":"DEFAULT","active":{"rules":[],"advanced_snippet":{},"validation":{}}}]`,
		`[{"domain":"DEFAULT","active":{"advanced_snippet":{"value":{}},"validation":{"state":null}}}]`} {
		f := rules.ParseFiltering(json.RawMessage(raw))
		for _, part := range []rules.Filter{f.Active(), f.Draft()} {
			require.Equal(t, rules.Valid, part.State, raw)
			v := part.Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
			require.Equal(t, rules.Valid, v.State, raw)
			s, err := part.Compile(rules.AllFeatures())
			require.NoError(t, err)
			require.Nil(t, s)
			require.Empty(t, part.Source(rules.AllFeatures()).AdvancedRules)
		}
		_, due := f.Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
		require.False(t, due, raw)
	}
	// One domain without a name is the default one.
	f := rules.ParseFiltering(json.RawMessage(`[{"active":{"rules":[` + good("a", 1, isX) + `]}}]`))
	s, err := f.Active().Compile(rules.AllFeatures())
	require.NoError(t, err)
	require.Equal(t, 1, s.Len())
}

func TestFeaturesAreObeyed(t *testing.T) {
	raw := json.RawMessage(stored("edited", `[7]`, `{"x":1}`))
	f := rules.ParseFiltering(raw)
	v := rules.Validators{Schema: listed}
	tests := []struct {
		features string
		errors   int
		due      bool
	}{
		{`{}`, 0, false}, {`null`, 0, false}, {`7`, 0, false}, {`{"sync_rules":7}`, 0, false},
		{`{"sync_rules":{"basic":{"enabled":false},"advanced":{"enabled":false}}}`, 0, false},
		{`{"sync_rules":{"basic":{"enabled":true},"advanced":{"enabled":true}}}`, 2, true},
		{`{"sync_rules":{"basic":{"enabled":true}}}`, 1, true},
		{`{"sync_rules":{"advanced":{"enabled":true}}}`, 1, true},
		{`{"filtering_rules":true}`, 1, true},
		{`{"filtering_rules":true,"filtering_advanced_config":{"enabled":true}}`, 2, true},
		{`{"sync_rules":7,"filtering_advanced_config":true}`, 1, true},
	}
	for _, test := range tests {
		features := rules.ParseFeatures(json.RawMessage(test.features))
		out, due := f.Validate(t.Context(), features, v)
		require.Equal(t, test.due, due, test.features)
		require.Len(t, out.Validation.Errors, test.errors, test.features)
		require.Len(t, out.Validation.Warnings, map[bool]int{true: 2}[due]-test.errors, test.features)
	}
	draft := rules.ParseFilter([]byte(`{"rules":[` + good("a", 1, isX) + `],"advanced_snippet":{"value":[1]}}`))
	s, err := draft.Compile(rules.Features{Advanced: true})
	require.NoError(t, err)
	require.Nil(t, s)
	require.Empty(t, draft.Source(rules.Features{Basic: true}).AdvancedRules)
}

// A source's own validators run after the default ones, in their order.
func TestValidatorsOfASource(t *testing.T) {
	var calls []string
	note := func(name string, problems ...connector.Problem) connector.RulesValidator {
		return func(_ context.Context, raw json.RawMessage) connector.Problems {
			calls = append(calls, name)
			return problems
		}
	}
	v := rules.Validators{
		Rule: []connector.RulesValidator{func(_ context.Context, raw json.RawMessage) connector.Problems {
			var r rules.Rule
			if err := json.Unmarshal(raw, &r); err != nil || r.Field != "size" {
				return nil
			}
			return connector.Problems{{Pointer: "/field", Message: "size can't be used here"}}
		}},
		Set: []connector.RulesValidator{note("set", connector.Problem{Pointer: "/1/value", Message: "no such path"},
			connector.Problem{Message: "too many"}, connector.Problem{Message: "slow", Warning: true})},
		Schema: func(raw json.RawMessage) connector.Problems { calls = append(calls, "schema"); return listed(raw) },
		Advanced: []connector.RulesValidator{note("first", connector.Problem{Pointer: "/0", Message: "no such table"}),
			note("second", connector.Problem{Message: "no such column"}, connector.Problem{Message: "and more"})},
	}
	list := `[7,` + good("a", 1, `"field":"size","rule":">","value":"1"`) + `,` + good("b", 2, isX) + `]`
	draft := rules.ParseFilter([]byte(`{"rules":` + list + `,"advanced_snippet":{"value":[1]}}`))
	got := draft.Validate(t.Context(), rules.AllFeatures(), v)
	require.Equal(t, []string{
		"|basic rule 1: it must be an object, not the number 7",
		`a|basic rule 2 (size > "1"): /field: size can't be used here`,
		`b|basic rule 3 (path equals "x"): /value: no such path`,
		"|basic rules: too many",
		"advanced_snippet|advanced rules: /0: no such table",
		"advanced_snippet|advanced rules: no such column",
		"advanced_snippet|advanced rules: and more",
	}, texts(got.Errors))
	require.Equal(t, []string{"|basic rules: slow"}, texts(got.Warnings))
	require.Len(t, got.Errors, 6, "each check that finds something is one error")
	require.Equal(t, []string{"set", "schema", "first", "second"}, calls)

	calls = nil
	bad := rules.ParseFilter([]byte(`{"advanced_snippet":{"value":{"x":1}}}`))
	require.Equal(t, rules.Invalid, bad.Validate(t.Context(), rules.AllFeatures(), v).State)
	require.Equal(t, []string{"schema"}, calls, "live checks wait for the schema")

	none := bad.Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
	require.Equal(t, []string{"advanced_snippet|advanced rules: this source has none; delete them"}, texts(none.Errors))
}

// Advanced rules are checked where the person sees them: in the file, or as
// Kibana's editor shows them.
func TestPositionsOfAdvancedRules(t *testing.T) {
	var seen string
	v := rules.Validators{Schema: func(raw json.RawMessage) connector.Problems { seen = string(raw); return nil }}
	file := "{\n \"rüles\": 1, \"rules\": [],\n\t\"advanced_snippet\": {\"a\": 1, \"value\": [1]} }"
	rules.ParseFilter([]byte(file)).Validate(t.Context(), rules.AllFeatures(), v)
	lines := strings.Split(seen, "\n")
	require.Len(t, lines, 3)
	column := strings.Index(strings.Split(file, "\n")[2], "[1]")
	require.Equal(t, strings.Repeat(" ", column)+"[1]", lines[2])

	raw := stored("edited", "[]", `[{"x":1}]`)
	_, due := rules.ParseFiltering(json.RawMessage(raw)).Validate(t.Context(), rules.AllFeatures(), v)
	require.True(t, due)
	require.Equal(t, "[\n  {\n    \"x\": 1\n  }\n]", seen)
}

func TestShapesOfAFilter(t *testing.T) {
	rule := good("a", 1, isX)
	for _, text := range []string{
		`[` + rule + `]`, `{"rules":[` + rule + `]}`, `[{"rules":[` + rule + `],"advanced_snippet":{}}]`,
		`{"draft":{"rules":[` + rule + `]}}`, `[{"domain":"DEFAULT","draft":{"rules":[` + rule + `]}}]`, "\n [" + rule + "]\n",
	} {
		f := rules.ParseFilter([]byte(text))
		require.Equal(t, rules.Valid, f.Validate(t.Context(), rules.AllFeatures(), rules.Validators{}).State, text)
		s, err := f.Compile(rules.AllFeatures())
		require.NoError(t, err, text)
		require.Equal(t, 1, s.Len(), text)
	}
	for text, want := range map[string]string{
		`7`:                           "filtering must be an object or a list of basic rules, not the number 7",
		`"x"`:                         `filtering must be an object or a list of basic rules, not the text "x"`,
		"{\n\"rules\":\n}":            "filtering is not JSON: invalid character '}' looking for beginning of value (line 3)",
		"\xff\xfe\x00":                "filtering is not JSON: it is not UTF-8 text",
		`{"rule":[]}`:                 `filtering must hold rules or advanced_snippet; there is only "rule"`,
		`{"rules":[],"rules":[]}`:     `filtering: "rules" is given twice`,
		`{"advanced_snippet":[]}`:     "advanced_snippet must be an object with the rules under value, not a list",
		`{"rules":{"a":1}}`:           "basic rules must be a list, not an object",
		`[{"domain":1,"draft":[]}]`:   "filtering: draft must be an object, not a list",
		`[{"draft":{"rules":"x"}},7]`: "filtering: a domain must be an object, not the number 7",
		strings.Repeat("[", 20000):    "filtering is not JSON: invalid character '[' exceeded max depth (line 1)",
	} {
		v := rules.ParseFilter([]byte(text)).Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
		require.Equal(t, rules.Invalid, v.State, text)
		require.Equal(t, want, v.Errors[0].Messages[0])
		_, err := rules.ParseFilter([]byte(text)).Compile(rules.AllFeatures())
		require.ErrorContains(t, err, want)
	}
	odd := rules.ParseFilter([]byte(`{"rules":[],"rulez":[]}`)).Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
	require.Equal(t, []string{`|filtering: "rulez" is not known and not looked at`}, texts(odd.Warnings))
}

func TestStates(t *testing.T) {
	for state, want := range map[string]rules.State{
		`"valid"`: rules.Valid, `"INVALID"`: rules.Invalid, `"edited"`: rules.Edited, `"new"`: rules.Edited, `7`: rules.Edited,
	} {
		f := rules.ParseFilter([]byte(fmt.Sprintf(`{"rules":[],"validation":{"state":%s}}`, state)))
		require.Equal(t, want, f.State, state)
	}
}

package cli_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const twoRules = `{"rules": [
	{"id": "no-drafts", "policy": "exclude", "field": "state", "rule": "equals", "value": "draft", "order": 1},
	{"id": "new", "policy": "include", "field": "year", "rule": ">", "value": "2020", "order": 2},
	{"id": "DEFAULT", "policy": "exclude", "field": "_", "rule": "regex", "value": ".*", "order": 3}]}`

const threeDocs = `{"id": "a", "state": "draft"}
{"_id": "b", "year": 2024}
 { "year": 2019 }
`

func TestRulesTest(t *testing.T) {
	m := newMachine(t)
	file := filepath.Join(m.home, "rules.json")
	m.write(file, twoRules)
	lines := m.runWith(threeDocs, "rules", "test", "--rules", file, "--docs", "-", "--json").wants(0).lines()
	require.Equal(t, []map[string]any{
		{"id": "a", "keep": false, "rule": "no-drafts"},
		{"id": "b", "keep": true, "rule": "new"},
		{"id": "3", "keep": false, "rule": "DEFAULT"},
		{"rule": "no-drafts", "hits": 1.0},
		{"rule": "new", "hits": 1.0},
		{"rule": "DEFAULT", "hits": 1.0},
	}, lines)
	m.runWith(threeDocs, "rules", "test", "--rules", file, "--docs", "-").wants(0).
		says(`drop  a  rule no-drafts: exclude state equals "draft"`).says("1 hit for rule new")

	m.write(file, `[]`)
	lines = m.runWith(`{"id": "a"}`, "rules", "test", "--rules", file, "--docs", "-", "--json").wants(0).lines()
	require.Equal(t, []map[string]any{{"id": "a", "keep": true, "rule": nil}}, lines)
}

func TestRulesTestBadInput(t *testing.T) {
	m := newMachine(t)
	file := filepath.Join(m.home, "rules.json")
	m.write(file, twoRules)
	for text, want := range map[string]string{
		"{\"id\": \"a\"}\n[1]": "document 2 of - is not a JSON object",
		"{\"id\": ":            "document 1 of - is not JSON",
		"\x00\x01":             "document 1 of - is not JSON",
	} {
		require.Contains(t, m.runWith(text, "rules", "test", "--rules", file, "--docs", "-").wants(2).stderr, want)
	}
	require.Contains(t, m.run("rules", "test").wants(2).stderr, "needs --rules and --docs")
	require.Contains(t, m.run("rules", "test", "--rules", file, "--docs", "nope").wants(2).stderr, "no such file")
}

func TestRulesCheck(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	file := filepath.Join(m.home, "rules.json")
	check := []string{"rules", "check", "directory", "--filtering", file}

	m.write(file, twoRules)
	m.run(check...).wants(0).says("valid")
	require.Equal(t, map[string]any{"state": "valid", "errors": []any{}}, m.run(append(check, "--json")...).wants(0).last())

	m.write(file, `{"rules": [{"id": "a", "policy": "drop"}], "advanced_snippet": {"value": [{"pattern": 1}]}}`)
	r := m.run(append(check, "--json")...).wants(2)
	require.Equal(t, "invalid", r.last()["state"])
	require.Contains(t, r.stdout, `"ids":["a"]`)
	require.Contains(t, r.stdout, `"ids":["advanced_snippet"]`)

	// What only the source can tell needs its configuration.
	m.write(file, `{"advanced_snippet": {"value": [{"pattern": "[a"}]}}`)
	m.run(check...).wants(0)
	require.Contains(t, m.run(append(check, "directory="+dir)...).wants(2).stderr, "[a")
	require.Contains(t, m.run("rules", "check", "directory").wants(2).stderr, "needs --filtering")
}

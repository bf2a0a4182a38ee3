package cli_test

import (
	"path/filepath"
	"slices"
	"strings"
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
		says(`drop  a  rule no-drafts: exclude state equals "draft"`).says("1 hit for rule new: include year > \"2020\"")

	m.write(file, `[]`)
	lines = m.runWith(`{"id": "a"}`, "rules", "test", "--rules", file, "--docs", "-", "--json").wants(0).lines()
	require.Equal(t, []map[string]any{{"id": "a", "keep": true, "rule": nil}}, lines)
}

func TestRulesTestBadInput(t *testing.T) {
	m := newMachine(t)
	file := filepath.Join(m.home, "rules.json")
	m.write(file, twoRules)
	for text, want := range map[string]string{
		"{\"id\": \"a\"}\n[1]": "document 2 of the standard input (line 2) is not a JSON object",
		"{\"id\": ":            "document 1 of the standard input (line 1) can't be read: unexpected EOF",
		"\x00\x01":             "document 1 of the standard input (line 1) can't be read: invalid character",
		"{}\r\n\r\n{\"a\": 1}\r\n{\"a\": nope}\r\n{}": "document 3 of the standard input (line 4) can't be read: invalid character 'o'",
		"{\n\"a\": 1\n}\n{\n\"a\" 1}\n":               "document 2 of the standard input (line 5) can't be read: invalid character '1'",
		`{"a":"` + strings.Repeat("x", 17<<20) + `"}`: "document 1 of the standard input (line 1) can't be read: it is larger than 16 MiB",
		strings.Repeat("[", 1<<20):                    "document 1 of the standard input (line 1) can't be read: invalid character '[' exceeded max depth",
	} {
		require.Contains(t, m.runWith(text, "rules", "test", "--rules", file, "--docs", "-").wants(2).stderr, want)
	}
	for _, text := range []string{"", "\n\n"} {
		m.runWith(text, "rules", "test", "--rules", file, "--docs", "-").wants(0).says("0 hits for rule no-drafts")
	}
	m.runWith("{\"id\":\"a\"}\r\n{\"id\":\"b\"}", "rules", "test", "--rules", file, "--docs", "-").wants(0).says("drop  b")
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

// twoKinds is a basic rule, which excludes names, besides an advanced one.
func twoKinds(suffix string) string {
	basic := ""
	if suffix != "" {
		basic = `{"id": "no-` + suffix + `", "policy": "exclude", "field": "path", "rule": "ends_with", "value": ".` + suffix + `", "order": 1}`
	}
	return `{"rules": [` + basic + `], "advanced_snippet": {"value": [{"pattern": "kept/**"}]}}`
}

// indexed are the paths below dir of all documents whose text is "common".
func (m *machine) indexed(index, dir string) (paths []string) {
	m.t.Helper()
	for _, line := range m.run("search", index, "common", "--json", "--limit", "100").wants(0).lines() {
		if line["type"] == "hit" {
			path := line["document"].(map[string]any)["path"].(string)
			paths = append(paths, strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(dir)+"/"))
		}
	}
	slices.Sort(paths)
	return paths
}

func TestARuleChangeRemovesExactlyWhatItExcludes(t *testing.T) {
	m := newMachine(t)
	files := map[string]string{}
	for _, name := range []string{"kept/a.txt", "kept/b.bak", "kept/c.tmp", "kept/deep/d.tmp", "kept/deep/e.txt", "other/f.txt", "other/g.tmp"} {
		files[name] = "common"
	}
	dir, file := m.tree("docs", files), filepath.Join(m.home, "rules.json")
	sync := []string{"sync", "directory", "directory=" + dir, "--index", "docs", "--rules", file}
	m.write(file, twoKinds("bak"))
	r := m.run(append(sync, "--json")...).wants(0)
	require.Equal(t, []any{map[string]any{"id": "no-bak", "hits": 1.0}}, r.last()["rule_hits"])
	before := m.indexed("docs", dir)
	require.Equal(t, []string{"kept/a.txt", "kept/c.tmp", "kept/deep/d.tmp", "kept/deep/e.txt"}, before)

	m.write(file, twoKinds("tmp"))
	m.run(sync...).wants(0).says("created 1 updated 0 unchanged 2 deleted 2 filtered 2\n").
		says(`  2 hits for rule no-tmp: exclude path ends_with ".tmp"`)
	require.Equal(t, []string{"kept/a.txt", "kept/b.bak", "kept/deep/e.txt"}, m.indexed("docs", dir))

	m.write(file, twoKinds(""))
	m.run(sync...).wants(0).says("created 2 updated 0 unchanged 3 deleted 0\n")
	require.Equal(t, []string{"kept/a.txt", "kept/b.bak", "kept/c.tmp", "kept/deep/d.tmp", "kept/deep/e.txt"}, m.indexed("docs", dir))
}

func TestPreviewSaysWhichRuleExcludes(t *testing.T) {
	m := newMachine(t)
	dir, file := m.tree("docs", three), filepath.Join(m.home, "rules.json")
	m.write(file, `[{"id": "no-md", "policy": "exclude", "field": "path", "rule": "regex", "value": ".*\\.md", "order": 1},
		{"id": "DEFAULT", "policy": "include", "field": "_", "rule": "regex", "value": ".*", "order": 2}]`)
	preview := []string{"preview", "directory", "directory=" + dir, "--rules", file}
	lines := m.run(append(preview, "--json")...).wants(0).lines()
	require.Len(t, lines, 4)
	at := slices.IndexFunc(lines, func(line map[string]any) bool { return line["type"] == "excluded" })
	require.Equal(t, "no-md", lines[at]["rule"])
	require.Regexp(t, "^[0-9a-f]{32}$", lines[at]["id"])
	require.Equal(t, []any{map[string]any{"id": "no-md", "hits": 1.0}, map[string]any{"id": "DEFAULT", "hits": 2.0}}, lines[3]["rule_hits"])
	m.run(preview...).wants(0).says("\n  rule no-md: exclude path regex \".*\\.md\"\n  path: \"" + dir).says("1 hit for rule no-md")
}

// Files that are no rules are refused in words, by every command alike.
func TestHostileFilesOfRules(t *testing.T) {
	m := newMachine(t)
	dir, file := m.tree("docs", three), filepath.Join(m.home, "rules.json")
	for text, want := range map[string]string{
		"":                               "is empty; the shape is",
		" \r\n":                          "is empty; the shape is",
		"\xff\xfe\x00":                   "is not UTF-8 text",
		"\x00\x00":                       "filtering is not JSON: invalid character",
		strings.Repeat("[", 1<<20):       "exceeded max depth",
		`{"rules": [], "rules": []}`:     `"rules" is given twice`,
		"[" + strings.Repeat(" ", 5<<20): "is larger than 4 MiB",
		`[{"id": "a", "policy": "exclude", "field": "f", "rule": "regex", "value": "` + strings.Repeat("x", 2000) + `", "order": 1}]`: "basic rule 1 (f regex ",
	} {
		m.write(file, text)
		for _, args := range [][]string{
			{"rules", "test", "--docs", "-", "--rules", file}, {"rules", "check", "directory", "--filtering", file},
			{"sync", "directory", "directory=" + dir, "--rules", file}, {"preview", "directory", "directory=" + dir, "--rules", file},
		} {
			require.Contains(t, m.run(args...).wants(2).stderr, want, "%s", args)
		}
	}
}

package mistakes_test

import (
	"fmt"
	"regexp"
	"strings"
)

const intro = `# Typical mistakes, and what says so

Each is made by a test (` + "`go test ./tools/mistakes`" + `), which reads that it is caught by name, at the line that the author wrote, with the remedy.
The sentences below are what was said; ` + "`-update`" + ` writes this page.

`

// gates say which command finds the mistakes of an area.
var gates = map[string]string{
	"A declaration":   "`make generate` says, with the line and a caret below it:",
	"A rule file":     "`tributary rules check directory --filtering rules.json` says:",
	"A settings file": "every command says, such as `tributary check --config tributary.yml`:",
	"A `GetDocs`":     "`go test ./sources/shop` says, by the conformance suite:",
}

func section(a area, sentences []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n| mistake | what is said |\n|---|---|\n", a.title, gates[a.title])
	for i, m := range a.rows {
		fmt.Fprintf(&b, "| %s | %s |\n", m.name, cell(sentences[i]))
	}
	return b.String()
}

// What differs from run to run, or when this test is edited.
var (
	where   = regexp.MustCompile(`(getdocs|shop)_test\.go:\d+`)
	figures = regexp.MustCompile(`\d+ KiB|\d+(\.\d+)?s after|-?\d+ times|\d+ of \d+|item-\d+|item-\d{20,}|group-\d+`)
)

func cell(sentence string) string {
	sentence = where.ReplaceAllString(sentence, "shop.go:LINE")
	sentence = figures.ReplaceAllStringFunc(sentence, func(s string) string { return regexp.MustCompile(`\d[\d.]*`).ReplaceAllString(s, "N") })
	lines := strings.Split(strings.ReplaceAll(sentence, "|", `\|`), "\n")
	for i, line := range lines {
		lines[i] = "`" + strings.ReplaceAll(strings.TrimSpace(line), "`", "'") + "`"
	}
	return strings.Join(lines, "<br>")
}

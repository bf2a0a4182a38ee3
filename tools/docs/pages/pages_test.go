package pages_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/tools/docs/doctest"
	"github.com/tributary-search/tributary/tools/docs/pages"
)

// TestEveryPageSaysWhatItIsMadeFrom and has one heading, which comes first.
func TestEveryPageSaysWhatItIsMadeFrom(t *testing.T) {
	for name, text := range made(t, rules) {
		require.Regexp(t, `^# [^\n]+\n\n<!-- Made by make docs from [^\n]+; edit that. -->\n\n`, text, name)
		require.True(t, strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n"), "the end of %s", name)
		if dir := path.Dir(name); dir != "docs" {
			require.Contains(t, pages.Folders(), dir, name)
		}
	}
}

// TestAPageForEveryCommand, each with its usage and the ways up and down.
func TestAPageForEveryCommand(t *testing.T) {
	all := made(t, rules)
	for _, c := range (cli.Program{}).Reference() {
		page, ok := all["docs/cli/"+strings.ReplaceAll(c.Path, " ", "_")+".md"]
		require.True(t, ok, c.Path)
		require.Contains(t, page, "```text\n"+c.Usage+"\n```\n")
		for _, below := range c.Below {
			require.Contains(t, page, fmt.Sprintf("| [%s](%s.md) | ", below, strings.ReplaceAll(below, " ", "_")))
		}
		if c.Parent != "" {
			require.Contains(t, page, "Above: ["+c.Parent+"](")
		}
	}
	require.Contains(t, all["docs/cli/tributary.md"], "## Flags of every command\n\n```text\n")
	require.Contains(t, all["docs/cli/tributary_search.md"], "```sh\ntributary search ", "examples begin at the margin")
}

// TestEverySettingHasItsRow, with its variable.
func TestEverySettingHasItsRow(t *testing.T) {
	page := made(t, rules)["docs/settings.md"]
	for _, key := range settings.Keys() {
		row := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(key) + "` \\| .+ \\| .* \\| `" + settings.EnvName(key) + "` \\| .+ \\|$").FindString(page)
		require.NotEmpty(t, row, key)
		require.Equal(t, settings.IsSecret(key), strings.Contains(row, "| secret text |"), row)
	}
}

// TestEveryCodeHasItsPart, with cause, remedy and example.
func TestEveryCodeHasItsPart(t *testing.T) {
	parts := strings.Split(made(t, rules)["docs/diagnostics.md"], "\n## ")[1:]
	require.Len(t, parts, len(diag.Codes()))
	for i, c := range diag.Codes() {
		require.Regexp(t, "^"+c.ID+`: [^\n]+\n\n\*\*Cause\.\*\* [^\n]+\n\n\*\*Remedy\.\*\* [^\n]+\n\n`+"```text\n(.+\n)+```\n$", parts[i])
		require.Contains(t, parts[i], strings.Trim(c.Example, "\n"))
	}
}

// TestThePagesAreSound looks at a made page as make check looks at every
// document: each link leads somewhere, each block can be read, each command is
// one. What is wrong is told with its line and what to do.
func TestThePagesAreSound(t *testing.T) {
	const page = "docs/sources/shop.md"
	for name, c := range map[string]struct{ old, new, want string }{
		"as it is made":       {},
		"a dead link":         {"(../settings.md)", "(../setings.md)", ":54: the link ../setings.md leads to no file; mend its path"},
		"no such heading":     {"(../settings.md)", "(../settings.md#sinks)", ":54: the link ../settings.md#sinks leads to no heading of docs/settings.md; mend what follows #"},
		"an unknown command":  {"tributary sync", "tributary sink", `:10: tributary sink shop host=… token=env:TOKEN: unknown command "sink"; tributary --help lists them`},
		"an unknown field":    {"host=…", "hots=…", `:10: tributary sync shop hots=… token=env:TOKEN: shop has no field "hots"; did you mean "host"?`},
		"a block of no kind":  {"```sh", "```shell", `:10: nothing is known of blocks in "shell"; use json, yaml, go, sh or text`},
		"a block that breaks": {`"state": "open"`, `"state": open`, ":38: the block is no JSON: invalid character 'o' looking for beginning of value; mend it, or call the block text"},
		"rules that are none": {`"state": "open"`, `"state": "opne"`, `:34: mend these rules, which shop refuses: /0/state: must be one of "open", "closed"; did you mean "open"?`},
	} {
		t.Run(name, func(t *testing.T) {
			tree, kinds := laid(t)
			text := string(tree[page].Data)
			require.Contains(t, text, c.old)
			tree[page] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.old, c.new, 1))}
			problems, err := doctest.Check(tree, kinds)
			require.NoError(t, err)
			problems = slices.DeleteFunc(problems, func(p doctest.Problem) bool { return p.File != page })
			if c.want == "" {
				require.Empty(t, problems)
				return
			}
			require.Len(t, problems, 1)
			require.Contains(t, problems[0].Error(), page+c.want)
		})
	}
}

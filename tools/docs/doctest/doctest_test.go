package doctest_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources"
	"github.com/tributary-search/tributary/tools/docs/doctest"
)

// TestRefused looks at a tree in which everything is wrong once.
func TestRefused(t *testing.T) {
	problems, err := doctest.Check(os.DirFS("testdata/wrong"), sources.All())
	require.NoError(t, err)
	var said []string
	for _, p := range problems {
		said = append(said, p.Error())
	}
	require.Equal(t, []string{
		`README.md:3: the link gone.md leads to no file; mend its path`,
		`README.md:3: the link docs/a.md#nowhere leads to no heading of docs/a.md; mend what follows #`,
		`README.md:8: the block is no JSON: invalid character '}' looking for beginning of object key string; mend it, or call the block text`,
		`README.md:12: the block is no YAML: yaml: mapping values are not allowed in this context; mend it, or call the block text`,
		`README.md:18: the block is no Go: expected operand, found '}'; mend it, or call the block text`,
		`README.md:20: the Makefile has no target nothing; make lists them`,
		`README.md:20: the Makefile knows no variable NAMES; make lists the targets with theirs`,
		`README.md:21: tributary sink directory: unknown command "sink"; tributary --help lists them`,
		`README.md:22: tributary sync directory directory=/srv --dry: tributary sync: unknown flag: --dry`,
		`README.md:23: tributary sync directory folder=/srv: directory has no field "folder"; tributary sources directory lists them`,
		`README.md:24: tributary search: INDEX is missing; usage: tributary search INDEX QUERY [flags]`,
		`README.md:25: ./gen knows no "explian"; go run ./gen --help says what it knows`,
		`README.md:26: there is no package ./tools/gone; mend the path`,
		`README.md:27: "frobnicate now" is no command that can be checked; mend it, or list it with the reason in tools/docs/doctest/elsewhere.go`,
		`README.md:28: there is no tools/gone.sh; mend the path`,
		`README.md:32: nothing is known of blocks in "shell"; use json, yaml, go, sh or text`,
		`README.md:5: tributary sync directory --froth: tributary sync: unknown flag: --froth`,
		`sources/mysql/README.md:4: mend these rules, which mysql refuses: /0: "query" is missing`,
	}, said)
}

// TestAccepted looks at a tree in which everything is right.
func TestAccepted(t *testing.T) {
	problems, err := doctest.Check(os.DirFS("testdata/right"), sources.All())
	require.NoError(t, err)
	require.Empty(t, problems)
}

// TestCommands finds commands over several lines, with quotes and with more
// than one on a line.
func TestCommands(t *testing.T) {
	text := "```sh\nA=b tributary sync directory \\\n  directory='/a b' >out; tributary version # says it\n```\n`tributary job list|show x`\n"
	commands, err := doctest.Commands(fstest.MapFS{"a.md": {Data: []byte(text)}}, sources.All())
	require.NoError(t, err)
	require.Equal(t, []doctest.Command{
		{File: "a.md", Line: 2, Words: []string{"sync", "directory", "directory=/a b"}},
		{File: "a.md", Line: 2, Words: []string{"version"}},
		{File: "a.md", Line: 5, Words: []string{"job", "list", "x"}},
		{File: "a.md", Line: 5, Words: []string{"job", "show", "x"}},
	}, commands)
}

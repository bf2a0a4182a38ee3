package doctest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/sources"
	"github.com/tributary-search/tributary/tools/docs/doctest"
)

// notHere lists how the commands begin that the documents show and this test
// does not run, with the reason. All others are run.
var notHere = []struct{ begins, why string }{
	{"sync mysql", "needs a database; make ftest NAME=mysql runs it"},
	{"sync postgresql", "needs a database; make ftest NAME=postgresql runs it"},
	{"sync mongodb", "needs a database; make ftest NAME=mongodb runs it"},
	{"sync github", "needs an account; make ftest NAME=github runs it on a fake"},
	{"preview mysql", "needs a database; sources/internal/indextest tests read one"},
	{"serve", "runs until it is stopped; runtime/cli's tests do"},
	{"node", "runs until it is stopped; runtime/cli's tests do"},
	{"connector", "needs connectors that are there; runtime/cli's tests make some"},
	{"job", "needs connectors that are there; runtime/cli's tests make some"},
	{"failed", "needs documents that failed; runtime/cli's tests make some"},
	{"check --index", "the index is the reader's; runtime/cli's tests have one"},
	{"rules", "needs the reader's files; runtime/cli's tests have some"},
	{"config check mysql", "needs values of the reader's; runtime/cli's tests have some"},
	{"verify Documents", "needs connectors that are there; runtime/cli's tests make some"},
}

// TestTheCommandsRun runs the commands of the documents on a small tree of
// files, in the order of the documents, against the embedded node.
func TestTheCommandsRun(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	commands, err := doctest.Commands(os.DirFS(root), sources.All())
	require.NoError(t, err)
	dir := t.TempDir()
	t.Chdir(dir)
	files := filepath.Join(dir, "files")
	require.NoError(t, os.Mkdir(files, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(files, "a.md"), []byte("the annual quarterly report"), 0o644))
	require.NoError(t, os.WriteFile("rules.json", []byte(`{"advanced_snippet": {"value": [{"pattern": "**"}]}}`), 0o644))
	stored, problems := sources.All()[0].SetValues(nil, map[string]string{"directory": files})
	require.NoError(t, problems.Err())
	require.NoError(t, os.WriteFile("connector.json", stored, 0o644))
	require.NoError(t, os.WriteFile("config.yml", []byte("log:\n  level: info\n"), 0o644))
	data := filepath.Join(dir, "data")
	run(t, data, "sync", "directory", "directory="+files, "--index", "an-index")
	ran := map[string]bool{}
	for _, c := range commands {
		words, ok := runnable(c.Words, files)
		if line := strings.Join(words, " "); ok && !ran[line] {
			t.Logf("%s:%d: tributary %s", c.File, c.Line, line)
			run(t, data, words...)
			ran[line] = true
		}
	}
	for _, one := range []string{"sync", "search", "schedule next", "sources", "config check", "preview", "version"} {
		require.True(t, slices.ContainsFunc(keys(ran), func(line string) bool { return strings.HasPrefix(line, one) }), "no document shows %s", one)
	}
}

// runnable puts the test's own files and index where a document has those of
// the reader. A command that is named without its words runs nothing.
func runnable(words []string, files string) ([]string, bool) {
	line := strings.Join(words, " ")
	for _, r := range notHere {
		if strings.HasPrefix(line+" ", r.begins+" ") || line == r.begins {
			return nil, false
		}
	}
	if len(words) == 1 && slices.Contains([]string{"sync", "preview", "search", "verify"}, words[0]) {
		return nil, false
	}
	words = slices.Clone(words)
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "directory="):
			words[i] = "directory=" + files
		case i > 0 && words[i-1] == "--config":
			words[i] = "config.yml"
		case i == 1 && words[0] == "search":
			words[i] = "an-index"
		}
	}
	return words, true
}

func run(t *testing.T, data string, words ...string) {
	t.Helper()
	var out, said bytes.Buffer
	code := cli.Program{
		Kinds: sources.All(), Args: append(slices.Clone(words), "--data", data), Env: []string{"HOME=" + data},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said,
	}.Run(context.Background())
	require.Equal(t, cli.ExitDone, code, "tributary %s\n%s%s", strings.Join(words, " "), out.String(), said.String())
}

func keys(m map[string]bool) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	return list
}

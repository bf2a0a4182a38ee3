package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSyncReportsWhatChanged(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.run("sync", "directory", "directory="+dir).wants(0).says("created 3 updated 0 unchanged 0 deleted 0\n")
	m.run("sync", "directory", "directory="+dir).wants(0).
		says("created 0 updated 0 unchanged 3 deleted 0\n").says("0 documents: the index is up to date")

	m.write(filepath.Join(dir, "one.txt"), "The river is dry now, which is longer.")
	m.run("sync", "directory", "directory="+dir).wants(0).says("created 0 updated 1 unchanged 2 deleted 0\n")

	m.write(filepath.Join(dir, "four.txt"), "A fourth text.")
	m.run("sync", "directory", "directory="+dir).wants(0).says("created 1 updated 0 unchanged 3 deleted 0\n")

	require.NoError(t, os.Remove(filepath.Join(dir, "two.md")))
	m.run("sync", "directory", "directory="+dir).wants(0).says("created 0 updated 0 unchanged 3 deleted 1\n")

	m.run("sync", "directory", "directory="+dir, "--resend").wants(0).says("created 0 updated 3 unchanged 0 deleted 0\n")
}

func TestDefaultIndexNamesTypeAndOwner(t *testing.T) {
	m := newMachine(t)
	a, b := m.tree("a", three), m.tree("b", three)
	index := func(args ...string) string {
		line := m.run(append([]string{"--json", "sync"}, args...)...).wants(0).last()
		return line["index"].(string)
	}
	first := index("directory", "directory="+a)
	require.Regexp(t, `^search-directory-[0-9a-f]{8}$`, first)
	require.Equal(t, first, index("dir", "directory="+a+"/", "pattern=**/*.txt", "--allow-deletes"), "alias, other settings")
	require.NotEqual(t, first, index("directory", "directory="+b))
}

func TestGuardRefusesAnEmptiedDirectory(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0)
	require.NoError(t, os.RemoveAll(dir))
	m.tree("docs", nil)
	r := m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(1)
	require.Regexp(t, `(?m)^tributary: .*3 of the 3 documents.*nothing was deleted.*--allow-deletes$`, r.stderr)
	r.says("deleted 0")
	m.run("sync", "directory", "directory="+dir, "--index", "docs", "--allow-deletes").wants(0).says("deleted 3")
}

func TestSecondDirectoryInTheSameIndex(t *testing.T) {
	m := newMachine(t)
	a, b := m.tree("a", three), m.tree("b", three)
	m.run("sync", "directory", "directory="+a, "--index", "docs").wants(0).says("created 3")
	m.run("sync", "directory", "directory="+b, "--index", "docs").wants(0).says("created 3 updated 0 unchanged 0 deleted 0 foreign 3")
	m.run("sync", "directory", "directory="+a, "--index", "docs").wants(0).says("created 0 updated 0 unchanged 3 deleted 0 foreign 3")
}

func TestDryRunAndPreviewChangeNothing(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.run("sync", "directory", "directory="+dir, "--dry-run").wants(0).
		says("created 3 updated 0 unchanged 0 deleted 0").says("nothing was changed; 3 documents would be sent")
	r := m.run("preview", "directory", "directory="+dir).wants(0).
		says("would create 3 update 0 leave unchanged 0 delete 0").says("body: \"The river carries water to the sea.\"")
	require.Regexp(t, `(?m)^create [0-9a-f]{32}$`, r.stdout)
	m.run("sync", "directory", "directory="+dir).wants(0).says("created 3")

	require.NoError(t, os.Remove(filepath.Join(dir, "one.txt")))
	m.run("preview", "directory", "directory="+dir).wants(0).says("would create 0 update 0 leave unchanged 2 delete 1")
	m.run("sync", "directory", "directory="+dir, "--dry-run").wants(0).says("deleted 1")
	m.run("sync", "directory", "directory="+dir).wants(0).says("deleted 1")

	require.NoError(t, os.RemoveAll(dir))
	m.tree("docs", nil)
	m.run("preview", "directory", "directory="+dir).wants(0).says("delete 2").says("would be refused: ")
}

func TestPreviewOfAnotherOwnersDocuments(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0)
	m.run("preview", "directory", "directory="+filepath.Join(dir, "deep"), "--index", "docs").wants(3).
		says("would create 0 update 0 leave unchanged 0 delete 0 fail 1 in index docs").says("belongs to another owner")
}

func TestPreviewLimit(t *testing.T) {
	m := newMachine(t)
	files := map[string]string{}
	for i := range 50 {
		files[fmt.Sprintf("%02d.txt", i)] = "text"
	}
	dir := m.tree("docs", files)
	lines := m.run("preview", "directory", "directory="+dir, "--limit", "2", "--json").wants(0).lines()
	require.Len(t, lines, 3)
	require.InDelta(t, 2, lines[2]["counters"].(map[string]any)["created"], 0)
	require.Equal(t, "document", lines[0]["type"])
	require.Equal(t, "create", lines[0]["action"])
	require.Equal(t, "text", lines[0]["document"].(map[string]any)["body"])
	require.Equal(t, false, lines[2]["complete"])
	require.InDelta(t, 0, lines[2]["counters"].(map[string]any)["failed"], 0)
}

func TestSyncJSON(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	r := m.run("sync", "directory", "directory="+dir, "--json").wants(0)
	lines := r.lines()
	require.Len(t, lines, 2)
	require.Equal(t, "start", lines[0]["type"])
	require.Equal(t, "embedded", lines[0]["target"])
	require.Equal(t, lines[0]["index"], lines[1]["index"])
	counters := lines[1]["counters"].(map[string]any)
	require.Equal(t, "result", lines[1]["type"])
	require.Equal(t, "completed", lines[1]["status"])
	require.Nil(t, lines[1]["error"])
	require.InDelta(t, 3, counters["emitted"], 0)
	require.InDelta(t, 3, counters["created"], 0)
	require.Contains(t, r.stderr, "created 3 updated 0 unchanged 0 deleted 0", "people's summary moves to stderr")

	last := m.run("sync", "directory", "--json").wants(2).last()
	require.Equal(t, "failed", last["status"])
	require.NotEmpty(t, last["error"])
	last = m.run("sync", "directory", "--json", "--set", "nothing=1").wants(2).last()
	require.Equal(t, "result", last["type"])
}

func TestSearchShowsHighlights(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0)
	r := m.run("search", "docs", "water").wants(0).says("2 hits in docs").says("«water»").says("one.txt")
	require.Regexp(t, regexp.MustCompile(`(?m)^1\. `), r.stdout)
	m.run("search", "docs", "nothing", "like", "zebra").wants(0)

	lines := m.run("search", "docs", "water", "--json", "--limit", "1").wants(0).lines()
	require.Len(t, lines, 2)
	require.Equal(t, "hit", lines[0]["type"])
	require.Contains(t, fmt.Sprint(lines[0]["highlights"]), "<em>water</em>")
	require.InDelta(t, 2, lines[1]["total"], 0)
	m.run("search", "docs", "water", "--limit", "0").wants(0).says("2 hits in docs")
}

// The node of the process that had it first stays until the other one is done.
func TestTwoSyncsAtOnce(t *testing.T) {
	m := newMachine(t)
	few, many := m.tree("few", three), map[string]string{}
	for i := range 1500 {
		many[fmt.Sprint(i, ".txt")] = "water"
	}
	other := *m
	dir := other.tree("many", many)
	begins, ends := make(chan struct{}), make(chan result, 1)
	other.onOutput = sync.OnceFunc(func() { close(begins) })
	m.onOutput = sync.OnceFunc(func() {
		go func() { ends <- other.run("sync", "directory", "directory="+dir) }()
		<-begins
	})
	m.run("sync", "directory", "directory="+few).wants(0).says("created 3 ")
	r := <-ends
	r.wants(0).says("created 1500 ")
}

func TestOneIsSingular(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", map[string]string{"a\u202eb.txt": "water"})
	m.run("preview", "directory", "directory="+dir).wants(0).says("1 document read in ")
	m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0).says(" 1 document, ")
	m.run("search", "docs", "water").wants(0).says("1 hit in docs").says("a b.txt") // without what turns the direction
}

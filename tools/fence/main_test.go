package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree is a repository with a framework and one source.
type tree struct {
	t   *testing.T
	dir string
}

func newTree(t *testing.T) tree {
	t.Helper()
	r := tree{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	r.change("go.mod", "config.yml", "runtime/job/sync.go", "runtime/job/guard.go", "docs/design.md", "NOTICE",
		"sources/registry_gen.go", "sources/shop/shop.go", "sources/shop/config_gen.go", "sources/shop/README.md")
	r.commit("A tree")
	return r
}

func (r tree) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", r.dir, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"}, args...)...)
	out, err := cmd.CombinedOutput()
	require.NoError(r.t, err, string(out))
}

// change writes something new into files; -NAME deletes one, OLD>NEW renames.
func (r tree) change(files ...string) {
	r.t.Helper()
	for _, file := range files {
		at := func(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }
		if gone, ok := strings.CutPrefix(file, "-"); ok {
			require.NoError(r.t, os.Remove(at(gone)))
			continue
		}
		if was, is, ok := strings.Cut(file, ">"); ok {
			require.NoError(r.t, os.MkdirAll(filepath.Dir(at(is)), 0o755))
			require.NoError(r.t, os.Rename(at(was), at(is)))
			continue
		}
		require.NoError(r.t, os.MkdirAll(filepath.Dir(at(file)), 0o755))
		old, _ := os.ReadFile(at(file))
		require.NoError(r.t, os.WriteFile(at(file), append(old, "one more line of "+file+"\n"...), 0o644))
	}
}

func (r tree) commit(subject string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "-m", subject)
}

// head is the commit's name as the tool says it.
func (r tree) head() string {
	r.t.Helper()
	out, err := repository(r.dir).git("rev-parse", "HEAD")
	require.NoError(r.t, err)
	return out[:12]
}

// accepted judges and returns what the tool says.
func (r tree) accepted(args ...string) string {
	r.t.Helper()
	var out bytes.Buffer
	require.NoError(r.t, run(args, r.dir, &out))
	return out.String()
}

func (r tree) judge(args ...string) error { return run(args, r.dir, &bytes.Buffer{}) }

func TestPatches(t *testing.T) {
	for name, c := range map[string]struct {
		files   []string
		outside string // what is rejected; empty: the patch is accepted
	}{
		"nothing": {},
		"a new source": {files: []string{"sources/bank/schema.json", "sources/bank/bank.go", "sources/bank/config_gen.go", "sources/bank/README.md",
			"sources/bank/fixture/mutations/a.patch", "sources/registry_gen.go", "config.yml", "go.mod", "go.sum", "docs/sources/bank.md",
			"docs/dependencies.md", "schemas/config.schema.json", "NOTICE"}},
		"a source that goes":                       {files: []string{"-sources/shop/shop.go", "-sources/shop/config_gen.go", "-sources/shop/README.md", "sources/registry_gen.go"}},
		"the framework":                            {files: []string{"runtime/job/sync.go", "-runtime/job/guard.go", "docs/design.md"}},
		"the generator with what it makes":         {files: []string{"gen/emit/config.go", "sources/shop/config_gen.go", "sources/shop/README.md", "sources/shop/conformance_gen_test.go", "sources/registry_gen.go"}},
		"a source and a file of the runtime":       {files: []string{"sources/shop/shop.go", "runtime/job/sync.go"}, outside: "runtime/job/sync.go"},
		"a source and the design":                  {files: []string{"sources/shop/shop.go", "docs/design.md"}, outside: "docs/design.md"},
		"a source and a check of the tree":         {files: []string{"sources/shop/shop.go", "tools/archtest/house/tables.go"}, outside: "tools/archtest/house/tables.go"},
		"a source and a deleted file":              {files: []string{"sources/shop/shop.go", "-runtime/job/guard.go"}, outside: "runtime/job/guard.go"},
		"a file of the runtime becomes a source's": {files: []string{"runtime/job/guard.go>sources/shop/guard.go"}, outside: "runtime/job/guard.go"},
		"a declaration and the generator":          {files: []string{"sources/shop/schema.json", "gen/emit/config.go"}, outside: "gen/emit/config.go"},
		"a README below a source's folder":         {files: []string{"sources/shop/fixture/README.md", "runtime/job/sync.go"}, outside: "runtime/job/sync.go"},
		"what sources share":                       {files: []string{"sources/internal/sqldb/pool.go", "runtime/job/sync.go"}, outside: "runtime/job/sync.go"},
		"a name with a product's beginning":        {files: []string{"sources/shop/shop.go", "go.mod.orig"}, outside: "go.mod.orig"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, committed := range []bool{false, true} {
				r := newTree(t)
				r.git("branch", "base")
				r.change(c.files...)
				if committed && len(c.files) > 0 {
					r.commit(name)
				}
				err := r.judge("--base", "base")
				if c.outside == "" {
					require.NoError(t, err)
					continue
				}
				require.ErrorContains(t, err, "1 file does not belong to it:\n  "+c.outside+"\n")
				require.ErrorContains(t, err, "Commit the framework's part first")
			}
		})
	}
}

func TestARejectionNamesSourcesAndFiles(t *testing.T) {
	r := newTree(t)
	r.change("runtime/job/sync.go", "docs/design.md", "sources/shop/shop.go", "sources/shop/more.go", "sources/bank/bank.go")
	require.EqualError(t, r.judge("--base", "HEAD"), "the patch changes sources/bank, sources/shop; 2 files do not belong to it:\n"+
		"  docs/design.md\n  runtime/job/sync.go\n"+remedy)
}

func TestCommitByCommit(t *testing.T) {
	r := newTree(t)
	r.git("branch", "base")
	r.change("runtime/job/sync.go")
	r.commit("Jobs can wait")
	r.change("sources/shop/shop.go")
	r.commit("Shop: waits")
	require.Error(t, r.judge("--base", "base"))
	require.NoError(t, r.judge("--base", "base", "--each"))
	require.NoError(t, r.judge("--base", "base", "--head", "main", "--each"))
	r.change("runtime/job/guard.go", "sources/shop/shop.go")
	require.ErrorContains(t, r.judge("--base", "base", "--each"), "the patch changes sources/shop; 1 file")
	require.NoError(t, r.judge("--base", "base", "--head", "HEAD", "--each"), "the work tree is not asked for")
	r.commit("Both")
	require.ErrorContains(t, r.judge("--base", "base", "--each"), "(Both) changes sources/shop; 1 file")
	require.ErrorContains(t, r.judge("--base", "HEAD~1", "--head", "HEAD"), "the patch up to HEAD changes sources/shop")
}

// What others did meanwhile is no part of a branch's patch.
func TestABranchIsComparedWithWhereItBegan(t *testing.T) {
	r := newTree(t)
	r.git("checkout", "-q", "-b", "shop")
	r.change("sources/shop/shop.go")
	r.commit("Shop: more")
	r.git("checkout", "-q", "main")
	r.change("runtime/job/sync.go")
	r.commit("Jobs: more")
	r.git("checkout", "-q", "shop")
	require.NoError(t, r.judge("--base", "main"))
}

// TestWhatIsNewerThanUpstream judges as make check does: each commit that is not
// in origin/main yet, and what is not committed. What is there was accepted.
func TestWhatIsNewerThanUpstream(t *testing.T) {
	upstream := newTree(t)
	upstream.change("runtime/job/sync.go", "sources/shop/shop.go")
	upstream.commit("Both, long ago")
	r := tree{t, filepath.Join(t.TempDir(), "clone")}
	upstream.git("clone", "-q", upstream.dir, r.dir)
	require.Equal(t, "patches since "+r.head()+": 0; none changes both a source and the framework\n", r.accepted("--each"))

	r.change("runtime/job/sync.go")
	r.commit("Jobs can wait")
	r.change("sources/shop/shop.go", "config.yml")
	r.commit("Shop: waits")
	upstream.change("runtime/job/guard.go") // what others do meanwhile
	upstream.commit("Guards")
	r.git("fetch", "-q")
	r.change("NOTICE")
	require.Contains(t, r.accepted("--each"), ": 3; none")

	r.change("runtime/job/guard.go", "sources/shop/shop.go")
	r.commit("Guards for shop")
	err := r.judge("--each")
	require.ErrorContains(t, err, "(Guards for shop) changes sources/shop; 1 file does not belong to it:\n  runtime/job/guard.go\nA change of the framework")
	require.NotContains(t, err.Error(), "Jobs can wait")
	r.change("runtime/job/sync.go", "sources/bank/bank.go")
	require.ErrorContains(t, r.judge("--each"), "the patch changes sources/bank; 1 file")
}

// TestWithoutUpstream judges the work tree alone.
func TestWithoutUpstream(t *testing.T) {
	r := newTree(t)
	r.change("runtime/job/sync.go", "sources/shop/shop.go")
	r.commit("Both")
	require.Contains(t, r.accepted("--each"), "since HEAD: 0; none")
	r.change("runtime/job/sync.go", "sources/shop/shop.go")
	require.ErrorContains(t, r.judge("--each"), "the patch changes sources/shop; 1 file")
}

func TestWhatCannotBeJudged(t *testing.T) {
	r := newTree(t)
	require.ErrorContains(t, r.judge("main"), "usage: fence [--base REV]")
	require.ErrorContains(t, r.judge("--base", "nowhere"), "nowhere")
	require.Error(t, r.judge("--wrong"))
	require.ErrorContains(t, run([]string{"--base", "HEAD"}, filepath.Join(t.TempDir(), "none"), &bytes.Buffer{}), "git merge-base")
}

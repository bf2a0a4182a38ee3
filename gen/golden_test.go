package main_test

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/apply"
	"github.com/tributary-search/tributary/gen/command"
	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/verify"
)

var update = flag.Bool("update", false, "rewrite what the golden directories want")

const cases = "testdata/cases"

// readme is what a case's source gets that has none of its own, readmeRules
// one with advanced rules.
const (
	readme      = "# Case\n\n<!-- gen:begin configuration -->\n<!-- gen:end configuration -->\n"
	readmeRules = readme + "\n<!-- gen:begin rules -->\n<!-- gen:end rules -->\n"
)

// TestGolden runs every case: its input gives exactly the files below want/,
// or exactly the problems in want.err.
func TestGolden(t *testing.T) {
	entries, err := os.ReadDir(cases)
	require.NoError(t, err)
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			dir := filepath.Join(cases, e.Name())
			in := input(t, os.DirFS(dir))
			files, problems, err := command.Generate(in)
			require.NoError(t, err)
			delete(files, emit.SettingsPath) // the same in every case; its package tests it
			if drift := drift(t, dir, in, files); drift != nil {
				problems = drift
			}
			if len(problems) == 0 {
				problems = breaks(t, dir, in)
			}
			if *update {
				rewrite(t, dir, files, problems)
			}
			wantError, err := os.ReadFile(filepath.Join(dir, "want.err"))
			if err == nil {
				require.Equal(t, string(wantError), text(problems))
				return
			}
			require.Empty(t, text(problems))
			want := below(t, filepath.Join(dir, "want"))
			require.Equal(t, sorted(want), sorted(files), "the set of files")
			for _, name := range sorted(want) {
				require.Equal(t, string(want[name]), string(files[name]), name)
			}
		})
	}
}

// TestGoldenTypes proves that what the richest cases want type-checks with the
// runtime as it is.
func TestGoldenTypes(t *testing.T) {
	for _, name := range []string{"all_fields", "rules"} {
		files := generate(t, input(t, os.DirFS(filepath.Join(cases, name))))
		require.NoError(t, verify.Types(os.DirFS(".."), files), name)
	}
}

// TestCodes proves that every code is shown by a case.
func TestCodes(t *testing.T) {
	shown, err := filepath.Glob(cases + "/*/want.err")
	require.NoError(t, err)
	var all strings.Builder
	for _, name := range shown {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(content)
	}
	var without []string
	for _, c := range diag.Codes() {
		if !strings.Contains(all.String(), "error "+c.ID+":") && !strings.Contains(all.String(), "note "+c.ID+":") {
			without = append(without, c.ID+" "+c.Title)
		}
		require.Contains(t, all.String(), c.Example+"\n", "the example of %s is out of no case", c.ID)
		require.Contains(t, c.Example, c.ID+":", "the example of %s", c.ID)
	}
	require.Empty(t, without, "codes without a case in "+cases)
}

// input is a case on top of what every project has.
func input(t *testing.T, dir fs.FS) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{"go.mod": {Data: []byte("module github.com/tributary-search/tributary\n")}}
	for name, content := range below(t, "../schemas") {
		if !strings.HasPrefix(name, "config.") {
			all["schemas/"+name] = &fstest.MapFile{Data: content}
		}
	}
	require.NoError(t, fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(name, "want") || strings.HasPrefix(name, "have/") || strings.HasPrefix(name, "base/") {
			return err
		}
		content, err := fs.ReadFile(dir, name)
		all[name] = &fstest.MapFile{Data: content}
		if path.Base(name) == "schema.json" && all[path.Dir(name)+"/README.md"] == nil {
			text := readme
			if bytes.Contains(content, []byte(`"advanced_rules":`)) {
				text = readmeRules
			}
			all[path.Dir(name)+"/README.md"] = &fstest.MapFile{Data: []byte(text)}
		}
		return err
	}))
	return all
}

// drift compares what was generated with the files in have/, if there are any.
func drift(t *testing.T, dir string, in fstest.MapFS, files map[string][]byte) diag.List {
	t.Helper()
	have := below(t, filepath.Join(dir, "have"))
	if len(have) == 0 {
		return nil
	}
	disk := maps.Clone(in)
	for name, content := range have {
		disk[name] = &fstest.MapFile{Data: content}
	}
	plan, err := apply.Compare(disk, files)
	require.NoError(t, err)
	return plan.Problems
}

// breaks compares with the declarations in base/, if there are any.
func breaks(t *testing.T, dir string, in fstest.MapFS) diag.List {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "base")); err != nil {
		return nil
	}
	base, problems, err := load.Declarations(os.DirFS(filepath.Join(dir, "base")))
	require.NoError(t, err)
	require.Empty(t, problems)
	now, problems, err := load.Tree(in)
	require.NoError(t, err)
	require.Empty(t, problems)
	return compat.Compare(base, now)
}

func rewrite(t *testing.T, dir string, files map[string][]byte, problems diag.List) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "want")))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "want.err")))
	if len(problems) > 0 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "want.err"), []byte(text(problems)), 0o600))
		return
	}
	for name, content := range files {
		require.NoError(t, apply.Create(filepath.Join(dir, "want", filepath.FromSlash(name)), content))
	}
}

func text(problems diag.List) string {
	var b bytes.Buffer
	_ = problems.WriteText(&b)
	return b.String()
}

// below returns the files below a folder by slash path; none if there is no
// such folder.
func below(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	if _, err := os.Stat(dir); err != nil {
		return files
	}
	require.NoError(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = content
		return err
	}))
	return files
}

func sorted(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }

func read(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return content
}

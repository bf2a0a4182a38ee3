package command_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/command"
)

func TestNewNames(t *testing.T) {
	root := project(t)
	for name, want := range map[string]string{
		"GitHub-2":    `"GitHub-2" is not a valid name: use a-z, 0-9 and _, starting with a letter (try "github_2")`,
		"type":        `"type" is a Go keyword; it would become package type (try "type_source")`,
		"string":      `"string" is a predeclared name of Go; it would become package string (try "string_source")`,
		"init":        `"init" is a name that Go keeps (try "init_source")`,
		"internal":    `"internal" is kept by the go command (try "internal_source")`,
		"vendor":      `"vendor" is kept by the go command`,
		"testdata":    `"testdata" is not built by the go command`,
		"main":        `"main" would become a program`,
		"x_test":      `"x_test" is not a valid name: names that end in _test are for tests (try "x")`,
		"wetter_ü":    `"wetter_ü" is not a valid name: use a-z, 0-9 and _, starting with a letter (try "wetter")`,
		"日本":          `"日本" is not a valid name: use a-z, 0-9 and _, starting with a letter`,
		"":            `"" is not a valid name`,
		"2fast":       `(try "fast")`,
		"_x":          `(try "x")`,
		"a__b":        `(try "a_b")`,
		"../escape":   `(try "escape")`,
		"connector":   `"connector" is the name of the contract's package`,
		"fixture":     `"fixture" is the name of every source's test backend`,
		"zebra":       `"zebra" is taken: sources/zebra already exists (nothing was changed)`,
		"horse":       `"horse" is taken: it is a service type or alias of sources/zebra/schema.json (choose another)`,
		"a b":         `(try "a_b")`,
		"x_test_test": `(try "x")`,
	} {
		code, out, errs := run("new", "--root", root, "--", name)
		require.Equal(t, command.ExitProblems, code, name)
		require.Contains(t, errs, "new-source: ", name)
		require.Contains(t, errs, want)
		require.Empty(t, out)
	}
	entries, err := os.ReadDir(filepath.Join(root, "sources"))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, config, get(t, root, "config.yml"))
}

func TestNewKeepsComments(t *testing.T) {
	for name, want := range map[string]string{
		"weather": "sources:\n  # the model\n  weather: sources/weather\n  zebra: sources/zebra # last\nother: 1\n",
		"zoo":     "sources:\n  # the model\n  zebra: sources/zebra # last\n  zoo: sources/zoo\nother: 1\n",
	} {
		root := project(t)
		code, out, errs := run("new", name, "--root", root)
		require.Equal(t, command.ExitDone, code, errs)
		before, _, _ := strings.Cut(config, "sources:")
		require.Equal(t, before+want, get(t, root, "config.yml"))
		require.Contains(t, out, "sources/"+name+"/fixture/fixture.go")
		require.Contains(t, out, "next: write GetDocs at sources/"+name+"/"+name+".go:")
		require.Contains(t, out, ", then: go test ./sources/"+name+"\n")
	}
}

func TestNewRegisters(t *testing.T) {
	for before, want := range map[string]string{
		"":                                       "sources:\n  zoo: sources/zoo\n",
		"a: 1":                                   "a: 1\nsources:\n  zoo: sources/zoo\n",
		"sources:\n":                             "sources:\n  zoo: sources/zoo\n",
		"sources: # none yet\n\nb: 2\n":          "sources: # none yet\n  zoo: sources/zoo\n\nb: 2\n",
		"sources:\n    zebra: sources/zebra":     "sources:\n    zebra: sources/zebra\n    zoo: sources/zoo\n",
		"sources:\r\n  zebra: sources/zebra\r\n": "sources:\r\n  zebra: sources/zebra\r\n  zoo: sources/zoo\n",
	} {
		root := project(t)
		if !strings.Contains(before, "zebra") {
			require.NoError(t, os.RemoveAll(filepath.Join(root, "sources/zebra")))
		}
		put(t, root, "config.yml", before)
		code, _, errs := run("new", "zoo", "--root", root)
		require.Equal(t, command.ExitDone, code, errs)
		require.Equal(t, want, get(t, root, "config.yml"))
	}
}

func TestNewRefusesFlowStyle(t *testing.T) {
	root := project(t)
	put(t, root, "config.yml", "sources: {zebra: sources/zebra}\n")
	code, _, errs := run("new", "zoo", "--root", root)
	require.Equal(t, command.ExitFailed, code)
	require.Contains(t, errs, "a line of its own")
	require.NoDirExists(t, filepath.Join(root, "sources/zoo"))
}

// TestNewSource proves the promise of new for every template: everything
// compiles, and exactly one test waits for GetDocs and names the line to write.
// That of databases needs a server; make tutorial runs it.
func TestNewSource(t *testing.T) {
	root := project(t)
	require.NoError(t, os.RemoveAll(filepath.Join(root, "sources/zebra")))
	put(t, root, "config.yml", "sources:\n")
	for _, name := range []string{"go.mod", "go.sum"} {
		put(t, root, name, get(t, "../..", name))
	}
	for _, dir := range []string{"runtime/rest", "runtime/page", "sources/internal/sqldb", "sources/internal/mariadbtest"} {
		require.NoError(t, os.CopyFS(filepath.Join(root, dir), os.DirFS(filepath.Join("../..", dir))))
	}
	kinds, err := os.ReadDir("../../templates")
	require.NoError(t, err)
	for _, kind := range kinds {
		code, _, errs := run("new", "new_"+kind.Name(), "--template", kind.Name(), "--root", root)
		require.Equal(t, command.ExitDone, code, errs)
	}
	code, _, errs := run("check", "--root", root)
	require.Equal(t, command.ExitDone, code, errs)
	output, err := goCommand(root, "vet", "./sources/...").CombinedOutput()
	require.NoError(t, err, string(output))
	for _, name := range []string{"new_http", "new_files"} {
		output, err = goCommand(root, "test", "./sources/"+name).CombinedOutput()
		require.Error(t, err)
		require.Equal(t, 2, strings.Count(string(output), "--- FAIL"), "the test and one subtest: %s", output)
		line := lineWith(get(t, root, "sources/"+name+"/"+name+".go"), "connector.ErrNotWritten")
		require.Contains(t, string(output), "GetDocs is not written yet: write it at sources/"+name+"/"+name+".go:"+line)
	}
}

func TestNewTemplates(t *testing.T) {
	root := project(t)
	code, out, errs := run("new", "zoo", "--template", "htpp", "--root", root)
	require.Equal(t, command.ExitProblems, code)
	require.Equal(t, "new-source: \"htpp\" is no template (there are database, files, http; did you mean \"http\"?)\n", errs)
	require.Empty(t, out)
	require.NoDirExists(t, filepath.Join(root, "sources/zoo"))
	code, _, errs = run("generate", "--template", "http", "--root", root)
	require.Equal(t, command.ExitFailed, code)
	require.Contains(t, errs, "--template belongs to new")
}

// TestNewKeepsTheFilesOfTemplates: the file of a source has its name, which no
// other file of its template may have.
func TestNewKeepsTheFilesOfTemplates(t *testing.T) {
	root := project(t)
	for name, kind := range map[string]string{"client": "http", "database": "database", "folder": "files"} {
		code, out, errs := run("new", name, "--template", kind, "--root", root)
		require.Equal(t, command.ExitProblems, code)
		require.Equal(t, "new-source: \""+name+"\" is the name of a file of the template "+kind+" (try \""+name+"_source\")\n", errs)
		require.Empty(t, out)
		require.NoDirExists(t, filepath.Join(root, "sources", name))
	}
	code, _, errs := run("new", "source", "--root", root)
	require.Equal(t, command.ExitDone, code, errs)
}

// TestNextStep: once GetDocs is written, generate names the tests of what it wrote.
func TestNextStep(t *testing.T) {
	root := project(t)
	code, out, errs := run("generate", "--root", root)
	require.Equal(t, command.ExitDone, code, errs)
	require.Equal(t, "next: go test ./sources/zebra, then: make check\n", out)
	code, out, _ = run("generate", "--root", root)
	require.Equal(t, command.ExitDone, code)
	require.Empty(t, out, "nothing was written")
}

func goCommand(root string, args ...string) *exec.Cmd {
	c := exec.Command("go", args...)
	c.Dir = root
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	return c
}

// lineWith returns the number of the first line that holds a word.
func lineWith(text, word string) string {
	before, _, _ := strings.Cut(text, word)
	return strconv.Itoa(strings.Count(before, "\n") + 1)
}

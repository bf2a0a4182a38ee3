package verify_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/verify"
)

func TestSyntax(t *testing.T) {
	require.NoError(t, verify.Syntax(map[string][]byte{"a/x_gen.go": []byte("package a\n"), "a/README.md": []byte("{")}))
	err := verify.Syntax(map[string][]byte{"a/x_gen.go": []byte("package a\n\nfunc {\n")})
	require.ErrorContains(t, err, "a/x_gen.go:3:6")
}

const module = "module github.com/tributary-search/tributary\n"

func TestTypes(t *testing.T) {
	hand := "package a\n\nimport \"example.com/driver\"\n\ntype Source struct{ c *driver.Conn }\n\nvar broken int = \"x\"\n"
	for name, c := range map[string]struct{ emitted, want string }{
		"good":              {"package a\n\nimport \"errors\"\n\nvar errX = errors.New(\"x\")\n\nfunc f() *Source { return nil }\n", ""},
		"unused import":     {"package a\n\nimport \"errors\"\n", `sources/a/x_gen.go:3:8: "errors" imported and not used`},
		"wrong type":        {"package a\n\nvar x int64 = \"1\"\n", "sources/a/x_gen.go:3:15"},
		"wrong in function": {"package a\n\nfunc f() int { return true }\n", "sources/a/x_gen.go:3:23"},
		"the author's part": {"package a\n\nvar _ = Open\n\nvar _ interface{ Ping() } = (*Source)(nil)\n", ""},
		"runtime":           {"package a\n\nimport \"github.com/tributary-search/tributary/runtime/x\"\n\nvar y = x.Missing\n", "undefined: x.Missing"},
	} {
		disk := fstest.MapFS{
			"go.mod":          {Data: []byte(module)},
			"sources/a/a.go":  {Data: []byte(hand)},
			"runtime/x/x.go":  {Data: []byte("package x\n\nimport _ \"errors\"\n\nvar Y = 1\n")},
			"runtime/x/js.go": {Data: []byte("//go:build js\n\npackage x\n\nvar Missing = 1\n")},
		}
		err := verify.Types(disk, map[string][]byte{"sources/a/x_gen.go": []byte(c.emitted)})
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, c.want, name)
	}
}

// TestTypesOfProject proves that nothing of the project is taken for a
// mistake.
func TestTypesOfProject(t *testing.T) {
	root := os.DirFS("../..")
	files := map[string][]byte{}
	names, err := fs.Glob(root, "sources/*/*_gen*.go")
	require.NoError(t, err)
	for _, name := range names {
		files[name], err = fs.ReadFile(root, name)
		require.NoError(t, err)
	}
	require.NoError(t, verify.Types(root, files))
}

package main_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/command"
	"github.com/tributary-search/tributary/gen/load"
)

// sink is everything that tries to leave a comment, a literal, a table or a
// file in its middle.
const sink = "\"; var X = 1 // ` + \"x\" + ` */ var X = 1 /* \n//go:generate rm -rf x\n//go:embed x\nvar X string\n" +
	"import \"C\"\na\x00b \u202ec\u2066d\r\ne\u2028f\u0085g\x0b | h |\n|---|\n<script>alert(1)</script> </td><&>'" +
	"{{.Name}} ${X} %s %!d(string=1) \\ \x1b[31mred\x1b[0m\x07\b //nolint:all\n//line x.go:1\n"

// evil are texts that differ in how they begin and how long they are.
var evil = map[string]string{
	"build tag":    "//go:build ignore\n\nvar X = 1\n" + sink,
	"back quote":   "`" + sink,
	"marker":       "<!-- gen:end configuration --> <!-- gen:begin rules --> -->",
	"unbroken":     strings.Repeat("x", 10_000),
	"only control": "\x00\u202e\u2028",
}

// TestInjection puts each of them into every text slot of a declaration, one
// slot at a time. Either it is refused, or the Go that comes out has the same
// shape as before, and the output leads to itself.
func TestInjection(t *testing.T) {
	for _, name := range []string{"all_fields", "rules"} {
		in := input(t, os.DirFS(filepath.Join(cases, name)))
		const file = "sources/a/schema.json"
		delete(in, "schemas/source.schema.json") // half of the time, and no other verdict
		want := shapes(t, generate(t, in))
		root, _ := load.JSON(&load.File{Name: file, Text: in[file].Data})
		slots := textSlots(root)
		require.Greater(t, len(slots), 5)
		taken := 0
		for _, slot := range slots {
			for label, text := range evil {
				if slot.key && label != "build tag" && label != "unbroken" {
					continue
				}
				what := fmt.Sprintf("%s in %s of %s", label, slot.pointer, name)
				mutated := fstest.MapFS{}
				for name, f := range in {
					mutated[name] = f
				}
				mutated[file] = &fstest.MapFile{Data: slot.replace(text)}
				files, problems, err := command.Generate(mutated)
				require.NoError(t, err, what)
				if len(problems) > 0 {
					continue
				}
				taken++
				got := shapes(t, files)
				if !slot.key && !strings.Contains(slot.pointer, "/enum/") {
					require.Equal(t, want, got, what)
				}
				if label != "marker" {
					continue // only READMEs are read again
				}
				for name, content := range files {
					mutated[name] = &fstest.MapFile{Data: content}
				}
				equal(t, files, generate(t, mutated))
			}
		}
		require.Greater(t, taken, len(slots)/2, "many texts are free")
		t.Logf("%s: %d slots, %d texts taken", name, len(slots), taken)
	}
}

// textSlot is a place in a declaration that holds text.
type textSlot struct {
	pointer    string
	key        bool
	text       []byte
	start, end int
}

func (s textSlot) replace(text string) []byte {
	encoded, _ := json.Marshal(text)
	return []byte(string(s.text[:s.start]) + string(encoded) + string(s.text[s.end:]))
}

// textSlots returns the strings of a tree, keys included.
func textSlots(n *load.Node) []textSlot {
	var list []textSlot
	add := func(pointer string, key bool, offset int) {
		var s string
		dec := json.NewDecoder(strings.NewReader(string(n.File.Text[offset:])))
		_ = dec.Decode(&s)
		list = append(list, textSlot{pointer, key, n.File.Text, offset, offset + int(dec.InputOffset())})
	}
	if n.Kind == load.String {
		add(n.Pointer, false, n.Offset)
	}
	for _, m := range n.Members {
		add(m.Value.Pointer+" (key)", true, m.Offset)
		list = append(list, textSlots(m.Value)...)
	}
	for _, item := range n.Items {
		list = append(list, textSlots(item)...)
	}
	return list
}

// shapes returns what Go files are made of, texts and names left out. It fails
// at what no emitted file may hold.
func shapes(t *testing.T, files map[string][]byte) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, content := range files {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments)
		require.NoError(t, err)
		var b strings.Builder
		shape(&b, parsed)
		for _, group := range parsed.Comments {
			for _, c := range group.List {
				require.Empty(t, directive(c.Text), name)
			}
		}
		for _, i := range parsed.Imports {
			require.NotContains(t, []string{`"C"`, `"embed"`}, i.Path.Value, name)
		}
		require.Nil(t, parsed.Scope.Lookup("X"), name)
		require.Nil(t, parsed.Scope.Lookup("init"), name)
		all[name] = b.String()
	}
	return all
}

// directive returns a comment that means something to a tool.
func directive(comment string) string {
	for _, prefix := range []string{"//go:", "//line", "//nolint", "/*", "// +build", "//export"} {
		if strings.HasPrefix(comment, prefix) {
			return comment
		}
	}
	return ""
}

func shape(b *strings.Builder, root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.BasicLit:
			if n.Kind != token.STRING || isImport(n) {
				b.WriteString(n.Value)
				return false
			}
			b.WriteString("TEXT ")
			return false
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				b.WriteString("TEXT ")
				return false
			}
		}
		fmt.Fprintf(b, "%T ", n)
		return true
	})
}

func isImport(n *ast.BasicLit) bool { return strings.Contains(n.Value, "tributary-search/") }

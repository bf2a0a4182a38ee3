package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/command"
	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// TestOneEditOneProblem makes every single mistake of three kinds in a good
// declaration: a key misspelt, a value replaced by null, a scalar given twice.
// Each is answered at its line, and nearly always by one problem.
func TestOneEditOneProblem(t *testing.T) {
	edits, single := 0, 0
	for _, name := range []string{"all_fields", "rules"} {
		in := input(t, os.DirFS(filepath.Join(cases, name)))
		const file = "sources/a/schema.json"
		root, _ := load.JSON(&load.File{Name: file, Text: in[file].Data})
		for _, e := range mistakes(root) {
			mutated := fstest.MapFS{}
			for name, f := range in {
				mutated[name] = f
			}
			mutated[file] = &fstest.MapFile{Data: e.text}
			_, problems, err := command.Generate(mutated)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(problems, func(d diag.Diagnostic) bool { return d.File == file && d.Line == e.line }),
				"%s, line %d: %s", e.what, e.line, problems.Error())
			edits++
			if len(problems) == 1 {
				single++
				continue
			}
			t.Logf("%s, line %d: %d problems\n%s", e.what, e.line, len(problems), problems.Error())
		}
	}
	t.Logf("%d of %d edits give one problem", single, edits)
	require.GreaterOrEqual(t, single*100, edits*95, "%d of %d", single, edits)
}

type mistake struct {
	what string
	text []byte
	line int
}

// mistakes returns the mistakes in all keywords of a tree. Names that the
// author chooses are no keywords.
func mistakes(root *load.Node) []mistake {
	var list []mistake
	var walk func(n *load.Node, chosen bool)
	walk = func(n *load.Node, chosen bool) {
		for _, item := range n.Items {
			walk(item, false)
		}
		for i := range n.Members {
			m := &n.Members[i]
			if !chosen {
				list = append(list, edits(m)...)
			}
			if m.Key != "default" && m.Key != "examples" {
				walk(m.Value, !chosen && (m.Key == "properties" || m.Key == "$defs" || m.Key == "depends_on"))
			}
		}
	}
	walk(root, false)
	return list
}

func edits(m *load.Member) []mistake {
	text, value := m.Value.File.Text, m.Value
	line, _ := value.File.LineCol(m.Offset)
	var raw json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(text[value.Offset:]))
	_ = dec.Decode(&raw)
	end := value.Offset + int(dec.InputOffset())
	list := []mistake{
		{"misspelt " + m.Key, slices.Concat(text[:m.Offset+2], []byte("q"), text[m.Offset+2:]), line},
		{"null for " + m.Key, slices.Concat(text[:value.Offset], []byte("null"), text[end:]), line},
	}
	if value.Kind != load.Object && value.Kind != load.Array {
		twice := fmt.Appendf(nil, "%s, ", text[m.Offset:end])
		list = append(list, mistake{"twice " + m.Key, slices.Concat(text[:m.Offset], twice, text[m.Offset:]), line})
	}
	return list
}

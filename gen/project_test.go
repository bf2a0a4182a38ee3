package main_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/command"
)

// synthetic is a project of n sources, each with the fields and rules that a
// real one has.
func synthetic(t testing.TB, n int) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{"go.mod": {Data: []byte("module github.com/tributary-search/tributary\n")}}
	for _, name := range []string{"source.schema.json", "shared/tls.json", "shared/retry.json", "shared/paging.json"} {
		all["schemas/"+name] = &fstest.MapFile{Data: read(t, "../schemas/"+name)}
	}
	registry := "sources:\n"
	for i := range n {
		name := fmt.Sprintf("synthetic_%02d", i)
		registry += fmt.Sprintf("  %s: sources/%s\n", name, name)
		all["sources/"+name+"/schema.json"] = &fstest.MapFile{Data: []byte(declaration(name))}
		all["sources/"+name+"/README.md"] = &fstest.MapFile{Data: []byte(readmeRules)}
	}
	all["config.yml"] = &fstest.MapFile{Data: []byte(registry)}
	return all
}

// declaration has 20 fields and rules with two structs.
func declaration(name string) string {
	var fields strings.Builder
	for i := range 4 {
		fmt.Fprintf(&fields, `
      "host_%[1]d": {"type": "string", "title": "Host %[1]d", "description": "Where the system listens.", "format": "hostname"},
      "port_%[1]d": {"type": "integer", "title": "Port %[1]d", "default": 3306, "minimum": 1, "maximum": 65535},
      "mode_%[1]d": {"type": "string", "title": "Mode %[1]d", "enum": ["fast", "safe"], "default": "safe"},
      "tables_%[1]d": {"type": "array", "title": "Tables %[1]d", "items": {"type": "string"}, "default": ["*"]},
      "key_%[1]d": {"type": "string", "title": "Key %[1]d", "pattern": "^[a-z]+$", "x-ui": {"depends_on": {"mode_%[1]d": "fast"}}},`, i)
	}
	return strings.NewReplacer("NAME", name, "FIELDS", fields.String()).Replace(`{
  "service_type": "NAME", "name": "NAME", "about": "Rows of tables, one document each.",
  "abilities": ["advanced_rules", "changes"],
  "config": {
    "type": "object", "additionalProperties": false, "required": ["host_0", "tables_0"],
    "allOf": [{"$ref": "../../schemas/shared/tls.json"}, {"$ref": "../../schemas/shared/retry.json"}],
    "properties": {FIELDS
      "token": {"type": "string", "title": "Token", "writeOnly": true}
    }
  },
  "advanced_rules": {
    "type": "array",
    "items": {
      "type": "object", "additionalProperties": false, "required": ["tables", "query"],
      "properties": {
        "tables": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "query": {"type": "string", "minLength": 1, "description": "The query."},
        "options": {"type": "object", "additionalProperties": false, "properties": {
          "limit": {"type": "integer", "minimum": 0}, "since": {"type": "string", "format": "date-time"}
        }}
      }
    }
  }
}
`)
}

// generate returns the files of a project without problems.
func generate(t testing.TB, fsys fs.FS) map[string][]byte {
	t.Helper()
	files, problems, err := command.Generate(fsys)
	require.NoError(t, err)
	require.Empty(t, problems.Error())
	return files
}

func BenchmarkGenerate30(b *testing.B) {
	project := synthetic(b, 30)
	for b.Loop() {
		files, problems, err := command.Generate(project)
		if err != nil || len(problems) > 0 || len(files) < 30*5+1 {
			b.Fatal(err, problems, len(files))
		}
	}
}

// TestManyReferences proves that definitions that use each other twice do not
// double the output each time.
func TestManyReferences(t *testing.T) {
	const depth = 40
	project := synthetic(t, 1)
	var defs strings.Builder
	for i := range depth {
		next := fmt.Sprintf(`{"$ref": "#/$defs/d%d"}`, i+1)
		fmt.Fprintf(&defs, `"d%d": {"type": "object", "additionalProperties": false, "properties": {"a": %s, "b": %s}},`, i, next, next)
	}
	const name = "sources/synthetic_00/schema.json"
	text, _, _ := strings.Cut(string(project[name].Data), `"advanced_rules": {`)
	text += `"advanced_rules": {"$ref": "#/$defs/d0"}, "$defs": {` + defs.String() + `"d40": {"type": "string"}}}`
	project[name] = &fstest.MapFile{Data: []byte(text)}
	files := generate(t, project)
	require.Less(t, len(files["sources/synthetic_00/rules_gen.go"]), 40_000)
}

package main_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

const metaFile = "../schemas/source.schema.json"

// TestMetaSchemaWords proves that the published schema and the generator know
// the same keywords, formats and abilities.
func TestMetaSchemaWords(t *testing.T) {
	var meta map[string]any
	require.NoError(t, json.Unmarshal(read(t, metaFile), &meta))
	words := map[string]bool{}
	closed(meta, words)
	require.Equal(t, model.Keywords(), slices.Sorted(maps.Keys(words)))

	definitions := meta["definitions"].(map[string]any)
	require.Equal(t, schema.Formats(), texts(definitions["format"].(map[string]any)["enum"]))
	abilities := meta["properties"].(map[string]any)["abilities"].(map[string]any)
	require.ElementsMatch(t, model.Abilities(), texts(abilities["items"].(map[string]any)["enum"]))
}

// closed collects the names of all properties of closed objects.
func closed(v any, words map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if properties, ok := v["properties"].(map[string]any); ok && v["additionalProperties"] == false {
			for name := range properties {
				words[name] = true
			}
		}
		for _, child := range v {
			closed(child, words)
		}
	case []any:
		for _, child := range v {
			closed(child, words)
		}
	}
}

func texts(v any) []string {
	var list []string
	for _, item := range v.([]any) {
		list = append(list, item.(string))
	}
	return list
}

// TestMetaSchemaSeesStructure proves that editors underline what the generator
// refuses for its form: every file with such a problem breaks the published
// schema as well.
func TestMetaSchemaSeesStructure(t *testing.T) {
	meta, err := schema.Compile(read(t, metaFile))
	require.NoError(t, err)
	structural := regexp.MustCompile(`(?m)^(sources/\S+?schema\.json):\S+ error G10[2345]:`)
	errors, err := filepath.Glob(cases + "/*/want.err")
	require.NoError(t, err)
	seen := 0
	for _, name := range errors {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range structural.FindAllStringSubmatch(string(text), -1) {
			seen++
			declared := read(t, filepath.Join(filepath.Dir(name), filepath.FromSlash(m[1])))
			require.NotEmpty(t, meta.Check(declared), "%s: %s", name, m[1])
		}
	}
	require.Greater(t, seen, 20)
}

// TestDeclarations proves that every declaration of the project, and every
// shared block, is one that the generator takes.
func TestDeclarations(t *testing.T) {
	files := generate(t, os.DirFS(".."))
	for name := range files {
		require.True(t, strings.HasPrefix(name, "sources/") || name == "schemas/config.schema.json", name)
	}
}

package pages_test

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
	"github.com/tributary-search/tributary/tools/docs/pages"
)

const declaration = `{
  "service_type": "shop",
  "aliases": ["store"],
  "name": "Shop",
  "about": "Orders of a shop | one document each.",
  "abilities": ["advanced_rules", "bulk_limits"],
  "config": {
    "type": "object",
    "additionalProperties": false,
    "required": ["host", "port", "token"],
    "properties": {
      "host": {"type": "string", "title": "Host"},
      "port": {"type": "integer", "title": "Port", "default": 443},
      "token": {"type": "string", "title": "Token", "writeOnly": true},
      "note": {"type": "string", "title": "Note", "default": "", "description": "May hold *anything*."}
    }
  },
  "advanced_rules": RULES
}
`

const rules = `{
    "type": "array",
    "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["state"],
      "properties": {
        "state": {"type": "string", "enum": ["open", "closed"], "examples": ["open"]},
        "limit": {"type": "integer", "minimum": 1}
      }
    }
  }`

// shop is a tree with one source, and the kind that it becomes. The rules are
// those of its declaration.
func shop(t *testing.T, rules string) (fstest.MapFS, []connector.Kind) {
	t.Helper()
	meta, err := os.ReadFile("../../../schemas/source.schema.json")
	require.NoError(t, err)
	tree := fstest.MapFS{
		"go.mod":                     {Data: []byte("module example.org/shop\n")},
		"config.yml":                 {Data: []byte("sources:\n  shop: sources/shop\n")},
		"schemas/source.schema.json": {Data: meta},
		"sources/shop/schema.json":   {Data: []byte(strings.Replace(declaration, "RULES", rules, 1))},
		"sources/shop/README.md": {Data: []byte("# Shop\n\n<!-- gen:begin configuration -->\n<!-- gen:end configuration -->\n\n" +
			"<!-- gen:begin rules -->\n<!-- gen:end rules -->\n")},
	}
	fields := schema.NewFields([]schema.Field{
		{Name: "host", Label: "Host", Type: schema.String, Required: true},
		{Name: "token", Label: "Token", Type: schema.String, Secret: true},
	})
	return tree, []connector.Kind{{
		ServiceType: "shop", Configuration: fields.Document(), SetValues: fields.SetValues, CheckRules: schema.New(rules).CheckRules,
	}}
}

// made are the pages of the shop's tree.
func made(t *testing.T, rules string) map[string]string {
	t.Helper()
	tree, kinds := shop(t, rules)
	all, err := pages.All(tree, kinds)
	require.NoError(t, err)
	return all
}

// laid are the shop's pages in the tree that they were made from.
func laid(t *testing.T) (fstest.MapFS, []connector.Kind) {
	t.Helper()
	tree, kinds := shop(t, rules)
	all := maps.Clone(tree)
	for name, text := range made(t, rules) {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all, kinds
}

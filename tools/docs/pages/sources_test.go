package pages_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/tools/docs/pages"
)

// TestAPageOfASource holds every part of one to its declaration.
func TestAPageOfASource(t *testing.T) {
	all := made(t, rules)
	require.Equal(t, `# Sources

<!-- Made by make docs from the declarations, sources/*/schema.json; edit that. -->

| source | what it reads |
|---|---|
| [shop](shop.md) | Orders of a shop \| one document each. |
`, all["docs/sources/README.md"])
	page := all["docs/sources/shop.md"]
	before, _, found := strings.Cut(page, "| Field |")
	require.True(t, found)
	require.Equal(t, "# Shop\n\n<!-- Made by make docs from sources/shop/schema.json; edit that. -->\n\n"+
		"Orders of a shop \\| one document each.\n\n"+
		"Service type `shop`, or `store`. Documents, privileges, types and limits of what is read: [the source's README](../../sources/shop/README.md).\n\n"+
		"```sh\ntributary sync shop host=… token=env:TOKEN\n```\n\n## Configuration\n\n", before)
	for _, want := range []string{
		"| `port` | integer, required | `443` | Port. |\n",
		"| `token` | secret text, required |  | Token. |\n",
		`May hold \*anything\*.`,
		"A connector's documents are told from another's by `host`, `port`.\n",
		"```json\n{\n  \"advanced_snippet\": {\n    \"value\": [\n      {\n        \"state\": \"open\"\n      }\n    ]\n  }\n}\n```\n",
		"- Advanced rules select what is read, in the source's own terms.\n",
		"[settings](../settings.md), made smaller where the configuration says so.\n",
	} {
		require.Contains(t, page, want)
	}
}

// TestExamplesOfRules: a file for each branch and each member that may stand
// alone, one with all members otherwise; circles end.
func TestExamplesOfRules(t *testing.T) {
	text := `{"type": "string", "examples": ["a"]}`
	number := `{"type": "integer", "examples": [1, 2]}`
	for name, c := range map[string]struct {
		rules string
		want  []string // the values, without blanks
	}{
		"its own":    {`{"type": "array", "items": ` + text + `, "examples": [["b"], []]}`, []string{`["b"]`, `[]`}},
		"items":      {`{"type": "array", "items": ` + number + `}`, []string{`[1]`, `[2]`}},
		"branches":   {`{"anyOf": [` + text + `, {"type": "array", "items": ` + text + `}]}`, []string{`"a"`, `["a"]`}},
		"members":    {`{"type": "object", "additionalProperties": false, "properties": {"x": ` + text + `, "y": ` + number + `, "z": {"type": "boolean"}}}`, []string{`{"x":"a","y":1}`}},
		"one member": {`{"type": "object", "additionalProperties": false, "maxProperties": 1, "properties": {"x": ` + text + `, "y": ` + number + `}}`, []string{`{"x":"a"}`, `{"y":1}`, `{"y":2}`}},
	} {
		t.Run(name, func(t *testing.T) {
			blocks := strings.Split(made(t, c.rules)["docs/sources/shop.md"], "```json\n")[1:]
			var values []string
			for _, block := range blocks {
				text, _, _ := strings.Cut(block, "\n```")
				text = strings.Join(strings.Fields(text), "")
				values = append(values, strings.TrimSuffix(strings.TrimPrefix(text, `{"advanced_snippet":{"value":`), "}}"))
			}
			require.Equal(t, c.want, values)
		})
	}
}

// TestExamplesOfCircles: rules may refer to themselves where a list ends it.
func TestExamplesOfCircles(t *testing.T) {
	circle := `{"$ref": "#/$defs/group"},
  "$defs": {"group": {
    "type": "object", "additionalProperties": false,
    "properties": {"name": {"type": "string", "examples": ["a"]}, "groups": {"type": "array", "items": {"$ref": "#/$defs/group"}}}
  }}`
	tree, kinds := shop(t, rules)
	tree["sources/shop/schema.json"] = &fstest.MapFile{Data: []byte(strings.Replace(declaration, "RULES", circle, 1))}
	kinds[0].CheckRules = func(json.RawMessage) connector.Problems { return nil }
	all, err := pages.All(tree, kinds)
	require.NoError(t, err)
	require.Contains(t, all["docs/sources/shop.md"], `"name": "a"`)
}

// TestWhatCanNotBecomePages: each error names the file and what to do.
func TestWhatCanNotBecomePages(t *testing.T) {
	withoutExample := strings.Replace(rules, `, "examples": ["open"]`, "", 1)
	for name, c := range map[string]struct{ rules, service, want string }{
		"no example": {
			withoutExample, "shop",
			`sources/shop/schema.json: the advanced rules have no example; say some in "examples" of their members`,
		},
		"an example that the rules refuse as a whole": {
			strings.Replace(rules, `"required": ["state"]`, `"required": ["state", "limit"]`, 1), "shop",
			`the example [{"state":"open"}] is refused by the rules' own schema: /0: "limit" is missing; mend "examples" in the declaration`,
		},
		"a source that is not compiled in": {rules, "bank", "sources/shop is not compiled in; run make generate"},
		"a declaration with a problem":     {strings.Replace(rules, `"minimum": 1`, `"minimun": 1`, 1), "shop", `unknown keyword "minimun"`},
	} {
		t.Run(name, func(t *testing.T) {
			tree, kinds := shop(t, c.rules)
			kinds[0].ServiceType = c.service
			_, err := pages.All(tree, kinds)
			require.ErrorContains(t, err, c.want)
		})
	}
}

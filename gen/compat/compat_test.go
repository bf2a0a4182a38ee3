package compat_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
)

// declared is a tree with one source; its parts are members of the declaration.
func declared(t *testing.T, head, required, fields, rules string) load.Input {
	t.Helper()
	text := fmt.Sprintf(`{"service_type": "a", "name": "A", "about": "Things.", "x-identity": [], %s
"config": {"type": "object", "additionalProperties": false, "required": [%s], "properties": {%s}}%s}`, head, required, fields, rules)
	readme := "<!-- gen:begin configuration --><!-- gen:end configuration -->"
	if rules != "" {
		readme += "<!-- gen:begin rules --><!-- gen:end rules -->"
	}
	in, problems, err := load.Tree(fstest.MapFS{
		"go.mod":                {Data: []byte("module example.com/x\n")},
		"config.yml":            {Data: []byte("sources:\n  a: sources/a\n")},
		"sources/a/schema.json": {Data: []byte(text)},
		"sources/a/README.md":   {Data: []byte(readme)},
	})
	require.NoError(t, err)
	require.Empty(t, problems)
	return in
}

// compare checks that now is a declaration without problems and compares.
func compare(t *testing.T, base, now load.Input) diag.List {
	t.Helper()
	_, problems := model.Build(now)
	require.Empty(t, problems, problems.Error())
	return compat.Compare(base, now)
}

const (
	text   = `"type": "string", "title": "F"`
	number = `"type": "integer", "title": "F"`
	other  = `"mode": {"type": "string", "title": "Mode", "enum": ["x", "y"], "default": "x"}`
	wider  = `"mode": {"type": "string", "title": "Mode", "enum": ["x", "y", "z"], "default": "x"}`
)

// TestSilent holds that what breaks nothing is passed over.
func TestSilent(t *testing.T) {
	for name, c := range map[string]struct{ baseRequired, base, nowRequired, now string }{
		"nothing changed":            {`"f"`, `"f": {` + text + `}`, `"f"`, `"f": {` + text + `}`},
		"words changed":              {``, `"f": {` + text + `}`, ``, `"f": {"type": "string", "title": "G", "description": "More.", "x-ui": {"display": "textarea"}}`},
		"renamed":                    {`"f"`, `"f": {` + text + `}`, `"g"`, `"g": {` + text + `, "x-renamed-from": ["f"]}`},
		"renamed again":              {``, `"f": {` + text + `, "x-renamed-from": ["e"]}`, ``, `"g": {` + text + `, "x-renamed-from": ["f", "e"]}`},
		"deprecated and replaced":    {``, `"f": {` + text + `, "deprecated": true}, "g": {"type": "string", "title": "G"}`, ``, `"g": {"type": "string", "title": "G", "x-renamed-from": ["f"]}`},
		"new and optional":           {``, `"f": {` + text + `}`, ``, `"f": {` + text + `}, "g": {"type": "string", "title": "G"}`},
		"new with a default":         {``, `"f": {` + text + `}`, `"g"`, `"f": {` + text + `}, "g": {"type": "string", "title": "G", "default": "x"}`},
		"new for a new value":        {``, other, `"g"`, wider + `, "g": {"type": "string", "title": "G", "x-ui": {"depends_on": {"mode": "z"}}}`},
		"new for a new field":        {``, `"f": {` + text + `}`, `"g"`, `"f": {` + text + `}, ` + other + `, "g": {"type": "string", "title": "G", "x-ui": {"depends_on": {"mode": "y"}}}`},
		"required no more":           {`"f"`, `"f": {` + text + `}`, ``, `"f": {` + text + `}`},
		"optional loses its default": {``, `"f": {` + number + `, "default": 1}`, ``, `"f": {` + number + `}`},
		"required gets a default":    {`"f"`, `"f": {` + number + `}`, `"f"`, `"f": {` + number + `, "default": 1}`},
		"becomes a secret":           {``, `"f": {` + text + `}`, ``, `"f": {` + text + `, "writeOnly": true}`},
		"integer becomes number":     {``, `"f": {` + number + `, "minimum": 1, "default": 2}`, ``, `"f": {"type": "number", "title": "F", "exclusiveMinimum": 0.5, "default": 2.0}`},
		"wider bounds":               {``, `"f": {` + number + `, "minimum": 1, "maximum": 9}`, ``, `"f": {` + number + `, "exclusiveMinimum": 0, "exclusiveMaximum": 9.5}`},
		"bounds that bound nothing":  {``, `"f": {` + number + `}`, ``, `"f": {` + number + `, "minimum": -9223372036854775808, "maximum": 9223372036854775807}`},
		"no bounds":                  {``, `"f": {` + number + `, "minimum": 1, "multipleOf": 5}`, ``, `"f": {` + number + `}`},
		"divisor of a divisor":       {``, `"f": {` + number + `, "multipleOf": 6}`, ``, `"f": {` + number + `, "multipleOf": 3}`},
		"wider enum":                 {``, other, ``, wider},
		"enum becomes a pattern":     {``, `"f": {` + text + `, "enum": ["a", "bc"]}`, ``, `"f": {` + text + `, "pattern": "^[a-c]+$", "maxLength": 2}`},
		"enum becomes bounds":        {``, `"f": {` + number + `, "enum": [1, 5]}`, ``, `"f": {` + number + `, "minimum": 1, "maximum": 5}`},
		"empty counts as absent":     {``, `"f": {` + text + `}`, ``, `"f": {` + text + `, "minLength": 1}`},
		"no pattern, no format":      {``, `"f": {` + text + `, "pattern": "^a$"}, "g": {"type": "string", "title": "G", "format": "uri"}`, ``, `"f": {` + text + `}, "g": {"type": "string", "title": "G"}`},
		"longer lists":               {``, `"f": {"type": "array", "title": "F", "maxItems": 2, "uniqueItems": true, "items": {"type": "string", "maxLength": 2}}`, ``, `"f": {"type": "array", "title": "F", "minItems": 1, "maxItems": 3, "items": {"type": "string"}}`},
		"counts less often":          {``, other + `, "f": {` + number + `}`, ``, other + `, "f": {` + number + `, "x-ui": {"depends_on": {"mode": "y"}}}`},
		"condition renamed":          {``, other + `, "f": {` + number + `, "x-ui": {"depends_on": {"mode": "y"}}}`, ``, strings.Replace(other, `"mode": {`, `"how": {"x-renamed-from": ["mode"], `, 1) + `, "f": {` + number + `, "x-ui": {"depends_on": {"how": "y"}}}`},
	} {
		found := compare(t, declared(t, "", c.baseRequired, c.base, ""), declared(t, "", c.nowRequired, c.now, ""))
		require.Empty(t, found, "%s: %s", name, found.Error())
	}
}

// TestRulesSilent holds the same for advanced rules.
func TestRulesSilent(t *testing.T) {
	const list = `{"type": "array", "items": {"$ref": "#/$defs/n"}}`
	for name, c := range map[string][2]string{
		"more members":          {`{"type": "object", "additionalProperties": false, "required": ["a"], "properties": {"a": {"type": "string"}}}`, `{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}`},
		"more types":            {`{"type": "string"}`, `{"type": ["string", "null"]}`},
		"integer to number":     {`{"type": "integer"}`, `{"type": "number"}`},
		"a branch more":         {`{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "boolean"}, {"type": "number"}, {"type": "string"}]}`},
		"becomes a union":       {`{"type": "string"}`, `{"anyOf": [{"type": "boolean"}, {"type": "string"}]}`},
		"union falls away":      {`{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]}`, `{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}`},
		"constants become text": {`{"anyOf": [{"const": "a"}, {"const": "b"}]}`, `{"anyOf": [{"type": "string"}]}`},
		"closed opens":          {`{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}`, `{"type": "object", "additionalProperties": true, "x-why": "free"}`},
		"closed becomes a map":  {`{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}`, `{"type": "object", "additionalProperties": {"type": "string"}}`},
		"the same unions":       {`{"oneOf": [{"$ref": "#/$defs/n"}, {"type": "integer"}]}`, `{"oneOf": [{"$ref": "#/$defs/n"}, {"type": "integer"}]}`},
		"contains itself":       {list, list},
	} {
		node := `{"type": "object", "additionalProperties": false, "properties": {"x": {"type": "string"}, "n": {"$ref": "#/$defs/n"}, "u": {"oneOf": [{"$ref": "#/$defs/n"}, {"type": "boolean"}]}}}`
		rules := func(schema string) load.Input {
			return declared(t, `"abilities": ["advanced_rules"],`, "", "", `, "advanced_rules": {"type": "array", "items": `+schema+`}, "$defs": {"n": `+node+`}`)
		}
		found := compare(t, rules(c[0]), rules(c[1]))
		require.Empty(t, found, "%s: %s", name, found.Error())
	}
}

// TestOldBase holds that a base which today's generator refuses is compared as
// far as it makes sense.
func TestOldBase(t *testing.T) {
	base := declared(t, `"unknown": 1,`, `"nobody"`, `"f": {"type": "decimal", "title": "F", "pattern": 5}, "g": {"type": "string", "x-ui": {"depends_on": {"none": 1}}}, "h": 5`, `, "advanced_rules": {"type": 5, "items": [1], "$ref": 7}`)
	found := compare(t, base, declared(t, "", "", `"f": {`+text+`}`, ""))
	require.Len(t, found, 1, found.Error())
	require.Equal(t, diag.FieldGone, found[0].Code)
	require.Contains(t, found[0].Message, `"g"`)
}

package emit_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// shape is one of the shapes that configurable fields of Elastic's connectors
// have, or could have by the protocol, and the declaration that makes it.
type shape struct {
	// is says type, display and, in this order where they hold: required,
	// S for sensitive, A for advanced, T for a tooltip.
	is string
	// value and otherwise are the members value and default_value; "" for the
	// empty one of the type, and for null.
	value, otherwise string
	// more are other members that differ from the empty ones.
	more string
	// declared are the members of the property, without title and description.
	declared string
	// edited is a value as Kibana writes it, read what it is read as.
	edited, read string
	// wrong is a value that is refused, says what is said about it.
	wrong, says string
}

const (
	onTrue  = `"depends_on": [{"field": "on", "value": true}]`
	onA     = `"depends_on": [{"field": "kind", "value": "a"}]`
	onBoth  = `"depends_on": [{"field": "kind", "value": "a"}, {"field": "on", "value": true}]`
	choices = `"options": [{"label": "A", "value": "a"}, {"label": "The b", "value": "b"}]`
	ab      = `"enum": ["a", "b"]`
	named   = `"labels": ["A", "The b"]`
)

// catalogue is all of them. The names of fields are examples of where a shape is
// found.
var catalogue = map[string]shape{
	"host":                {"str text required", `""`, "", "", `"type": "string"`, `"db "`, `"db "`, `""`, "must not be empty"},
	"password":            {"str text required S", `""`, "", "", `"type": "string", "writeOnly": true`, `"a,b"`, `"a,b"`, `["x"]`, "must be text, not a list"},
	"token":               {"str text required S T", `""`, "", "", `"type": "string", "writeOnly": true`, `"x"`, `"x"`, `null`, "must not be empty"},
	"optional_password":   {"str text S", `""`, "", "", `"type": "string", "writeOnly": true`, `""`, `""`, `{}`, "must be text, not an object"},
	"username":            {"str text", `""`, "", "", `"type": "string"`, `null`, `""`, `[]`, "must be text, not a list"},
	"path":                {"str text T", `""`, "", "", `"type": "string"`, `"/x"`, `"/x"`, `[1]`, "must be text, not a list"},
	"oracle_home":         {"str text A", `""`, `""`, "", `"type": "string", "default": ""`, `"/x"`, `"/x"`, `[1]`, "must be text, not a list"},
	"pattern":             {"str text required", `"**/*.*"`, "", "", `"type": "string", "default": "**/*.*"`, `"*.md"`, `"*.md"`, `""`, "must not be empty"},
	"sid":                 {"str text required", `""`, "", onA, `"type": "string"`, `"x"`, `"x"`, `""`, "must not be empty"},
	"service_name":        {"str text required T", `""`, "", onA, `"type": "string"`, `7`, `"7"`, `null`, "must not be empty"},
	"api_token":           {"str text required S", `""`, "", onA, `"type": "string", "writeOnly": true`, `"x"`, `"x"`, `""`, "must not be empty"},
	"data_center_user":    {"str text required", `""`, "", onBoth, `"type": "string"`, `"x"`, `"x"`, `""`, "must not be empty"},
	"ssl_ca":              {"str text T", `""`, "", onTrue, `"type": "string"`, `"-----BEGIN x"`, `"-----BEGIN x"`, `{}`, "must be text, not an object"},
	"identity_mappings":   {"str text A", `""`, "", onBoth, `"type": "string"`, `"/m.csv"`, `"/m.csv"`, `{}`, "must be text, not an object"},
	"server_url":          {"str text required", `""`, "", onA + `, "validations": [{"type": "regex", "constraint": "^https://.*$"}]`, `"type": "string", "pattern": "^https://.*$"`, `"https://x"`, `"https://x"`, `"http://x"`, "must match the pattern ^https://.*$"},
	"credentials":         {"str textarea required S", `""`, "", "", `"type": "string", "writeOnly": true`, `"{\n}"`, `"{\n}"`, `""`, "must not be empty"},
	"private_key":         {"str textarea required S", `""`, "", onA, `"type": "string", "writeOnly": true`, `"a\nb"`, `"a\nb"`, `""`, "must not be empty"},
	"graphql_query":       {"str textarea required", `""`, "", "", `"type": "string"`, `"{ a }"`, `"{ a }"`, `""`, "must not be empty"},
	"object_to_id":        {"str textarea required T", `""`, "", "", `"type": "string"`, `"a: b"`, `"a: b"`, `""`, "must not be empty"},
	"graphql_variables":   {"str textarea", `""`, "", onA, `"type": "string"`, `"{}"`, `"{}"`, `[]`, "must be text, not a list"},
	"http_method":         {"str dropdown required", `"a"`, "", choices, `"type": "string", ` + ab + `, "default": "a"`, `"b"`, `"b"`, `"c"`, `must be one of "a", "b"`},
	"connection_source":   {"str dropdown required T", `"b"`, "", choices, `"type": "string", ` + ab + `, "default": "b"`, `"a"`, `"a"`, `""`, `must not be empty`},
	"auth_method":         {"str dropdown required", `"a"`, "", onA + ", " + choices, `"type": "string", ` + ab + `, "default": "a"`, `"b"`, `"b"`, `"B"`, `must be one of "a", "b"`},
	"drive_type":          {"str dropdown required A", `"a"`, "", onTrue + ", " + choices, `"type": "string", ` + ab + `, "default": "a"`, `"b"`, `"b"`, `[]`, `must be one of "a", "b", not a list`},
	"oracle_protocol":     {"str dropdown required A", `"a"`, `"a"`, choices, `"type": "string", ` + ab + `, "default": "a", "x-ui": {"preset": "a"}`, `"b"`, `"b"`, `"x"`, `must be one of "a", "b"`},
	"datetime_conversion": {"str dropdown A T", `"a"`, "", choices, `"type": "string", ` + ab + `, "x-ui": {"preset": "a"}`, `"b"`, `"b"`, `"x"`, `must be one of "a", "b"`},
	"ssl_enabled":         {"bool toggle required", `false`, "", "", `"type": "boolean", "default": false`, `"false"`, `false`, `"maybe"`, `must be true or false, not the text "maybe"`},
	"index_labels":        {"bool toggle required T", `false`, "", "", `"type": "boolean", "default": false`, `true`, `true`, `null`, "must not be empty"},
	"sync_users":          {"bool toggle required T", `true`, "", "", `"type": "boolean", "default": true`, `false`, `false`, `""`, "must not be empty"},
	"extraction_service":  {"bool toggle required A T", `false`, "", "", `"type": "boolean", "default": false`, `"true"`, `true`, `[]`, "must be true or false, not a list"},
	"inherited_users":     {"bool toggle required T", `false`, "", onTrue, `"type": "boolean", "default": false`, `"True"`, `true`, `2`, "must be true or false, not 2"},
	"tls_insecure":        {"bool toggle required A T", `false`, "", onTrue, `"type": "boolean", "default": false`, `1`, `true`, `"x"`, `must be true or false, not the text "x"`},
	"page_permissions":    {"bool toggle required T", `true`, "", onTrue, `"type": "boolean", "default": true`, `"off"`, `false`, `"x"`, `must be true or false, not the text "x"`},
	"optional_toggle":     {"bool toggle", `true`, `true`, "", `"type": "boolean", "default": true`, `null`, `true`, `"x"`, `must be true or false, not the text "x"`},
	"port":                {"int numeric required", `null`, "", "", `"type": "integer"`, `"3306"`, `3306`, `"many"`, `must be an integer, not the text "many"`},
	"app_id":              {"int numeric required", `null`, "", onA, `"type": "integer"`, `7`, `7`, `null`, "must not be empty"},
	"last_n_days":         {"int numeric required T", `null`, "", "", `"type": "integer"`, `"0"`, `0`, `""`, "must not be empty"},
	"retry_count":         {"int numeric A", `null`, `3`, "", `"type": "integer", "default": 3`, `""`, `3`, `1.5`, "must be an integer, not 1.5"},
	"maximum_retries":     {"int numeric A", `3`, "", "", `"type": "integer", "x-ui": {"preset": 3}`, `"5"`, `5`, `"x"`, `must be an integer, not the text "x"`},
	"redis_port":          {"int text required", `null`, "", "", `"type": "integer", "x-ui": {"display": "text"}`, `"6379"`, `6379`, `"x"`, `must be an integer, not the text "x"`},
	"downloads":           {"int numeric A", `null`, `100`, `"validations": [{"type": "less_than", "constraint": 101}]`, `"type": "integer", "maximum": 100, "default": 100`, `"100"`, `100`, `101`, "must be at most 100"},
	"greater":             {"int numeric", `null`, "", `"validations": [{"type": "greater_than", "constraint": 0}]`, `"type": "integer", "exclusiveMinimum": 0`, `1`, `1`, `"0"`, "must be greater than 0"},
	"between":             {"int numeric", `null`, "", `"validations": [{"type": "greater_than", "constraint": 0}, {"type": "less_than", "constraint": 65536}]`, `"type": "integer", "minimum": 1, "maximum": 65535`, `"65535"`, `65535`, `65536`, "must be between 1 and 65535"},
	"level":               {"int dropdown required", `2`, "", `"options": [{"label": "1", "value": "1"}, {"label": "2", "value": "2"}]`, `"type": "integer", "enum": [1, 2], "default": 2`, `"1"`, `1`, `3`, "must be one of 1, 2"},
	"typed_level":         {"int numeric", `null`, `1`, `"validations": [{"type": "included_in", "constraint": [1, 2]}]`, `"type": "integer", "enum": [1, 2], "default": 1, "x-ui": {"display": "numeric"}`, `"2"`, `2`, `"x"`, `must be one of 1, 2, not the text "x"`},
	"typed_choice":        {"str text", `""`, "", `"validations": [{"type": "included_in", "constraint": ["a", "b"]}]`, `"type": "string", ` + ab + `, "x-ui": {"display": "text"}`, `"b"`, `"b"`, `"c"`, `must be one of "a", "b"`},
	"share":               {"str text", `""`, `"0.5"`, "", `"type": "number", "default": 0.5`, `"0.25"`, `"0.25"`, `"half"`, `must be a number, not the text "half"`},
	"buckets":             {"list textarea required", `""`, "", listOfTexts, `"type": "array", "items": {"type": "string"}`, `"a, b,"`, `"a, b"`, `" , "`, "must not be empty"},
	"spaces":              {"list textarea required T", `""`, "", listOfTexts, `"type": "array", "items": {"type": "string"}`, `["a", "b"]`, `"a, b"`, `[]`, "must not be empty"},
	"tables":              {"list textarea required", `"*"`, "", listOfTexts, `"type": "array", "items": {"type": "string"}, "default": ["*"]`, `"[\"a,b\"]"`, `"[\"a,b\"]"`, `["", null]`, "must not be empty"},
	"schema_tables":       {"list textarea required T", `"*"`, "", listOfTexts, `"type": "array", "items": {"type": "string"}, "default": ["*"]`, `"t"`, `"t"`, `{}`, "must be a list of texts, not an object"},
	"pages":               {"list text required", `""`, "", listOfTexts, `"type": "array", "items": {"type": "string"}`, `7`, `"7"`, `null`, "must not be empty"},
	"ids":                 {"list text", `""`, `"1, 2"`, `"validations": [{"type": "list_type", "constraint": "int"}]`, `"type": "array", "items": {"type": "integer"}, "default": [1, 2]`, `"3,4"`, `"3, 4"`, `"3,x"`, `must be an integer, not the text "x"`},
	"kinds":               {"list text", `""`, "", `"validations": [{"type": "list_type", "constraint": "str"}, {"type": "included_in", "constraint": ["a", "b"]}]`, `"type": "array", "items": {"type": "string", ` + ab + `}`, `"b"`, `"b"`, `"a,c"`, `must be one of "a", "b"`},
	"preset_list":         {"list text", `"a, b"`, "", listOfTexts, `"type": "array", "items": {"type": "string"}, "x-ui": {"preset": ["a", "b"]}`, `""`, `""`, `{}`, "must be a list of texts, not an object"},
}

const listOfTexts = `"validations": [{"type": "list_type", "constraint": "str"}]`

// TestShapes proves that every shape can be declared, comes out as the field
// that Kibana shows, and is read again after an edit.
func TestShapes(t *testing.T) {
	for name, s := range catalogue {
		t.Run(name, func(t *testing.T) {
			fields := s.fields(t, name)
			written := fields.Document()
			var doc map[string]map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(written, &doc))
			require.JSONEq(t, s.wanted(t), stored(t, doc[name]))

			values, problems := fields.Decode(s.edit(t, fields, written, name, s.edited))
			require.NoError(t, problems.Err())
			require.NoError(t, json.Unmarshal(values.Document(), &doc))
			require.JSONEq(t, s.read, string(doc[name]["value"]), "as it is read")

			problems = fields.Check(s.edit(t, fields, written, name, s.wrong))
			require.Len(t, problems, 1)
			require.Equal(t, "The field", problems[0].Label)
			require.Equal(t, s.says, problems[0].Message)
			require.Empty(t, fields.Check(s.hide(t, written, name, s.wrong)), "a field that does not count is not looked at")
		})
	}
}

// flags returns the words of is: type and display, then what holds.
func (s shape) flags() (kind, display string, has map[string]bool) {
	words := strings.Fields(s.is)
	has = map[string]bool{}
	for _, w := range words[2:] {
		has[w] = true
	}
	return words[0], words[1], has
}

// wanted is the field as the connector protocol has it.
func (s shape) wanted(t *testing.T) string {
	t.Helper()
	kind, display, has := s.flags()
	tooltip, restrictions := "null", "[]"
	if has["T"] {
		tooltip = `"About it."`
	}
	if has["A"] {
		restrictions = `["advanced"]`
	}
	text := fmt.Sprintf(`{"depends_on": [], "options": [], "validations": [], "label": "The field", "order": 3, "type": %q, "display": %q,
		"required": %t, "sensitive": %t, "tooltip": %s, "ui_restrictions": %s, "value": %s, "default_value": %s}`,
		kind, display, has["required"], has["S"], tooltip, restrictions, s.value, cmp.Or(s.otherwise, "null"))
	var field map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &field))
	require.NoError(t, json.Unmarshal([]byte("{"+s.more+"}"), &field))
	return stored(t, field)
}

// fields reads a declaration with the field, and a toggle and a choice that it
// may depend on.
func (s shape) fields(t *testing.T, name string) *schema.Fields {
	t.Helper()
	_, display, has := s.flags()
	property := map[string]any{"title": "The field"}
	require.NoError(t, json.Unmarshal([]byte("{"+s.declared+"}"), &property))
	ui, _ := property["x-ui"].(map[string]any)
	if ui == nil {
		ui = map[string]any{}
	}
	property["x-ui"] = ui
	if display == "textarea" {
		ui["display"] = display
	}
	if has["A"] {
		ui["advanced"] = true
	}
	if has["T"] {
		property["description"] = "About it. And more."
	}
	if strings.Contains(s.more, choices) {
		require.NoError(t, json.Unmarshal([]byte("{"+named+"}"), &ui))
	}
	if depends := s.depends(t); len(depends) > 0 {
		ui["depends_on"] = depends
	}
	required := []string{"on", "kind"}
	if has["required"] {
		required = append(required, name)
	}
	return declare(t, name, stored(t, property), stored(t, required))
}

// depends are the conditions by field.
func (s shape) depends(t *testing.T) map[string]any {
	t.Helper()
	var more struct {
		DependsOn []struct {
			Field string
			Value any
		} `json:"depends_on"`
	}
	require.NoError(t, json.Unmarshal([]byte("{"+s.more+"}"), &more))
	conditions := map[string]any{}
	for _, c := range more.DependsOn {
		conditions[c.Field] = c.Value
	}
	return conditions
}

// edit is what is stored after Kibana has written a value, and those on which
// the field depends. Kibana leaves the rest as it is, and so does Prepare.
func (s shape) edit(t *testing.T, fields *schema.Fields, written json.RawMessage, name, value string) json.RawMessage {
	t.Helper()
	edited := put(t, written, map[string]string{"on": `"true"`, "kind": `"a"`, name: value})
	prepared, reports := fields.Prepare(edited)
	require.Equal(t, string(edited), string(prepared))
	require.Empty(t, reports)
	return edited
}

// hide is edit where the conditions are not met; a field without any is left
// as it should be.
func (s shape) hide(t *testing.T, written json.RawMessage, name, value string) json.RawMessage {
	t.Helper()
	if len(s.depends(t)) == 0 {
		value = s.edited
	}
	return put(t, written, map[string]string{"on": `false`, "kind": `"b"`, name: value})
}

func put(t *testing.T, written json.RawMessage, values map[string]string) json.RawMessage {
	t.Helper()
	var doc map[string]map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(written, &doc))
	for name, value := range values {
		doc[name]["value"] = json.RawMessage(value)
	}
	return json.RawMessage(stored(t, doc))
}

func stored(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

func declare(t *testing.T, name, property, required string) *schema.Fields {
	t.Helper()
	declaration := fmt.Sprintf(`{"service_type": "s", "name": "S", "about": "Shapes.", "config": {
		"type": "object", "additionalProperties": false, "required": %s, "properties": {
		"on": {"type": "boolean", "title": "On", "default": false},
		"kind": {"type": "string", "title": "Kind", "enum": ["a", "b"], "default": "b"},
		%q: %s}}}`, required, name, property)
	in, problems, err := load.Tree(fstest.MapFS{
		"go.mod":                {Data: []byte("module " + module + "\n")},
		"config.yml":            {Data: []byte("sources:\n  s: sources/s\n")},
		"sources/s/README.md":   {Data: []byte("<!-- gen:begin configuration -->\n<!-- gen:end configuration -->\n")},
		"sources/s/schema.json": {Data: []byte(declaration)},
	})
	require.NoError(t, err)
	require.Empty(t, problems)
	project, problems := model.Build(in)
	require.Empty(t, problems, declaration)
	return describe(t, project.Sources[0])
}

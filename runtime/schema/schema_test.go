package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/schema"
)

const filesSchema = `{
  "type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": true,
  "items": {
    "type": "object", "additionalProperties": false, "required": ["pattern"], "minProperties": 1, "maxProperties": 4,
    "properties": {
      "pattern": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z*]*$"},
      "min_size": {"type": "integer", "minimum": 0, "maximum": 9007199254740993},
      "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1.5, "multipleOf": 0.5},
      "after": {"type": "string", "format": "date-time"},
      "mode": {"enum": ["full", "delta", 3]},
      "a/b~c %d": {"const": "x"},
      "deep": {"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"pattern": "^k"}},
      "never": false
    }
  }
}`

// checked returns the problems of a text, each with its place.
func checked(text, raw string) []string {
	list := []string{}
	for _, p := range schema.New(text).Check(json.RawMessage(raw)) {
		list = append(list, fmt.Sprintf("%d:%d %s %s", p.Line, p.Column, p.Pointer, p.Message))
	}
	return list
}

func TestCheck(t *testing.T) {
	for raw, want := range map[string][]string{
		`[{"pattern":"a"}]`:                 {},
		`{}`:                                {"1:1  must be a list, not an object"},
		`[]`:                                {"1:1  must not be empty"},
		`[1,2,3,4]`:                         {"1:1  must have at most 3 items", "1:2 /0 must be an object, not a number", "1:4 /1 must be an object, not a number", "1:6 /2 must be an object, not a number", "1:8 /3 must be an object, not a number"},
		`[{"pattern":"a"},{"pattern":"a"}]`: {"1:1  must not hold the same item twice"},
		"[\n  {\"patern\": \"ä\",\n   \"é\": 1}\n]": {
			`2:3 /0 "pattern" is missing`, `2:4 /0/patern unknown field "patern"; did you mean "pattern"?`,
			`3:4 /0/é unknown field "é"; known are pattern, min_size, share, after, mode, a/b~c %d, deep, never`},
		`[{"pattern":"ABCDEF","min_size":9007199254740994}]`: {
			"1:13 /0/pattern must have at most 5 characters", "1:13 /0/pattern must match the pattern ^[a-z*]*$",
			"1:33 /0/min_size must be at most 9007199254740993"},
		`[{"pattern":"","min_size":-1}]`:                              {"1:13 /0/pattern must not be empty", "1:27 /0/min_size must be at least 0"},
		`[{"pattern":"a","share":0}]`:                                 {"1:25 /0/share must be greater than 0"},
		`[{"pattern":"a","share":1.75}]`:                              {"1:25 /0/share must be less than 1.5", "1:25 /0/share must be a multiple of 0.5"},
		`[{"pattern":"a","after":"x"}]`:                               {"1:25 /0/after must be a time such as 2026-01-31T12:00:00Z"},
		`[{"pattern":"a","mode":"ful"}]`:                              {`1:24 /0/mode must be one of "full", "delta", 3; did you mean "full"?`},
		`[{"pattern":"a","a/b~c %d":1}]`:                              {`1:28 /0/a~1b~0c %d must be "x"`},
		`[{"pattern":"a","never":1}]`:                                 {"1:25 /0/never is not allowed here"},
		`[{"pattern":"a","deep":{"k/1":"x"}}]`:                        {"1:31 /0/deep/k~11 must be an integer, not text"},
		`[{"pattern":"a","deep":{"x":1}}]`:                            {"1:29 /0/deep/x this name is not allowed"},
		`[{"pattern":"a","pattern":"b"}]`:                             {"1:17 /0/pattern is given twice"},
		`[{"pattern":"a","min_size":1e999999999}]`:                    {"1:28 /0/min_size is beyond the range of numbers"},
		"[\n{\"pattern\":}\n]":                                        {"2:12  not valid JSON: invalid character '}' looking for beginning of value"},
		``:                                                            {"1:1  not valid JSON: unexpected end of JSON input"},
		`[{"pattern":"a","min_size":1.0}, {"pattern":"b"}]`:           {},
		strings.Repeat("[", 300) + strings.Repeat("]", 300):           {"1:202  not valid JSON: nested deeper than 200 levels"},
		`[{"pattern":"a","min_size":1,"share":1,"mode":3,"deep":{}}]`: {"1:2 /0 must have at most 4 fields"},
	} {
		require.Equal(t, want, checked(filesSchema, raw), raw)
	}
}

// Of several shapes the one that was meant is explained.
func TestCheckUnions(t *testing.T) {
	const shapes = `{"oneOf": [
		{"type": "object", "required": ["kind", "find"], "additionalProperties": false,
		 "properties": {"kind": {"const": "find"}, "find": {"type": "string"}}},
		{"type": "object", "required": ["kind", "aggregate"], "additionalProperties": false,
		 "properties": {"kind": {"const": "aggregate"}, "aggregate": {"type": "array", "items": {"type": "object"}}}}]}`
	const scalars = `{"anyOf": [{"type": "string"}, {"type": ["integer", "null"]}, {"anyOf": [{"type": "boolean"}, {"type": "string"}]}]}`
	const either = `{"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}`
	const list = `{"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "object", "required": ["x"]}]}`
	for _, c := range []struct{ schema, raw, want string }{
		{shapes, `{"kind":"aggregate","aggregate":[1]}`, "1:34 /aggregate/0 must be an object, not a number"},
		{shapes, `{"kind":"find"}`, `1:1  "find" is missing`},
		{shapes, `{"kind":"find","find":"x","aggregate":[]}`, `1:27 /aggregate unknown field "aggregate"; known are kind, find`},
		{scalars, `[]`, "1:1  must be text or an integer or null or true or false, not a list"},
		{either, `{"a":1,"b":1}`, "1:1  fits more than one of the allowed shapes; leave out what belongs to the other"},
		{list, `{}`, `1:1  "x" is missing`},
		{list, `[1]`, "1:2 /0 must be text, not a number"},
		{`{"$ref":"#/$defs/a b","$defs":{"a b":{"type":"object","properties":{"n":{"$ref":"#/$defs/a b"},"v":{"type":"integer"}}}}}`,
			`{"n":{"n":{"v":"x"}}}`, "1:16 /n/n/v must be an integer, not text"},
		{`{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]}}`, `{"a":1}`, `1:1  "b" is missing`},
		{`{"allOf":[{"minProperties":2},{"maxProperties":1}]}`, `{"a":1}`, "1:1  must have at least 2 fields"},
		{`{"not":{"type":"string"}}`, `"x"`, "1:1  has a shape that is excluded"},
		{`{"contains":{"const":1}}`, `[2]`, "1:1  does not hold the right number of the items it must hold"},
	} {
		require.Equal(t, []string{c.want}, checked(c.schema, c.raw), c.raw)
	}
}

// The library walks Go maps; what people see must not change between runs.
func TestCheckIsDeterministic(t *testing.T) {
	raw := `[{"x":1,"y":2,"z":3,"min_size":"a","share":"b","after":5,"mode":0},{"pattern":5}]`
	want := checked(filesSchema, raw)
	for range 200 {
		require.Equal(t, want, checked(filesSchema, raw))
	}
}

func TestViolations(t *testing.T) {
	s, err := schema.Compile([]byte(filesSchema))
	require.NoError(t, err)
	got := s.Violations([]byte(`[{"patern":1}]`))
	require.Len(t, got, 2)
	require.Equal(t, "required", got[0].Keyword)
	require.Equal(t, "/items/required", got[0].Schema)
	require.Equal(t, "pattern", got[0].Name)
	require.Equal(t, "additionalProperties", got[1].Keyword)
	require.Equal(t, "patern", got[1].Name)
	require.Equal(t, 2, got[1].Offset)
}

func TestCompile(t *testing.T) {
	for _, text := range []string{`{`, `{"type":"strin"}`, `{"$ref":"https://example.com/x.json"}`, `{"$ref":"other.json"}`,
		`{"pattern":"("}`, `{"type":"string","type":"string"}`, `{"minimum":1e999999999}`} {
		_, err := schema.Compile([]byte(text))
		require.Error(t, err, text)
		require.NotEmpty(t, schema.New(text).Check([]byte(`1`)), text)
		require.NotContains(t, err.Error(), "file://")
	}
}

// Formats are asserted whatever draft a schema names.
func TestFormats(t *testing.T) {
	for name, texts := range map[string]struct{ good, bad []string }{
		"date":      {[]string{"2026-01-31"}, []string{"2026-02-30", "x", "2026-1-1"}},
		"date-time": {[]string{"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00"}, []string{"2026-01-31", "2026-01-31T25:00:00Z"}},
		"email":     {[]string{"a@example.com"}, []string{"a", "A <a@example.com>", "a@b@c"}},
		"hostname":  {[]string{"db", "db_1.example.com.", "127.0.0.1", "::1"}, []string{"", "a b", "http://x", "db:80", "-a", strings.Repeat("a.", 200)}},
		"path":      {[]string{"/x", "a b", "C:\\x"}, []string{"", "a\x00b"}},
		"uri":       {[]string{"https://example.com/", "mailto:a@b", "file:///x"}, []string{"example.com", "/x", "://", "http:"}},
	} {
		for _, draft := range []string{"https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema"} {
			s := schema.New(fmt.Sprintf(`{"$schema":%q,"format":%q}`, draft, name))
			for i, text := range append(texts.good, texts.bad...) {
				raw, err := json.Marshal(text)
				require.NoError(t, err)
				require.Equal(t, i < len(texts.good), len(s.Check(raw)) == 0, "%s %q", name, text)
			}
		}
		require.Contains(t, schema.Formats(), name)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"minLength", "maxLength", "pattern", "port"}
	for name, want := range map[string]string{
		"minLenght": "minLength", "prot": "port", "PORT": "", "zzz": "", "pattrn": "pattern", strings.Repeat("p", 1e5): "", "": "",
	} {
		require.Equal(t, want, schema.Suggest(name, known), name)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(`[{"pattern":"a"}]`)
	f.Add(`[{"patern":1e400},{"min_size":-0.0}]`)
	s := schema.New(filesSchema)
	f.Fuzz(func(_ *testing.T, raw string) { s.Check(json.RawMessage(raw)) })
}

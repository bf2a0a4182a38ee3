package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/schema"
)

// server describes a configuration with every type and most rules.
func server() *schema.Fields {
	return schema.NewFields([]schema.Field{
		{Name: "host", Label: "Host", Type: schema.String, Required: true, Check: schema.Check{Format: "hostname"}},
		{Name: "port", Label: "Port", Type: schema.Integer, Required: true, Default: 3306, Check: schema.Check{Min: "1", Max: "65535"}},
		{Name: "limit", Label: "Limit", Type: schema.Integer, Check: schema.Check{MultipleOf: 5}},
		{Name: "share", Label: "Share", Type: schema.Number, Default: 0.5, Check: schema.Check{Min: "0", ExclusiveMin: true, Max: "9007199254740993"}},
		{Name: "password", Label: "Password", Type: schema.String, Secret: true, Default: "", Check: schema.Check{MaxLength: new(8)}},
		{Name: "tables", Label: "Tables", Type: schema.StringList, Default: []string{"*"}, Check: schema.Check{MaxItems: new(3), UniqueItems: true}},
		{Name: "ids", Label: "Ids", Type: schema.IntegerList, Enum: []any{1, 2, 3}},
		{Name: "tls", Label: "TLS", Type: schema.Boolean, Default: false},
		{Name: "ca", Label: "Certificate", Type: schema.String, Required: true, DependsOn: []schema.Condition{{Field: "tls", Value: true}}},
		{Name: "mode", Label: "Mode", Type: schema.String, Default: "full", Enum: []any{"full", "delta"}, RenamedFrom: []string{"how"}},
		{Name: "code", Label: "Code", Type: schema.String, Check: schema.Check{Pattern: `^\d+$`, MinLength: new(2)}},
		{Name: "old", Label: "Old", Type: schema.StringList, Default: []string{"a"}, Deprecated: true},
	})
}

func texts(t *testing.T, raw string) []string {
	t.Helper()
	list := []string{}
	for _, p := range server().Check(json.RawMessage(raw)) {
		text := p.Pointer + " " + p.Message
		if p.Warning {
			text = "warning " + text
		}
		list = append(list, text)
	}
	return list
}

func TestDecodeProblems(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		want      []string
	}{
		{"least", `{"host":"db"}`, nil},
		{"nothing", ``, []string{"/host is missing"}},
		{"null", `null`, []string{" the configuration must be an object, not null"}},
		{"no JSON", "{\n  \"host\" \"x\"}", []string{` not valid JSON: invalid character '"' after object key`}},
		{"required is empty", `{"host":"","port":""}`, []string{"/host must not be empty", "/port must not be empty"}},
		{"null is no value", `{"host":null}`, []string{"/host must be text, not null"}},
		{"stored null is empty", `{"host":{"value":null}}`, []string{"/host must not be empty"}},
		{"wrong types", `{"host":5,"port":"x","limit":1.5,"share":[],"tables":{},"ids":["a"],"tls":"maybe"}`, []string{
			"/host must be text, not 5", `/port must be an integer, not the text "x"`, "/limit must be an integer, not 1.5",
			"/share must be a number, not a list", "/tables must be a list of texts, not an object",
			`/ids/0 must be one of 1, 2, 3, not the text "a"`, `/tls must be true or false, not the text "maybe"`}},
		{"bounds", `{"host":"db","port":65536,"limit":7,"share":0}`, []string{
			"/port must be between 1 and 65535", "/limit must be a multiple of 5", "/share must be greater than 0 and at most 9007199254740993"}},
		{"exact", `{"host":"db","share":9007199254740993}`, nil},
		{"exact by one", `{"host":"db","share":9007199254740994}`, []string{"/share must be greater than 0 and at most 9007199254740993"}},
		{"beyond 64 bits", `{"host":"db","limit":9223372036854775808}`, []string{
			"/limit must be between -9223372036854775808 and 9223372036854775807, not 9223372036854775808"}},
		{"huge exponent", `{"host":"db","limit":1e999999999,"share":1e999999999}`, []string{
			"/limit must be an integer, not 1e999999999", "/share must be a number, not 1e999999999"}},
		{"integers in other forms", `{"host":"db","port":1e2,"limit":5.0}`, nil},
		{"secret", `{"host":"db","password":"very secret text"}`, []string{"/password must have at most 8 characters"}},
		{"secret of another type", `{"host":"db","password":123456}`, []string{"/password must be text, not a number"}},
		{"list", `{"host":"db","tables":["a","a","b","c"],"ids":[4]}`, []string{
			"/tables must have at most 3 items", "/tables must not hold the same item twice", "/ids/0 must be one of 1, 2, 3"}},
		{"unknown", `{"host":"db","prot":1}`, []string{`/prot unknown field "prot"; did you mean "port"?`}},
		{"unknown in a stored one", `{"host":{"value":"db"},"prot":{"value":1}}`, []string{`warning /prot unknown field "prot" is kept and has no effect`}},
		{"condition met", `{"host":"db","tls":"yes"}`, []string{"/ca is missing"}},
		{"condition not met", `{"host":"db","ca":5}`, nil},
		{"choice", `{"host":"db","mode":"ful"}`, []string{`/mode must be one of "full", "delta"; did you mean "full"?`}},
		{"former name", `{"host":"db","how":"delta"}`, []string{`warning /how "how" is now called "mode"`}},
		{"wrong under a former name", `{"host":"db","how":5}`, []string{`/how must be one of "full", "delta", not 5`, `warning /how "how" is now called "mode"`}},
		{"both names", `{"host":"db","how":"delta","mode":"full"}`, []string{
			`warning /how "how" is now called "mode"`, `/mode is given twice: as "how" and as "mode"; keep "mode"`}},
		{"twice", `{"host":"db","host":"x"}`, []string{"/host is given twice"}},
		{"text rules", `{"host":"a b","code":"x"}`, []string{
			"/host must be a host name or an IP address, without scheme and port",
			"/code must have at least 2 characters", `/code must match the pattern ^\d+$`}},
		{"deprecated", `{"host":"db","old":"b"}`, []string{"warning /old is deprecated"}},
		{"deprecated with its default", `{"host":{"value":"db"},"old":{"value":"a"}}`, nil},
		{"empty optional text has no rules", `{"host":"db","code":"","mode":""}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want == nil {
				c.want = []string{}
			}
			require.Equal(t, c.want, texts(t, c.raw))
		})
	}
}

func TestDecodeForms(t *testing.T) {
	for _, raw := range []string{
		`{"host":"db","port":3307,"limit":10,"share":0.25,"tables":["a","b"],"ids":[1,2],"tls":true,"ca":"x"}`,
		`{"host":"db","port":"3307","limit":" 10 ","share":"0.25","tables":"a, b","ids":"1,2","tls":"true","ca":"x"}`,
		`{"host":"db","port":"3307.0","limit":"1e1","share":"2.5e-1","tables":"[\"a\",\"b\"]","ids":"[1,2]","tls":"On","ca":"x"}`,
		`{"host":{"value":"db","type":"str"},"port":{"value":"3307","type":"int","label":"P"},"limit":{"value":10},
		  "share":{"value":"0.25"},"tables":{"value":"a,b,"},"ids":{"value":[1,null,2]},"tls":{"value":1},"ca":{"value":"x"}}`,
	} {
		v, problems := server().Decode(json.RawMessage(raw))
		require.NoError(t, problems.Err(), raw)
		require.Equal(t, "db", v.String("host"))
		require.Equal(t, int64(3307), v.Int("port"))
		limit, set := v.OptInt("limit").Get()
		require.True(t, set)
		require.Equal(t, int64(10), limit)
		require.Equal(t, 0.25, v.Float("share"))
		require.Equal(t, []string{"a", "b"}, v.Strings("tables"))
		require.Equal(t, []int64{1, 2}, v.Ints("ids"))
		require.True(t, v.Bool("tls"))
	}
}

func TestDecodeDefaults(t *testing.T) {
	for _, raw := range []string{
		`{"host":"db"}`, `{"host":"db","limit":"","share":" ","tables":[],"ids":"","tls":"","mode":""}`,
		`{"host":{"value":"db"},"limit":{"value":null},"share":{"value":""},"tables":{"value":""},"tls":{"value":null}}`,
	} {
		v, problems := server().Decode(json.RawMessage(raw))
		require.Empty(t, problems, raw)
		_, set := v.OptInt("limit").Get()
		require.False(t, set)
		require.Equal(t, int64(3306), v.Int("port"))
		require.Equal(t, 0.5, v.Float("share"))
		require.Equal(t, []string{"*"}, v.Strings("tables"))
		require.Empty(t, v.Ints("ids"))
		require.False(t, v.Bool("tls"))
		require.Equal(t, "full", v.String("mode"))
	}
}

func TestDecodeLists(t *testing.T) {
	for raw, want := range map[string][]string{
		`"a,b"`: {"a", "b"}, `" a , ,b "`: {"a", "b"}, `"[ab]*.go"`: {"[ab]*.go"}, `"[1,2]"`: {"[1", "2]"},
		`"[\"a,b\"]"`: {"a,b"}, `["", "x"]`: {"", "x"}, `{"value":["x",null]}`: {"x"}, `{"value":7}`: {"7"},
	} {
		v, problems := server().Decode(json.RawMessage(`{"host":"db","tables":` + raw + `}`))
		require.Empty(t, problems, raw)
		require.Equal(t, want, v.Strings("tables"), raw)
	}
}

func TestFormerNamesInStoredConfigurations(t *testing.T) {
	for raw, want := range map[string]string{
		`{"host":{"value":"db"},"how":{"value":"delta"},"mode":{"value":""}}`:                         "delta",
		`{"host":{"value":"db"},"mode":{"value":null},"how":{"value":"delta"}}`:                       "delta",
		`{"host":{"value":"db"},"how":{"value":"nonsense"},"mode":{"value":"delta"}}`:                 "delta",
		`{"host":{"value":"db"},"mode":{"value":"delta"},"how":{"value":"full"},"old":{"value":"a"}}`: "delta",
		`{"host":{"value":"db"},"how":{"value":"delta"}}`:                                             "delta",
		`{"host":{"value":"db"},"how":{"value":""},"mode":{"value":""}}`:                              "full",
	} {
		v, problems := server().Decode(json.RawMessage(raw))
		require.NoError(t, problems.Err(), raw)
		require.Len(t, problems, 1, raw)
		require.Equal(t, want, v.String("mode"), raw)
	}
}

func TestDecodeStrictRefusesText(t *testing.T) {
	_, problems := server().DecodeStrict(json.RawMessage(`{"host":"db","port":"1","tls":"true","tables":"a","ids":["1"]}`))
	require.Len(t, problems, 4)
	_, problems = server().DecodeStrict(json.RawMessage(`{"host":{"value":"db"}}`))
	require.Len(t, problems, 1)
}

func TestPathIsAbsolute(t *testing.T) {
	fields := schema.NewFields([]schema.Field{{Name: "dir", Type: schema.String, Required: true, Check: schema.Check{Format: "path"}}})
	here, err := os.Getwd()
	require.NoError(t, err)
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	for given, want := range map[string]string{
		"x/../y": filepath.Join(here, "y"), here: here, "~": home, "~/docs": filepath.Join(home, "docs"), "~x": filepath.Join(here, "~x"),
	} {
		raw, err := json.Marshal(map[string]string{"dir": given})
		require.NoError(t, err)
		identity, problems := fields.Identity(raw, "dir")
		require.Empty(t, problems)
		require.Equal(t, []string{want}, identity)
	}
}

func TestIdentity(t *testing.T) {
	raw := json.RawMessage(`{"host":"db","port":"3307","tables":"b,a","tls":"no"}`)
	values, problems := server().Identity(raw, "host", "port", "tables", "tls", "limit")
	require.Empty(t, problems)
	require.Equal(t, []string{"db", "3307", `["b","a"]`, "false", ""}, values)
}

func TestBrokenDescriptionIsAProblem(t *testing.T) {
	for _, c := range []schema.Check{{Pattern: "("}, {Format: "nonsense"}, {Min: "x"}, {Items: &schema.Check{Max: "1e9999"}}} {
		fields := schema.NewFields([]schema.Field{{Name: "x", Type: schema.String, Check: c}})
		require.Error(t, fields.Check(json.RawMessage(`{}`)).Err())
	}
}

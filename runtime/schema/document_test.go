package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/schema"
)

func TestDocument(t *testing.T) {
	fields := schema.NewFields([]schema.Field{
		{Name: "port", Label: "Port", Tooltip: "TCP port", Type: schema.Integer, Required: true, Default: 3306,
			Check: schema.Check{Min: "1", Max: "65535"}, Advanced: true},
		{Name: "mode", Label: "Mode", Type: schema.String, Default: "full", Enum: []any{"full", "delta"}, Labels: []string{"Full", "Delta"},
			DependsOn: []schema.Condition{{Field: "port", Value: 3306}}},
		{Name: "key", Label: "Key", Type: schema.String, Secret: true, Check: schema.Check{Pattern: "^[a-z]+$"}},
		{Name: "tags", Label: "Tags", Type: schema.StringList, Default: []string{"a", "b"}, Enum: []any{"a", "b"}, Display: "textarea"},
		{Name: "share", Label: "Share", Type: schema.Number, Required: true, Default: 0.5},
		{Name: "deep", Label: "Deep", Type: schema.Boolean, Default: true},
		{Name: "limit", Label: "Limit", Type: schema.Integer, Check: schema.Check{Min: "0", ExclusiveMin: true}, Below: "10"},
	})
	require.JSONEq(t, `{
	"port": {"label":"Port","order":1,"type":"int","display":"numeric","required":true,"sensitive":false,"tooltip":"TCP port",
	  "default_value":null,"value":3306,"options":[],"depends_on":[],"ui_restrictions":["advanced"],
	  "validations":[{"type":"greater_than","constraint":0},{"type":"less_than","constraint":65536}]},
	"mode": {"label":"Mode","order":2,"type":"str","display":"dropdown","required":false,"sensitive":false,"tooltip":null,
	  "default_value":"full","value":"full","options":[{"label":"Full","value":"full"},{"label":"Delta","value":"delta"}],
	  "depends_on":[{"field":"port","value":3306}],"ui_restrictions":[],"validations":[]},
	"key": {"label":"Key","order":3,"type":"str","display":"text","required":false,"sensitive":true,"tooltip":null,
	  "default_value":null,"value":"","options":[],"depends_on":[],"ui_restrictions":[],
	  "validations":[{"type":"regex","constraint":"^[a-z]+$"}]},
	"tags": {"label":"Tags","order":4,"type":"list","display":"textarea","required":false,"sensitive":false,"tooltip":null,
	  "default_value":"a, b","value":"","options":[],"depends_on":[],"ui_restrictions":[],
	  "validations":[{"type":"list_type","constraint":"str"},{"type":"included_in","constraint":["a","b"]}]},
	"share": {"label":"Share","order":5,"type":"str","display":"text","required":true,"sensitive":false,"tooltip":null,
	  "default_value":null,"value":"0.5","options":[],"depends_on":[],"ui_restrictions":[],"validations":[]},
	"deep": {"label":"Deep","order":6,"type":"bool","display":"toggle","required":false,"sensitive":false,"tooltip":null,
	  "default_value":true,"value":true,"options":[],"depends_on":[],"ui_restrictions":[],"validations":[]},
	"limit": {"label":"Limit","order":7,"type":"int","display":"numeric","required":false,"sensitive":false,"tooltip":null,
	  "default_value":null,"value":null,"options":[],"depends_on":[],"ui_restrictions":[],
	  "validations":[{"type":"greater_than","constraint":0},{"type":"less_than","constraint":10}]}
	}`, string(fields.Document()))
	require.Empty(t, fields.Check(fields.Document()))
	values, _ := fields.Decode(fields.Document())
	require.Equal(t, []string{"a", "b"}, values.Strings("tags"), "an empty field has its default")
}

func TestStoredDocumentReadsTheSame(t *testing.T) {
	for _, raw := range []string{
		`{"host":"db"}`,
		`{"host":"db","port":1,"limit":-5,"share":1e-7,"password":" x ","tables":["a,b","[c]"],"ids":[3,1],"tls":true,"ca":"line\nline","mode":"delta"}`,
		`{"host":"db","tables":["[a]"]}`, `{"host":"db","tables":[""," x"]}`, `{"host":"db","tables":["[1","2]"]}`, `{"host":"db","share":9007199254740992}`,
	} {
		first, problems := server().Decode(json.RawMessage(raw))
		require.Empty(t, problems, raw)
		second, problems := server().Decode(first.Document())
		require.Empty(t, problems, raw)
		require.Equal(t, string(first.Document()), string(second.Document()))
		require.Equal(t, first.Strings("tables"), second.Strings("tables"))
		require.Equal(t, first.Secret("password").Reveal(), second.Secret("password").Reveal())
		require.Equal(t, first.Float("share"), second.Float("share"))
		require.Equal(t, first.OptInt("limit"), second.OptInt("limit"))
	}
}

// FuzzDecode looks for inputs that break the decoder, or that it reads
// differently the second time.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"host":"db","port":"1e2","tables":"a,b"}`, `{"host":{"value":null}}`, `{"limit":1e999999999}`, `[[[`, `{"ids":"[1,"}`, `{"host":"a","host":"b"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		values, problems := server().Decode(raw)
		if problems.Err() != nil {
			return
		}
		again, problems := server().Decode(values.Document())
		if problems.Err() != nil || string(again.Document()) != string(values.Document()) {
			t.Fatalf("%s is read differently when stored: %v\n%s\n%s", raw, problems, values.Document(), again.Document())
		}
	})
}

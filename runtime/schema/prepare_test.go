package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// shop is a small configuration with a renamed field and a secret.
func shop() *schema.Fields {
	return schema.NewFields([]schema.Field{
		{Name: "host", Label: "Host", Type: schema.String, Required: true},
		{Name: "token", Label: "Token", Type: schema.String, Secret: true},
		{Name: "mode", Label: "Mode", Type: schema.String, Default: "full", Enum: []any{"full", "delta"}, RenamedFrom: []string{"how", "way"}, Display: "text"},
		{Name: "port", Label: "Port", Type: schema.Integer, Required: true, Default: 80, Check: schema.Check{Min: "1"}, Advanced: true},
		{Name: "tls", Label: "TLS", Type: schema.Boolean, Default: false},
	})
}

// stored is shop's document with some members replaced; null takes one away.
func stored(t *testing.T, changes map[string]string) json.RawMessage {
	t.Helper()
	var doc map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(shop().Document(), &doc))
	for name, change := range changes {
		if doc[name] = json.RawMessage(change); change == "" {
			delete(doc, name)
		}
	}
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	return raw
}

func messages(problems connector.Problems) []string {
	list := []string{}
	for _, p := range problems {
		text := p.Pointer + " " + p.Message
		if p.Warning {
			text = "warning " + text
		}
		list = append(list, text)
	}
	return list
}

func TestPrepareMakesANewDocument(t *testing.T) {
	for _, raw := range []string{"", " \n", "null", "{}", " { } "} {
		prepared, reports := shop().Prepare(json.RawMessage(raw))
		require.Equal(t, string(shop().Document()), string(prepared), "%q", raw)
		require.Empty(t, reports)
	}
}

func TestPrepareLeavesWhatIsUpToDate(t *testing.T) {
	for name, raw := range map[string]json.RawMessage{
		"new":             shop().Document(),
		"other spelling":  json.RawMessage("  " + strings.Replace(string(shop().Document()), `"order":1`, `"order" : 1.0e0`, 1) + "\n"),
		"values":          stored(t, map[string]string{"host": rich(t, "host", `"value":  " db "`), "port": rich(t, "port", `"value": "8080"`)}),
		"unknown in it":   stored(t, map[string]string{"host": rich(t, "host", `"value": "db", "placeholder": "x.example"`)}),
		"nulls left out":  json.RawMessage(strings.NewReplacer(`"tooltip":null,`, "", `"default_value":null,`, "").Replace(string(shop().Document()))),
		"unknown besides": stored(t, map[string]string{"gone": `{"value": "x", "label": "Gone"}`, "odd": `[1]`}),
	} {
		prepared, reports := shop().Prepare(raw)
		require.Equal(t, string(raw), string(prepared), name)
		require.NoError(t, reports.Err(), name)
	}
}

// rich is a field of shop's document with members put over it.
func rich(t *testing.T, name, members string) string {
	t.Helper()
	var doc map[string]map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(shop().Document(), &doc))
	require.NoError(t, json.Unmarshal([]byte(`{"`+name+`": {`+members+`}}`), &doc), members) // replaces the field
	field := doc[name]
	require.NoError(t, json.Unmarshal(shop().Document(), &doc))
	for key, value := range field {
		doc[name][key] = value
	}
	raw, err := json.Marshal(doc[name])
	require.NoError(t, err)
	return string(raw)
}

func TestPrepare(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes map[string]string
		fields  map[string]string // what fields look like afterwards; "" for gone
		reports []string
	}{
		{"what the form shows is refreshed, the value is not",
			map[string]string{"port": `{"value": "8080 ", "label": "Old", "order": 9, "ui_restrictions": [], "validations": [], "options": [{"label": "x", "value": "y"}], "mine": [1.0, {"a": null}]}`},
			map[string]string{"port": rich(t, "port", `"value": "8080 ", "mine": [1.0, {"a": null}]`)}, nil},
		{"false and empty are refreshed as well",
			map[string]string{"tls": rich(t, "tls", `"required": true, "sensitive": true, "tooltip": "old", "depends_on": [{"field": "host", "value": "x"}]`)},
			map[string]string{"tls": rich(t, "tls", ``)}, nil},
		{"a new field has its default",
			map[string]string{"port": "", "tls": ""},
			map[string]string{"port": rich(t, "port", ``), "tls": rich(t, "tls", ``)},
			[]string{"warning /port is new, and added with its default", "warning /tls is new, and added with its default"}},
		{"a new field that needs a value", map[string]string{"host": ""}, map[string]string{"host": rich(t, "host", ``)},
			[]string{"warning /host is new, and has no value yet"}},
		{"unknown fields are kept", map[string]string{"gone": `{"value": "x"}`}, map[string]string{"gone": `{"value": "x"}`},
			[]string{`warning /gone unknown field "gone" is kept and has no effect`}},
		{"a renamed field keeps its value and what it holds besides",
			map[string]string{"mode": "", "how": `{"value": "delta", "label": "How", "mine": 1}`},
			map[string]string{"mode": rich(t, "mode", `"value": "delta", "mine": 1`), "how": ""},
			[]string{`warning /how "how" is now called "mode"`}},
		{"a renamed field beside an empty one of its name",
			map[string]string{"mode": rich(t, "mode", `"value": "", "a": 1`), "how": `{"value": "delta", "b": 2}`},
			map[string]string{"mode": rich(t, "mode", `"value": "delta", "a": 1, "b": 2`), "how": ""},
			[]string{`warning /how "how" is now called "mode"`}},
		{"a renamed field beside one that has a value",
			map[string]string{"mode": rich(t, "mode", `"value": "full"`), "how": `{"value": "delta"}`},
			map[string]string{"mode": rich(t, "mode", `"value": "full"`), "how": `{"value": "delta"}`},
			[]string{`warning /how "how" is now called "mode"; the old field is kept and has no effect`}},
		{"of two former names the one with a value counts",
			map[string]string{"mode": "", "how": `{"value": ""}`, "way": `{"value": "delta"}`},
			map[string]string{"mode": rich(t, "mode", `"value": "delta"`), "how": `{"value": ""}`, "way": ""},
			[]string{`warning /how "how" is now called "mode"; the old field is kept and has no effect`, `warning /way "way" is now called "mode"`}},
		{"a plain value becomes a field", map[string]string{"host": `"db"`, "tls": `"true"`, "mode": "", "how": `"delta"`},
			map[string]string{"host": rich(t, "host", `"value": "db"`), "tls": rich(t, "tls", `"value": "true"`), "mode": rich(t, "mode", `"value": "delta"`)},
			[]string{`warning /how "how" is now called "mode"`}},
		{"a field without a value has its default", map[string]string{"port": `{}`, "tls": `{"label": "x"}`},
			map[string]string{"port": rich(t, "port", ``), "tls": rich(t, "tls", ``)}, nil},
		{"values of the wrong type are kept", map[string]string{"port": rich(t, "port", `"value": {"a": [1]}`), "host": rich(t, "host", `"value": ["x"]`)},
			map[string]string{"port": rich(t, "port", `"value": {"a": [1]}`), "host": rich(t, "host", `"value": ["x"]`)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			prepared, reports := shop().Prepare(stored(t, c.changes))
			if c.reports == nil {
				c.reports = []string{}
			}
			require.Equal(t, c.reports, messages(reports))
			var doc map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(prepared, &doc))
			for name, want := range c.fields {
				if want == "" {
					require.NotContains(t, doc, name)
				} else {
					require.JSONEq(t, want, string(doc[name]), name)
				}
			}
			again, _ := shop().Prepare(prepared)
			require.Equal(t, string(prepared), string(again), "prepared again")
		})
	}
}

func TestPrepareKeepsBytes(t *testing.T) {
	raw := `{"host" : {"value":  "a\u00e9\/b", "x": 1.50}, "gone": {"value": 1e2 , "n": [ 1 ]}, "port": 8.0e1}`
	prepared, _ := shop().Prepare(json.RawMessage(raw))
	for _, part := range []string{`"value":  "a\u00e9\/b"`, `"x": 1.50`, `"gone": {"value": 1e2 , "n": [ 1 ]}`, `"value":8.0e1`} {
		require.Contains(t, string(prepared), part)
	}
	require.True(t, strings.HasPrefix(string(prepared), `{"host":{"value":  "a`), "the order is kept")
}

func TestPrepareRefusesWhatIsNoConfiguration(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300)
	for raw, want := range map[string][]string{
		`{"host": `: {" not valid JSON: unexpected end of JSON input"},
		"\x00\x01":  {` not valid JSON: invalid character '\x00' looking for beginning of value`},
		`[]`:        {" the configuration must be an object, not a list"},
		`"x"`:       {" the configuration must be an object, not text"},
		`7`:         {" the configuration must be an object, not a number"},
		`{"host": "a", "x": 1, "host": "b", "x": 2}`: {"/host is given twice", "/x is given twice"},
		`{"host": {"value": "a", "value": "b"}}`:     {`/host/value holds "value" twice`},
		deep:                                         {" not valid JSON: nested deeper than 200 levels"},
	} {
		prepared, problems := shop().Prepare(json.RawMessage(raw))
		require.Equal(t, raw, string(prepared))
		require.Equal(t, want, messages(problems))
		require.Error(t, problems.Err())
	}
}

func TestPrepareNeverShowsSecrets(t *testing.T) {
	for _, value := range []string{`"hunter2"`, `["hunter2"]`, `{"hunter2": "hunter2"}`, `{"value": {"x": "hunter2"}}`, `{"value": "hunter2", "value": "hunter2"}`} {
		_, problems := shop().Prepare(json.RawMessage(`{"token": ` + value + `}`))
		require.NotContains(t, problems.Error(), "hunter2")
	}
}

func TestSetValues(t *testing.T) {
	set, problems := shop().SetValues(nil, map[string]string{
		"host": "db", "port": " 8080 ", "tls": "yes", "way": "delta", "token": "x=y",
	})
	require.Empty(t, problems)
	var doc map[string]struct{ Value any }
	require.NoError(t, json.Unmarshal(set, &doc))
	require.Equal(t, []any{"db", 8080.0, true, "delta", "x=y"},
		[]any{doc["host"].Value, doc["port"].Value, doc["tls"].Value, doc["mode"].Value, doc["token"].Value})

	again, problems := shop().SetValues(set, map[string]string{"token": "", "port": "81"})
	require.Empty(t, problems)
	values, _ := shop().Decode(again)
	require.True(t, values.Secret("token").Empty())
	require.Equal(t, int64(81), values.Int("port"))
	require.Equal(t, "db", values.String("host"), "what is not named stays")

	same, problems := shop().SetValues(set, nil)
	require.Empty(t, problems)
	require.Equal(t, string(set), string(same))
}

func TestSetValuesProblems(t *testing.T) {
	for _, c := range []struct {
		stored string
		values map[string]string
		want   []string
	}{
		{"", map[string]string{"hots": "x"}, []string{`/hots unknown field "hots"; did you mean "host"?`, "/host must not be empty"}},
		{"", map[string]string{"host": "x", "port": "many", "tls": "perhaps"}, []string{
			`/port must be an integer, not the text "many"`, `/tls must be true or false, not the text "perhaps"`}},
		{"", map[string]string{"host": "x", "port": "0", "mode": "fast"}, []string{
			`/mode must be one of "full", "delta"`, "/port must be at least 1"}},
		{"", map[string]string{"host": "x", "how": "full", "mode": "delta"}, []string{"/mode is given twice"}},
		{"", map[string]string{"host": "x", "port": ""}, []string{"/port must not be empty"}},
		{`{"host": 1, "host": 2}`, map[string]string{"host": "x"}, []string{"/host is given twice"}},
	} {
		set, problems := shop().SetValues(json.RawMessage(c.stored), c.values)
		var errs connector.Problems
		require.ErrorAs(t, problems.Err(), &errs)
		require.Equal(t, c.want, messages(errs), "%v", c.values)
		if c.stored != "" {
			require.Equal(t, c.stored, string(set))
		}
	}
}

// FuzzPrepare looks for stored configurations that break the preparation, that
// it never comes to rest with, or that it loses something of.
func FuzzPrepare(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[1]`, `{"host":{"value":"db","type":"str"},"gone":{"value":1}}`, `{"how":{"value":"delta"},"mode":{"value":""}}`,
		`{"how":"delta","way":{"value":"x"},"mode":{}}`, `{"host":{"value":{"value":1}},"port":1e2}`, `{"host":null,"tls":"false"}`,
		`{"host":{"value":1,"value":2}}`, `{"host":"a","host":"b"}`, `[[[[`, "{\"\xff\":1,\"host\":{\"\xff\":2}}", `{"mode":{"order":3.0,"label":"Mode"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		prepared, problems := shop().Prepare(raw)
		if string(raw) != before {
			t.Fatalf("%q was written over: %q", before, raw)
		}
		_, _ = shop().Decode(raw)
		if problems.Err() != nil {
			if string(prepared) != before {
				t.Fatalf("%q is refused, yet changed: %q", before, prepared)
			}
			return
		}
		if !json.Valid(prepared) {
			t.Fatalf("%q becomes %q", before, prepared)
		}
		again, problems := shop().Prepare(prepared)
		if problems.Err() != nil || string(again) != string(prepared) {
			t.Fatalf("%q changes again: %v\n%s\n%s", before, problems, prepared, again)
		}
		_, _ = shop().Decode(prepared)
		set, problems := shop().SetValues(prepared, map[string]string{"host": "h", "port": "1", "tls": "t", "mode": "full", "token": "t"})
		if problems.Err() != nil {
			t.Fatalf("%q does not take values: %v\n%s", before, problems, set)
		}
	})
}

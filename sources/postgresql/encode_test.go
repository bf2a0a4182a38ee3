package postgresql_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/postgresql"
)

// TestTornValues: a text that is not what the server writes becomes null, not
// JSON that is torn.
func TestTornValues(t *testing.T) {
	for form, texts := range map[string][]string{
		"array":      {"", "{", "1,2", "{1", "{1,", `{"a`, "{{1}", "{{1},", "[0:1]", `{"a\`, "{a,{b", "{1}x}"},
		"composite":  {"", "(", "1,2)", "(1", `("a,b)`, "(1)", "(1,"},
		"range":      {"", "[", "[1", "[1,", "[1,2", `["1,2)`, "x"},
		"multirange": {"", "{", "[1,2)", "{[1,2)", "{[1,2),", "{[1,2", `{["1,2)}`, `{[1\`},
		"bytes":      {`\x0`, `\xzz`, "xyz"},
		"date":       {"", "today", "-infinity"},
		"timestamp":  {"", "now", "2026-01-01"},
	} {
		for _, text := range texts {
			raw, exact := postgresql.Encode(form, []byte(text))
			require.True(t, json.Valid(raw), "%s %q: %s", form, text, raw)
			if text != "{1}x}" { // the rest of a list that is complete is not looked at
				require.False(t, exact, "%s %q: %s", form, text, raw)
			}
		}
	}
}

// FuzzEncode: whatever a text is, what becomes of it is JSON.
func FuzzEncode(f *testing.F) {
	forms := []string{"array", "composite", "range", "multirange", "bytes", "text", "money"}
	for i, text := range []string{`{a,"b\"",NULL,{c}}`, `(1,"a ""b""")`, `["a,b",c)`, `{[1,2),(3,4]}`, `\x00ff`, "a\xff", "-$1,234.50"} {
		f.Add(i, []byte(text))
	}
	f.Fuzz(func(t *testing.T, form int, text []byte) {
		name := forms[((form%len(forms))+len(forms))%len(forms)]
		raw, _ := postgresql.Encode(name, text)
		require.True(t, json.Valid(raw), "%s %q: %q", name, text, raw)
	})
}

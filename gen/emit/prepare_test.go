package emit_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPrepareBetweenVersions prepares what one random declaration has stored
// by another one, which has some fields of the same names: nothing is lost,
// values stay as they are, and the second time nothing changes.
func TestPrepareBetweenVersions(t *testing.T) {
	r := newRandom(t)
	for i := range setting(t, "TRIBUTARY_PAIRS", 10_000) / 50 {
		before, after := r.source(t, fmt.Sprintf("s%d", i)), r.source(t, fmt.Sprintf("s%d", i))
		old, fresh := describe(t, before), describe(t, after)
		values, _ := old.Decode(json.RawMessage(r.input(before)))
		stored := values.Document()

		same, reports := old.Prepare(stored)
		require.Equal(t, string(stored), string(same), "%s prepares its own document", before.ConfigSchema)
		require.Empty(t, reports)

		prepared, reports := fresh.Prepare(stored)
		require.NoError(t, reports.Err())
		again, _ := fresh.Prepare(prepared)
		require.Equal(t, string(prepared), string(again), "%s prepared twice", stored)

		was, is, wanted := document(t, stored), document(t, prepared), document(t, fresh.Document())
		for name, field := range was {
			require.Equal(t, string(field["value"]), string(is[name]["value"]), "the value of %s", name)
			if wanted[name] == nil {
				require.Equal(t, field, is[name], "%s is kept", name)
			}
		}
		for name, field := range wanted {
			for key, value := range field {
				if key != "value" || was[name] == nil {
					require.JSONEq(t, string(value), string(is[name][key]), "%s of %s", key, name)
				}
			}
		}
	}
}

func document(t *testing.T, raw json.RawMessage) map[string]map[string]json.RawMessage {
	t.Helper()
	var doc map[string]map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &doc))
	return doc
}

package schema_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/schema"
)

type rule struct {
	Pattern string          `json:"pattern"`
	MinSize *int64          `json:"min_size,omitempty"`
	After   *time.Time      `json:"after,omitempty"`
	Query   json.RawMessage `json:"query,omitempty"`
}

func TestDecodeRules(t *testing.T) {
	for _, raw := range []string{``, `null`, `[]`, ` {} `} {
		rules, given, err := schema.DecodeRules[[]rule](json.RawMessage(raw))
		require.NoError(t, err)
		require.False(t, given)
		require.Nil(t, rules)
	}
	rules, given, err := schema.DecodeRules[[]rule](json.RawMessage(`[{"pattern":"a","after":"2026-01-31T12:00:00Z","query":{"n":1.0}}]`))
	require.NoError(t, err)
	require.True(t, given)
	require.Equal(t, `{"n":1.0}`, string(rules[0].Query))
	require.Equal(t, 2026, rules[0].After.Year())
	rules, _, err = schema.DecodeRules[[]rule](json.RawMessage(`[{"pattern":"a\"b","min_size":1e2,"query":[true,null,0.5,{}]}, {"pattern":"","min_size":3.0}]`))
	require.NoError(t, err)
	require.Equal(t, int64(100), *rules[0].MinSize)
	require.Equal(t, int64(3), *rules[1].MinSize)
	require.Equal(t, `a"b`, rules[0].Pattern)
	for _, raw := range []string{`[{"pattern":5}]`, `[`, `[{"min_size":1.5}]`} {
		_, _, err = schema.DecodeRules[[]rule](json.RawMessage(raw))
		require.ErrorContains(t, err, "advanced rules: ")
	}
}

func TestCheckRules(t *testing.T) {
	s := schema.New(`{"type":"array","minItems":1}`)
	for raw, valid := range map[string]bool{``: true, `null`: true, `{}`: true, `[]`: true, `[1]`: true, `{"a":1}`: false, `[`: false, `1`: false} {
		require.Equal(t, valid, len(s.CheckRules(json.RawMessage(raw))) == 0, raw)
	}
	require.JSONEq(t, `{"type":"array","minItems":1}`, string(s.Text()))
}

package connector_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

// TestNewIdentity compares with the query that search applications know.
func TestNewIdentity(t *testing.T) {
	d := connector.NewIdentity("ann", []string{"user:ann", `group:"a"`})
	require.Equal(t, "ann", d.ID)
	require.NoError(t, d.Err)
	require.JSONEq(t, `{"query":{"template":{
		"params":{"access_control":["user:ann","group:\"a\""]},
		"source":"{\"bool\":{\"should\":[{\"bool\":{\"must_not\":{\"exists\":{\"field\":\"_allow_access_control\"}}}},{\"terms\":{\"_allow_access_control.keyword\":{{#toJson}}access_control{{/toJson}}}}],\"minimum_should_match\":1}}"
	}}}`, "{"+string(d.Fields())+"}")
	again := connector.NewIdentity("ann", []string{"user:ann", `group:"a"`})
	require.Equal(t, string(d.Fields()), string(again.Fields()), "the same bytes every time")
}

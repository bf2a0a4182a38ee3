package embedded_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// What a search has seen of connectors and jobs it still sees when another
// process has taken the node over.
func TestConnectorsStayVisible(t *testing.T) {
	dir := t.TempDir()
	for round := range 10 {
		node, err := embedded.Open(dir, embedded.Options{})
		require.NoError(t, err)
		if round > 0 {
			answer := ask(node, "POST", "/.elastic-connectors/_search", `{"query":{"exists":{"field":"name"}}}`)
			require.Contains(t, answer, fmt.Sprintf(`"total":{"value":%d,`, round))
		} else {
			ask(node, "GET", "/_connector", "")
		}
		for _, name := range []string{"made", "prepared"} {
			ask(node, "PUT", fmt.Sprintf("/.elastic-connectors/_doc/%d?refresh=true", round), `{"name":"`+name+`"}`)
		}
		require.NoError(t, node.Close())
	}
}

// ask answers one request without a server.
func ask(node *embedded.Node, method, path, body string) string {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	node.Handler().ServeHTTP(w, r)
	return w.Body.String()
}

// The same goes for every hidden index.
func TestHiddenIndicesStayVisible(t *testing.T) {
	dir := t.TempDir()
	for round := range 10 {
		node, err := embedded.Open(dir, embedded.Options{})
		require.NoError(t, err)
		if round == 0 {
			ask(node, "PUT", "/hidden", `{"settings":{"index":{"hidden":true}}}`)
		}
		require.Contains(t, ask(node, "POST", "/hidden/_search", ""), fmt.Sprintf(`"total":{"value":%d,`, round))
		ask(node, "PUT", fmt.Sprintf("/hidden/_doc/%d?refresh=true", round), `{"name":"x"}`)
		require.NoError(t, node.Close())
	}
}

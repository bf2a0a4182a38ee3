package elastic_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// TestRedirectionsAreNotFollowed: neither credentials nor documents go where an
// answer points to.
func TestRedirectionsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, status)
		}))
		client, err := elastic.New(elastic.Config{URL: server.URL, APIKey: "id:secret", Retry: elastic.Retry{Attempts: 1}})
		require.NoError(t, err)
		_, err = client.Info(t.Context())
		require.ErrorContains(t, err, "redirects elsewhere")
		_, err = client.Index("x").Prepare(t.Context(), nil)
		require.ErrorContains(t, err, "redirects elsewhere")
		require.Zero(t, asked, status)
		client.Close()
		server.Close()
		other.Close()
	}
}

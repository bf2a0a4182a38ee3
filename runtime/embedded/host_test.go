package embedded_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// TestOtherNames is a page in a browser whose name leads to this machine.
func TestOtherNames(t *testing.T) {
	for password, refused := range map[string]int{"": http.StatusForbidden, "secret": http.StatusUnauthorized} {
		at, err := embedded.Attach(t.TempDir(), embedded.Options{Anonymous: true, Password: password})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, at.Close()) })
		for host, want := range map[string]int{"": 200, "localhost:9210": 200, "[::1]:9210": 200, "127.0.0.1": 200, "evil.example:9210": refused} {
			req, err := http.NewRequest(http.MethodGet, at.URL+"/", nil)
			require.NoError(t, err)
			req.Host = host
			if password != "" && want == 200 {
				req.SetBasicAuth("elastic", password)
			}
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, want, res.StatusCode, host)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

package resttest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/resttest"
)

// TestRecorded records two exchanges with a server and replays them without it.
func TestRecorded(t *testing.T) {
	t.Chdir(t.TempDir())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "session=geheim")
		_, _ = io.WriteString(w, "page "+r.FormValue("page"))
	}))
	ask := func(t *testing.T) (string, error) {
		client := resttest.Recorded(t, "notes", "X-Token")
		var all string
		for _, page := range []string{"1", "2"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/?page="+page, http.NoBody)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer geheim")
			req.Header.Set("X-Token", "geheim")
			resp, err := client.Do(req)
			if err != nil {
				return "", err
			}
			text, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			all += string(text) + ";"
		}
		return all, nil
	}
	t.Run("record", func(t *testing.T) {
		t.Setenv(resttest.Record, "1")
		got, err := ask(t)
		require.NoError(t, err)
		require.Equal(t, "page 1;page 2;", got)
	})
	kept, err := os.ReadFile("testdata/notes.yaml")
	require.NoError(t, err)
	require.NotContains(t, string(kept), "geheim")
	server.Close()
	t.Run("replay", func(t *testing.T) {
		got, err := ask(t)
		require.NoError(t, err)
		require.Equal(t, "page 1;page 2;", got)
	})
	t.Run("not recorded", func(t *testing.T) {
		resp, err := resttest.Recorded(t, "notes").Get(server.URL + "/?page=3")
		if err == nil {
			resp.Body.Close()
		}
		require.Error(t, err)
	})
}

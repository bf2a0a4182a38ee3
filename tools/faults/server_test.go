package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// server is the Elasticsearch of a trial, asked past the proxy.
type server struct {
	url     string
	genuine bool
	// What follows is the embedded node's.
	password string
	dir      string
	node     atomic.Pointer[embedded.Node]
}

const user = "elastic"

// openNode starts an embedded node with a password; keys can be made and revoked.
func openNode(t *testing.T) *server {
	s := &server{dir: t.TempDir(), password: "planted-password-of-the-node"}
	s.start(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.node.Load().Handler().ServeHTTP(w, r)
	}))
	s.url = web.URL
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		require.NoError(t, s.node.Load().Close())
	})
	return s
}

func (s *server) start(t *testing.T) {
	node, err := embedded.Open(s.dir, embedded.Options{Username: user, Password: s.password})
	require.NoError(t, err)
	s.node.Store(node)
}

// restart ends the node and starts it again on its data: snapshots are gone.
func (s *server) restart(t *testing.T) {
	require.NoError(t, s.node.Load().Close())
	s.start(t)
}

// key makes an API key, as it is written in a configuration. A genuine server
// of the tests has no security and takes any.
func (s *server) key(t *testing.T) string {
	if s.genuine {
		return "planted:planted-secret-of-the-key"
	}
	var key struct{ Encoded string }
	require.NoError(t, json.Unmarshal(s.ask(t, "POST", "/_security/api_key", `{"name":"trial"}`), &key))
	return key.Encoded
}

// ask sends a request past the proxy; it must succeed.
func (s *server) ask(t *testing.T, method, path, body string) []byte {
	t.Helper()
	status, answer := s.try(t, method, path, body)
	require.Less(t, status, 300, "%s %s: %s", method, path, answer)
	return answer
}

// try sends a request past the proxy.
func (s *server) try(t *testing.T, method, path, body string) (int, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Close = true // nothing stays open
	if s.password != "" {
		req.SetBasicAuth(user, s.password)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, answer
}

// stored are the documents that a search of an index sees, as they are stored.
func (s *server) stored(t *testing.T, index string) map[string]json.RawMessage {
	t.Helper()
	s.ask(t, "POST", "/"+index+"/_refresh", "")
	var page struct {
		Hits struct {
			Hits []struct {
				ID     string          `json:"_id"`
				Source json.RawMessage `json:"_source"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(s.ask(t, "POST", "/"+index+"/_search", `{"size":10000}`), &page))
	documents := map[string]json.RawMessage{}
	for _, h := range page.Hits.Hits {
		documents[h.ID] = h.Source
	}
	return documents
}

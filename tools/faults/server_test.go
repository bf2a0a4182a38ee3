package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
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
	require.NoError(t, s.start())
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

func (s *server) start() error {
	node, err := embedded.Open(s.dir, embedded.Options{Username: user, Password: s.password})
	if err == nil {
		s.node.Store(node)
	}
	return err
}

// restart ends the server and starts it again on its data: snapshots are gone.
func (s *server) restart() error {
	if s.genuine {
		return s.restartGenuine()
	}
	if err := s.node.Load().Close(); err != nil {
		return err
	}
	return s.start()
}

// restartGenuine needs the folder that tools/elasticsearch/start.sh was given.
func (s *server) restartGenuine() error {
	dir := os.Getenv("TRIBUTARY_TEST_ELASTICSEARCH_DIR")
	if dir == "" {
		return errors.New("TRIBUTARY_TEST_ELASTICSEARCH_DIR must name the folder of the server, so that it can be started again")
	}
	at, err := url.Parse(s.url)
	if err != nil {
		return err
	}
	for _, command := range [][]string{{"../elasticsearch/stop.sh", dir}, {"../elasticsearch/start.sh", at.Port(), dir}} {
		if said, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", command[0], err, said)
		}
	}
	return nil
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
	status, answer, err := s.send(method, path, body)
	require.NoError(t, err)
	return status, answer
}

// send is try for what runs beside the test.
func (s *server) send(method, path, body string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Close = true // nothing stays open
	if s.password != "" {
		req.SetBasicAuth(user, s.password)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// page is an answer to a search.
type page struct {
	Hits struct {
		Hits []struct {
			ID     string          `json:"_id"`
			Source json.RawMessage `json:"_source"`
			Sort   json.RawMessage
		}
	}
}

// stored are the documents that a search of an index sees, as they are stored.
// Pages are small, since some trials make them so.
func (s *server) stored(t *testing.T, index string) map[string]json.RawMessage {
	t.Helper()
	s.ask(t, "POST", "/"+index+"/_refresh", "")
	var snapshot struct{ ID string }
	require.NoError(t, json.Unmarshal(s.ask(t, "POST", "/"+index+"/_pit?keep_alive=1m", ""), &snapshot))
	defer func() { s.ask(t, "DELETE", "/_pit", fmt.Sprintf(`{"id":%q}`, snapshot.ID)) }()
	documents, after := map[string]json.RawMessage{}, ""
	for {
		var p page
		search := fmt.Sprintf(`{"size":100,"pit":{"id":%q,"keep_alive":"1m"},"sort":["_shard_doc"]%s}`, snapshot.ID, after)
		require.NoError(t, json.Unmarshal(s.ask(t, "POST", "/_search", search), &p))
		if len(p.Hits.Hits) == 0 {
			return documents
		}
		for _, h := range p.Hits.Hits {
			documents[h.ID] = h.Source
			after = `,"search_after":` + string(h.Sort)
		}
	}
}

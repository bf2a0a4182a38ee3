package protocol_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// bleve's workers live as long as the process
		goleak.IgnoreTopFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker"))
}

// world is a server with the indices of the protocol, empty, and a client.
type world struct {
	*protocol.Client
	docs  *elastic.Documents
	url   string
	clock *clock
}

// clock is a wall clock that tests move.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	step time.Duration // after every look
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.step)
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// everywhere runs a test on the server of the environment and on an embedded
// node in the manner of 9.1.
func everywhere(t *testing.T, test func(*testing.T, world)) {
	t.Run("server", func(t *testing.T) { test(t, open(t, elastictest.Server(t))) })
	t.Run("9.1", func(t *testing.T) { test(t, open(t, elastictest.Server91(t))) })
}

func here(t testing.TB) world { return open(t, elastictest.Server(t)) }

func open(t testing.TB, target elastictest.Target) world {
	t.Helper()
	c, err := elastic.New(elastic.Config{URL: target.URL, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	w := world{docs: c.Documents(), url: target.URL, clock: &clock{at: time.Date(2026, 3, 1, 10, 0, 0, 123456000, time.UTC)}}
	if target.Real {
		w.drop(t)
		t.Cleanup(func() { w.drop(t) })
	}
	w.Client = w.replica("worker-1")
	require.NoError(t, w.Ensure(context.Background()))
	return w
}

// replica is one more service on the same documents.
func (w world) replica(host string) *protocol.Client {
	return protocol.New(w.docs, protocol.Options{Now: w.clock.now, Host: host, Log: slog.New(slog.DiscardHandler)})
}

func (w world) drop(t testing.TB) {
	for _, name := range []string{".elastic-connectors-v1", ".elastic-connectors-sync-jobs-v1"} {
		w.raw(t, "DELETE", "/"+name+"?ignore_unavailable=true", "")
	}
}

// raw sends a request past the client, as Kibana does.
func (w world) raw(t testing.TB, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-elastic-product-origin", "kibana")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func (w world) must(t testing.TB, method, path, body string) string {
	t.Helper()
	status, text := w.raw(t, method, path, body)
	require.Less(t, status, 300, "%s %s: %s", method, path, text)
	return text
}

// put stores a document as somebody else wrote it.
func (w world) put(t testing.TB, index, id, doc string) {
	t.Helper()
	w.must(t, "PUT", "/"+index+"/_doc/"+id+"?refresh=true", doc)
}

// source is a document as it is stored.
func (w world) source(t testing.TB, index, id string) string {
	t.Helper()
	raw, _, _, err := w.docs.Get(context.Background(), index, id)
	require.NoError(t, err)
	return string(raw)
}

// notes is a kind of source that can do everything.
func notes() connector.Kind {
	fields := json.RawMessage(`{"path":{"label":"Folder","type":"str","value":"","required":true,"order":1}}`)
	return connector.Kind{
		ServiceType: "notes", Configuration: fields,
		Abilities: []connector.Ability{
			connector.AbilityAdvancedRules, connector.AbilityIncremental, connector.AbilityAccessControl,
		},
		Prepare: func(stored json.RawMessage) (json.RawMessage, connector.Problems) {
			var known map[string]json.RawMessage
			switch err := json.Unmarshal(stored, &known); {
			case len(stored) == 0 || err == nil && len(known) == 0:
				return fields, nil
			case err != nil:
				return stored, connector.Problems{{Message: "the configuration must be an object"}}
			}
			return stored, nil
		},
		CheckRules: func(raw json.RawMessage) connector.Problems {
			if strings.Contains(string(raw), "bad") {
				return connector.Problems{{Pointer: "/0", Message: "is bad"}}
			}
			return nil
		},
	}
}

// connected makes a connector that is ready to sync.
func (w world) connected(t testing.TB, id string) protocol.Connector {
	t.Helper()
	conn, err := w.CreateConnector(context.Background(), protocol.NewConnector{
		ID: id, Name: "Notes", ServiceType: "notes", IndexName: "search-" + id,
		Configuration: json.RawMessage(`{"path":{"label":"Folder","type":"str","value":"/srv","required":true,"order":1}}`),
	})
	require.NoError(t, err)
	conn, _, err = w.Prepare(context.Background(), conn, notes())
	require.NoError(t, err)
	conn, err = w.Connected(context.Background(), conn)
	require.NoError(t, err)
	return conn
}

// claimed makes a job of a connector and claims it.
func (w world) claimed(t testing.TB, conn protocol.Connector, kind protocol.JobType) *protocol.Lease {
	t.Helper()
	j, err := w.CreateJob(context.Background(), conn, kind, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	l, err := w.Claim(context.Background(), conn, j)
	require.NoError(t, err)
	return l
}

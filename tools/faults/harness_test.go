package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// world is a source, an index behind a proxy, and the sync between them.
type world struct {
	trial    *trial
	server   *server
	proxy    *proxy.Proxy
	shelf    *shelf
	source   connector.Source                           // the shelf, unless a test puts another one there
	truth    func() map[string]json.RawMessage          // what the index must hold
	view     func(stored map[string]any) map[string]any // of a document, for comparing it
	index    string
	key      string
	settings settings.Settings
	timeout  time.Duration // of a request
	log      *logbook
	secrets  []string // are nowhere
}

// world makes one with so many documents in the source and none in the index.
// Batches are small, so that a sync is many requests; waits are short.
func (x *trial) world(t *testing.T, documents int) *world {
	t.Helper()
	w := &world{
		trial: x, server: x.open(t), shelf: newShelf(documents), settings: settings.Default(), log: &logbook{},
		index: fmt.Sprintf("search-faults-%08x", rand.Uint32()), timeout: time.Minute,
	}
	w.source, w.truth, w.view = w.shelf, w.shelf.truth, ofSource
	w.proxy = proxy.New(t, w.server.url)
	w.settings.Elasticsearch.Bulk.ChunkSize = 100 // two batches of a flusher share it
	w.key = w.server.key(t)
	w.secrets = []string{w.key, "planted-password", "planted-secret", "planted-header"}
	t.Cleanup(func() { w.server.try(t, "DELETE", "/"+w.index, "") })
	return w
}

// connect makes a client through the proxy. Each run has one of its own, so that
// nothing of a run is on its way when the next one begins.
func (w *world) connect(t *testing.T) *elastic.Client {
	c, err := elastic.New(elastic.Config{
		URL: w.proxy.URL(), APIKey: w.key, Headers: map[string]string{"X-Planted": "planted-header"},
		Timeout: w.timeout, Log: w.log.logger(), Retry: elastic.Retry{Attempts: 8},
		Chance: func(below time.Duration) time.Duration { return min(below, 4*time.Millisecond) },
	})
	require.NoError(t, err)
	return c
}

// outcome is how a run ended.
type outcome struct {
	job.Counters
	err      error
	emitted  int64           // by the source, as it counted itself
	requests []proxy.Request // what passed during the run
}

// runTime is the time after which a run that does not end is a failure.
const runTime = 5 * time.Minute

// run makes one full sync. Its error is that of the run.
func (w *world) run(t *testing.T, change ...func(*service.Content)) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(context.Background(), runTime, fmt.Errorf("the run does not end"))
	defer cancel()
	from := len(w.proxy.Requests())
	client := w.connect(t)
	c := service.Content{
		Settings: w.settings, Client: client, Index: w.index, Source: w.source, Owner: job.Owner("faults"),
		Log: w.log.logger(), Now: time.Now,
	}
	for _, f := range change {
		f(&c)
	}
	w.shelf.emitted.Store(0)
	s, done, err := c.Sync(ctx)
	require.NoError(t, err)
	err = s.Run(ctx)
	if closed := done(); err == nil {
		err = closed
	}
	client.Close()
	w.proxy.Settle()
	require.NoError(t, context.Cause(ctx))
	return outcome{Counters: s.Counters(), err: err, emitted: w.shelf.emitted.Load(), requests: w.proxy.Requests()[from:]}
}

// filled makes a first sync that nothing disturbs.
func (w *world) filled(t *testing.T) {
	t.Helper()
	o := w.run(t)
	require.NoError(t, o.err)
	w.check(t, o)
}

// heal ends the fault, makes one more sync and checks everything.
func (w *world) heal(t *testing.T, change ...func(*service.Content)) outcome {
	t.Helper()
	w.proxy.Set()
	w.proxy.Answer(nil)
	o := w.run(t, change...)
	require.NoError(t, o.err)
	w.check(t, o)
	return o
}

func allowDeletes(c *service.Content) { c.Options.AllowDeletes = true }

// logbook collects what is logged, at every level.
type logbook struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *logbook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *logbook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

func (b *logbook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

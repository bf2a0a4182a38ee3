package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// silence is F10: Elasticsearch or the source becomes slow, or takes everything
// and answers nothing. The job waits: its lease is confirmed all the time, the
// source is not read further than the batches reach, and it goes on by itself.
func silence(t *testing.T, x *trial) {
	t.Run("index in a black hole", func(t *testing.T) { indexSilent(t, x) })
	t.Run("slow index", func(t *testing.T) { indexSlow(t, x) })
	t.Run("source in a black hole", func(t *testing.T) { sourceSilent(t, x) })
}

// beatsAwaited is how often a lease is confirmed before a silence ends.
const beatsAwaited = 2

func indexSilent(t *testing.T, x *trial) {
	w := x.world(t, 800)
	w.timeout = 2 * time.Second
	d := w.desk(t, `{"flavor":{"value":"plain"}}`)
	reached := make(chan struct{})
	w.shelf.before = func(_ context.Context, at int) error {
		if at == 200 {
			w.proxy.Set(proxy.Timeout())
			close(reached)
		}
		return nil
	}
	d.job(t, func(id string) {
		<-reached
		before := heap()
		d.beats(t, id, beatsAwaited)
		require.Eventually(t, func() bool { return strings.Contains(w.log.String(), "is repeated") }, runTime, 10*time.Millisecond)
		require.Less(t, w.shelf.emitted.Load(), int64(700), "the source waits for the index")
		require.Less(t, heap(), before+8<<20, "memory is flat")
		w.proxy.Set()
	})
	d.holds(t, "plain", 0, 800)
	d.countedJob(t, 800)
}

// heap is the memory that is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// countedJob asserts that a first job says what Elasticsearch acknowledged.
func (d *desk) countedJob(t *testing.T, documents int) {
	t.Helper()
	require.Len(t, acknowledged(d.proxy.Requests()).created, documents)
	jobs, err := d.protocol.Jobs(t.Context(), d.connector, 1)
	require.NoError(t, err)
	require.EqualValues(t, documents, jobs[0].Indexed)
	d.trial.held("I5 counters")
}

func indexSlow(t *testing.T, x *trial) {
	w := x.world(t, 150)
	d := w.desk(t, `{"flavor":{"value":"plain"}}`)
	w.proxy.Set(proxy.Bandwidth(10 << 10).Only(proxy.Downstream))
	d.job(t, func(id string) { d.beats(t, id, 1) })
	d.holds(t, "plain", 0, 150)
	d.countedJob(t, 150)
}

// remote is a source that is read over a connection.
type remote struct {
	url    string
	client *http.Client
	during func(at int)
}

func (r *remote) Ping(context.Context) error { return nil }

// GetDocs reads lines of JSON and emits a document for each.
func (r *remote) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	lines := json.NewDecoder(res.Body)
	for at := 0; lines.More(); at++ {
		var n int
		if err := lines.Decode(&n); err != nil {
			return err
		}
		if err := emit(document(n, 1)); err != nil {
			return err
		}
		r.during(at + 1)
	}
	return nil
}

func sourceSilent(t *testing.T, x *trial) {
	w := x.world(t, 0)
	d := w.desk(t, `{"flavor":{"value":"plain"}}`)
	hole, reached := make(chan struct{}), make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		for n := range 200 {
			_, _ = fmt.Fprintln(out, n)
			if n == 99 {
				_ = http.NewResponseController(out).Flush()
				<-hole
			}
		}
	}))
	t.Cleanup(web.Close)
	way := proxy.New(t, web.Listener.Addr().String())
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	w.source = &remote{url: way.URL(), client: &http.Client{Transport: transport}, during: func(at int) {
		if at == 100 {
			way.Set(proxy.Timeout())
			close(hole)
			close(reached)
		}
	}}
	d.job(t, func(id string) {
		<-reached
		d.beats(t, id, beatsAwaited)
		way.Set()
	})
	d.holds(t, "plain", 0, 200)
	d.countedJob(t, 200)
}

package protocol_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// BenchmarkJob is everything that one job costs beside its documents: claim,
// one renewal, end. Its CPU holds the embedded node's, which does all the work
// of Elasticsearch.
func BenchmarkJob(b *testing.B) {
	w := open(b, elastictest.Server(b))
	w.clock.step = time.Microsecond
	conn := w.connected(b, "bench")
	ctx := context.Background()
	started := cpuTime()
	for b.Loop() {
		j, err := w.CreateJob(ctx, conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		require.NoError(b, err)
		l, err := w.Claim(ctx, conn, j)
		require.NoError(b, err)
		require.NoError(b, l.Renew(ctx, protocol.Stats{Indexed: 1}))
		require.NoError(b, l.Finish(ctx, protocol.Result{Status: job.Completed}))
	}
	b.ReportMetric(float64(cpuTime()-started)/1e3/float64(b.N), "cpu-µs/job")
}

// canned answers a search with one answer.
type canned struct {
	protocol.Store
	n   int
	doc []byte
}

func (c *canned) Search(_ context.Context, _ string, _ []byte, visit func(string, []byte, int64, int64) error) (int64, error) {
	for i := range c.n {
		if err := visit(fmt.Sprint(i), c.doc, int64(i), 1); err != nil {
			return 0, err
		}
	}
	return int64(c.n), nil
}

// BenchmarkLiveJobs is the reading of 1,000 live jobs.
func BenchmarkLiveJobs(b *testing.B) {
	store := &canned{n: 1000, doc: []byte(`{"connector":{"id":"c","service_type":"notes","index_name":"search-notes"},"job_type":"full",` +
		`"trigger_method":"scheduled","status":"pending","created_at":"2026-03-01T10:00:00.123456+00:00","started_at":null,` +
		`"last_seen":"2026-03-01T10:00:00.123456+00:00","worker_hostname":"h","metadata":{"tributary":{"claim":"` + strings.Repeat("f", 32) + `"}}}`)}
	client := protocol.New(store, protocol.Options{})
	b.ReportAllocs()
	for b.Loop() {
		jobs, err := client.LiveJobs(context.Background(), protocol.Selection{All: true}, nil)
		require.NoError(b, err)
		require.Len(b, jobs, 1000)
	}
}

// BenchmarkConnectors is the reading of 500 connectors with long documents.
func BenchmarkConnectors(b *testing.B) {
	store := &canned{n: 499, doc: []byte(read(b, "connectors/kibana-8.8"))}
	client := protocol.New(store, protocol.Options{})
	b.ReportAllocs()
	for b.Loop() {
		conns, err := client.Connectors(context.Background(), protocol.Selection{All: true}, -1)
		require.NoError(b, err)
		require.Len(b, conns, 499)
	}
}

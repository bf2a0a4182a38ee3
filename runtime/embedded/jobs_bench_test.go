package embedded_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// jobsMapping is the part of the sync jobs' mapping that polls search.
const jobsMapping = `{"mappings":{"dynamic":"false","properties":{"status":{"type":"keyword"},"job_type":{"type":"keyword"},"created_at":{"type":"date"},
	"last_seen":{"type":"date"},"connector":{"properties":{"id":{"type":"keyword"},"service_type":{"type":"keyword"}}}}}}`

// jobDocument is about as long as a job with a configuration.
func jobDocument(i int, status string) string {
	return fmt.Sprintf(`{"status":%q,"job_type":"full","created_at":"2026-01-%02dT10:00:00Z","last_seen":"2026-01-01T10:00:00Z","connector":{"id":"c-%d","service_type":"directory",
		"index_name":"search-%d","configuration":{"path":{"value":"%0700d"}},"filtering":{"rules":[],"advanced_snippet":{}}},"metadata":{"tributary":{"claim":"c%d"}}}`,
		status, i%28+1, i%50, i%50, i, i)
}

// fillJobs writes n jobs that are done.
func (n benchNode) fillJobs(b *testing.B, jobs int) {
	b.Helper()
	n.send(b, "PUT", "/jobs", []byte(jobsMapping))
	var body bytes.Buffer
	for i := range jobs {
		line := bytes.ReplaceAll([]byte(jobDocument(i, "completed")), []byte("\n"), nil)
		fmt.Fprintf(&body, "{\"index\":{\"_id\":\"job-%d\"}}\n%s\n", i, line)
	}
	n.send(b, "POST", "/jobs/_bulk?refresh=true", body.Bytes())
}

const pollJobs = `{"query":{"bool":{"filter":[{"terms":{"status":["pending","suspended","in_progress","canceling"]}},{"terms":{"connector.service_type":["directory","mysql","github"]}}]}},
	"sort":[{"created_at":"asc"}],"size":1000,"seq_no_primary_term":true,"_source":["status","connector.id"]}`

func (n benchNode) measure(b *testing.B, one func()) {
	b.Helper()
	used := cpuTime()
	b.ResetTimer()
	for range b.N {
		one()
	}
	b.StopTimer()
	b.ReportMetric(float64((cpuTime()-used).Microseconds())/float64(b.N), "cpu-µs/op")
	n.close(b)
}

// BenchmarkPollJobs measures a poll that finds none of 1,000 jobs alive.
func BenchmarkPollJobs(b *testing.B) {
	n := openBench(b, b.TempDir())
	n.fillJobs(b, 1000)
	n.measure(b, func() { n.send(b, "POST", "/jobs/_search", []byte(pollJobs)) })
}

// BenchmarkPollChanges measures a poll for documents that were written since, of which there are none.
func BenchmarkPollChanges(b *testing.B) {
	n := openBench(b, b.TempDir())
	n.fillJobs(b, 1000)
	body := []byte(`{"query":{"bool":{"filter":[{"range":{"_seq_no":{"gt":999}}},{"terms":{"connector.service_type":["directory"]}}]}},"sort":[{"_seq_no":"asc"}],"size":500,"seq_no_primary_term":true}`)
	n.measure(b, func() { n.send(b, "POST", "/jobs/_search", body) })
}

// BenchmarkRefresh measures the update of one of 1,000 jobs that is on the disk and can be found when it is answered.
func BenchmarkRefresh(b *testing.B) {
	n := openBench(b, b.TempDir())
	n.fillJobs(b, 1000)
	at := 0
	n.measure(b, func() {
		at++
		body := fmt.Sprintf(`{"doc":{"last_seen":"2026-02-01T10:00:00.%03dZ","indexed_document_count":%d}}`, at%1000, at)
		n.send(b, "POST", fmt.Sprintf("/jobs/_update/job-%d?refresh=true", at%200), []byte(body))
	})
}

// BenchmarkRefreshMany is BenchmarkRefresh with 16 writers at once.
func BenchmarkRefreshMany(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64
	n := openBench(b, b.TempDir())
	n.fillJobs(b, 1000)
	var at atomic.Int64
	used := cpuTime()
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			i := at.Add(1)
			body := fmt.Sprintf(`{"doc":{"indexed_document_count":%d}}`, i)
			n.send(b, "POST", fmt.Sprintf("/jobs/_update/job-%d?refresh=true", i%200), []byte(body))
		}
	})
	b.StopTimer()
	b.ReportMetric(float64((cpuTime()-used).Microseconds())/float64(b.N), "cpu-µs/op")
	n.close(b)
}

// BenchmarkPollBusy measures polls while one writer makes every write visible at once.
func BenchmarkPollBusy(b *testing.B) {
	n := openBench(b, b.TempDir())
	n.fillJobs(b, 1000)
	for at := range 300 {
		n.send(b, "POST", fmt.Sprintf("/jobs/_update/job-%d?refresh=true", at%200), fmt.Appendf(nil, `{"doc":{"indexed_document_count":%d}}`, at+1))
	}
	require.NotNil(b, n.node)
	n.measure(b, func() { n.send(b, "POST", "/jobs/_search", []byte(pollJobs)) })
}

package embedded_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tributary-search/tributary/runtime/embedded"
)

// bulkBody makes a _bulk request of documents of about 500 bytes.
func bulkBody(first, n int) []byte {
	var b bytes.Buffer
	for i := first; i < first+n; i++ {
		fmt.Fprintf(&b, "{\"index\":{\"_id\":\"doc-%08d\"}}\n", i*7919%100_000_007)
		fmt.Fprintf(&b, `{"id":"doc-%08d","title":"Report number %d of the archive","path":"/srv/archive/%d/%d/report.txt","size":%d,"modified":"2024-03-%02dT10:%02d:00Z",`, i, i, i%97, i, i*31, i%28+1, i%60)
		b.WriteString(`"body":"`)
		for w := range 45 {
			fmt.Fprintf(&b, "%s ", lexicon[(i*31+w*17+i*w)%len(lexicon)])
		}
		b.WriteString("\"}\n")
	}
	return b.Bytes()
}

var lexicon = func() []string {
	var words []string
	for _, a := range []string{"mer", "lan", "tor", "vi", "sal", "quo", "bren", "dul", "fa", "nim", "pro", "gar"} {
		for _, b := range []string{"idor", "eta", "ux", "ombra", "isk", "alon", "urt", "efa", "ynd", "orba"} {
			for _, c := range []string{"", "s", "er", "ing", "ed"} {
				words = append(words, a+b+c)
			}
		}
	}
	return words
}()

type benchNode struct {
	node   *embedded.Node
	server *httptest.Server
}

func openBench(b *testing.B, dir string) benchNode {
	b.Helper()
	node, err := embedded.Open(dir, embedded.Options{})
	require.NoError(b, err)
	return benchNode{node: node, server: httptest.NewServer(node.Handler())}
}

func (n benchNode) close(b *testing.B) {
	b.Helper()
	n.server.Close()
	require.NoError(b, n.node.Close())
}

func (n benchNode) send(b *testing.B, method, path string, body []byte) {
	b.Helper()
	req, err := http.NewRequest(method, n.server.URL+path, bytes.NewReader(body))
	require.NoError(b, err)
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := http.DefaultClient.Do(req)
	require.NoError(b, err)
	answer, err := io.ReadAll(res.Body)
	require.NoError(b, err)
	require.NoError(b, res.Body.Close())
	require.Equal(b, http.StatusOK, res.StatusCode, "%.300s", answer)
	require.False(b, bytes.Contains(answer, []byte(`"errors":true`)), "%.300s", answer)
}

const benchBatch = 2000

func (n benchNode) fill(b *testing.B, docs int) int64 {
	b.Helper()
	size := int64(0)
	for i := 0; i < docs; i += benchBatch {
		body := bulkBody(i, min(benchBatch, docs-i))
		size += int64(len(body))
		n.send(b, "POST", "/bench/_bulk", body)
	}
	return size
}

// BenchmarkAcknowledged measures documents that are on the disk; one operation is one document.
func BenchmarkAcknowledged(b *testing.B) {
	n := openBench(b, b.TempDir())
	bodies := [][]byte{}
	for i := 0; i < b.N; i += benchBatch {
		bodies = append(bodies, bulkBody(i, min(benchBatch, b.N-i)))
	}
	used := cpuTime()
	b.ResetTimer()
	for _, body := range bodies {
		n.send(b, "POST", "/bench/_bulk?filter_path=errors,items.*.error", body)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(b.N)/(cpuTime()-used).Seconds(), "docs/cpu-s")
	n.close(b)
}

// BenchmarkSearchable measures documents from the first byte until they can be found.
func BenchmarkSearchable(b *testing.B) {
	n := openBench(b, b.TempDir())
	bodies := [][]byte{}
	for i := 0; i < b.N; i += benchBatch {
		bodies = append(bodies, bulkBody(i, min(benchBatch, b.N-i)))
	}
	used := cpuTime()
	b.ResetTimer()
	for _, body := range bodies {
		n.send(b, "POST", "/bench/_bulk", body)
	}
	n.send(b, "POST", "/bench/_refresh", nil)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(b.N)/(cpuTime()-used).Seconds(), "docs/cpu-s")
	n.close(b)
}

// BenchmarkOpen measures the opening of a folder with 100,000 documents until it answers.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	n := openBench(b, dir)
	n.fill(b, 100_000)
	n.send(b, "POST", "/bench/_refresh", nil)
	n.close(b)
	b.ResetTimer()
	for range b.N {
		n := openBench(b, dir)
		n.send(b, "GET", "/bench/_count", nil)
		b.StopTimer()
		n.close(b)
		b.StartTimer()
	}
}

// BenchmarkScan measures a scan of 100,000 documents as a sync makes it; one operation is one scan.
func BenchmarkScan(b *testing.B) {
	n := openBench(b, b.TempDir())
	n.fill(b, 100_000)
	n.send(b, "POST", "/bench/_refresh", nil)
	b.ResetTimer()
	for range b.N {
		for page := range 10 {
			body := fmt.Sprintf(`{"size":10000,"sort":["_doc"],"_source":false,"docvalue_fields":["path.keyword"],"seq_no_primary_term":true,"track_total_hits":false,"search_after":[%d]}`, page*10000-1)
			n.send(b, "POST", "/bench/_search", []byte(body))
		}
	}
	b.StopTimer()
	n.close(b)
}

// BenchmarkQuery measures a search for two words with highlights among 20,000 documents.
func BenchmarkQuery(b *testing.B) {
	n := openBench(b, b.TempDir())
	n.fill(b, 20_000)
	n.send(b, "POST", "/bench/_refresh", nil)
	b.ResetTimer()
	for range b.N {
		n.send(b, "POST", "/bench/_search", []byte(`{"query":{"match":{"body":"meridor vialon"}},"highlight":{"fields":{"body":{}}}}`))
	}
	b.StopTimer()
	n.close(b)
}

package elastic_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// sinkVariable makes a test binary the server of a benchmark, so that only the
// client's CPU is measured.
const sinkVariable = "TRIBUTARY_TEST_SINK"

// discard answers bulk requests with success for every item and keeps nothing.
// It prints its address and ends with its standard input.
func discard() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	go func() { _ = http.Serve(l, http.HandlerFunc(serveDiscard)) }()
	fmt.Println(l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func serveDiscard(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	if r.Method != http.MethodPost {
		_, _ = io.WriteString(w, `{"bench":{"aliases":{},"settings":{"index":{"uuid":"u"}}}}`)
		return
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(body)
	}
	text, _ := io.ReadAll(body)
	answer := []byte(`{"errors":false,"items":[`)
	for len(text) > 0 {
		var head []byte
		head, text, _ = bytes.Cut(text, []byte{'\n'})
		_, text, _ = bytes.Cut(text, []byte{'\n'})
		id := bytes.TrimSuffix(bytes.TrimPrefix(head, []byte(`{"create":{"_id":"`)), []byte(`"}}`))
		answer = append(append(append(answer, `{"create":{"_id":"`...), id...), `","result":"created","status":201}},`...)
	}
	_, _ = w.Write(append(bytes.TrimSuffix(answer, []byte{','}), `]}`...))
}

func startSink(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), sinkVariable+"=1")
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(b, err)
	return "http://" + strings.TrimSpace(address)
}

// BenchmarkBulk writes 500-byte documents into a sink in another process. The
// metric to look at is cpu-ns/op: CPU time of this process for one document.
func BenchmarkBulk(b *testing.B) {
	for _, size := range []int{256 << 10, 1 << 20, 4 << 20} {
		for _, compress := range []bool{false, true} {
			name := fmt.Sprintf("%dKiB", size>>10)
			if compress {
				name += "-gzip"
			}
			b.Run(name, func(b *testing.B) { benchmarkBulk(b, size, compress) })
		}
	}
}

func benchmarkBulk(b *testing.B, size int, compress bool) {
	c, err := elastic.New(elastic.Config{URL: startSink(b), Compress: compress})
	require.NoError(b, err)
	defer c.Close()
	w := c.Bulk("bench", elastic.BulkOptions{MaxBytes: size})
	source := fmt.Appendf(nil, `{"title":"a title","body":"%s","_fingerprint":"0a1b2c3d.AAAAAAAAAAAAAAAAAAAAAA"}`, strings.Repeat("lorem ipsum ", 35))
	ids := make([]string, 1<<12)
	for i := range ids {
		ids[i] = fmt.Sprintf("%032x", i)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(source)))
	before := cpuTime()
	for i := 0; b.Loop(); i++ {
		if err := w.Put(b.Context(), "create", ids[i%len(ids)], source, ""); err != nil {
			b.Fatal(err)
		}
	}
	require.NoError(b, w.Flush(b.Context()))
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
	require.NoError(b, w.Close())
	require.EqualValues(b, b.N, w.Counts()["created"])
}

func BenchmarkScanPage(b *testing.B) {
	body := pageOf(10_000)
	var s elastic.PageScanner
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	before := cpuTime()
	for b.Loop() {
		if _, ok := s.Scan(body); !ok {
			b.Fatal("not understood")
		}
	}
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N)/10_000, "cpu-ns/hit")
}

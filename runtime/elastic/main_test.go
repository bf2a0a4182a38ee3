package elastic_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
)

func TestMain(m *testing.M) {
	if os.Getenv(sinkVariable) != "" {
		discard() // this process is the server of a benchmark
		return
	}
	goleak.VerifyTestMain(m,
		// bleve's workers live as long as the process
		goleak.IgnoreTopFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker"))
}

// server is a client of the server to test against, real or embedded.
type server struct {
	*elastic.Client
	url  string
	real bool
	logs *logs
}

// connect returns a client and deletes the named indices before and after the
// test.
func connect(t *testing.T, indices ...string) server {
	t.Helper()
	target := elastictest.Server(t)
	l := &logs{}
	c, err := elastic.New(elastic.Config{URL: target.URL, Log: l.logger()})
	require.NoError(t, err)
	s := server{c, target.URL, target.Real, l}
	clean := func() {
		for _, name := range indices {
			require.NoError(t, c.Index(name).Delete(context.Background()))
		}
	}
	clean()
	t.Cleanup(func() {
		clean()
		c.Close()
	})
	return s
}

// raw sends a request past the client and returns status and body.
func (s server) raw(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

// must is raw that has to succeed.
func (s server) must(t *testing.T, method, path, body string) string {
	t.Helper()
	status, text := s.raw(t, method, path, body)
	require.Less(t, status, 300, "%s %s: %s", method, path, text)
	return text
}

// seen is a document as a scan shows it.
type seen struct {
	print              string
	seqNo, primaryTerm int64
}

func scan(t *testing.T, x *elastic.Index) map[string]seen {
	t.Helper()
	all := map[string]seen{}
	err := x.Scan(t.Context(), func(id, print []byte, seqNo, primaryTerm int64) error {
		if _, twice := all[string(id)]; twice {
			return fmt.Errorf("%s comes twice", id)
		}
		all[string(id)] = seen{string(print), seqNo, primaryTerm}
		return nil
	})
	require.NoError(t, err)
	return all
}

// logs keeps what is logged.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// report keeps what a bulk writer reports.
type report struct {
	mu     sync.Mutex
	good   int
	failed map[string]string
	class  map[string]connector.Class
	source map[string]string // what was rejected
	fail   error
}

func (r *report) Succeeded(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.good += n
}

func (r *report) Failed(x connector.Rejection) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed, r.class, r.source = map[string]string{}, map[string]connector.Class{}, map[string]string{}
	}
	r.failed[x.ID], r.class[x.ID], r.source[x.ID] = x.Reason, x.Class, x.Action+" "+string(x.Source)
	return r.fail
}

// counted are the counters that are not 0, without those of the transport.
func counted(b *elastic.Bulk) map[string]int64 {
	counts := map[string]int64{}
	for name, n := range b.Counts() {
		if n != 0 && name != "requests" && name != "bytes" {
			counts[name] = n
		}
	}
	return counts
}

func source(t *testing.T, s server, path string) map[string]any {
	t.Helper()
	var doc struct {
		Source map[string]any `json:"_source"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.must(t, "GET", path, "")), &doc))
	return doc.Source
}

package connectortest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Breaker is what the [Fixture] of a source is besides that does not reach its
// system through Deps.HTTP, which the suite lets fail by itself.
type Breaker interface {
	// StartBroken is Start with a backend that fails for good when about half of
	// the n documents were read.
	StartBroken(t testing.TB, n int) json.RawMessage
}

// pages is how many documents a broken backend has: what many systems send in
// several answers, so that some are emitted before the failure.
const pages = 2000

// fault lets requests fail from one of them on. Set it before the first request.
type fault struct {
	from   int64 // the first request that fails, from 1; 0: none
	status int
	place  atomic.Pointer[string] // where the source made the first that failed
}

// answer is that of the server when a request has failed, else nil.
func (f *fault) answer(n int64, r *http.Request) *http.Response {
	if f.from == 0 || n < f.from {
		return nil
	}
	if where := callers(); where != "" {
		f.place.CompareAndSwap(nil, &where)
	}
	const body = `{"message":"this request failed for a test"}`
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return &http.Response{
		Status: http.StatusText(f.status), StatusCode: f.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// String is " (file:line)", or empty while it is not known.
func (f *fault) String() string {
	if where := f.place.Load(); where != nil {
		return *where
	}
	return ""
}

// checkFailedRequests lets the first, the middle and the last request fail.
func checkFailedRequests(t *testing.T, s *suite) {
	if b, ok := s.fixture.(Breaker); ok {
		source, _ := s.open(t, parseValues(b.StartBroken(t, pages)))
		docs, err := s.read(t, source, connector.Filter{})
		s.judgeFailed(t, docs, pages, nil, err, s.place.String())
	}
	source, l := s.open(t, s.base)
	l.requests.Store(0)
	good := map[string]string{}
	for _, d := range s.mustRead(t, source) {
		good[d.id] = d.fields
	}
	total := l.requests.Load()
	failed := map[int64]bool{0: true}
	for _, from := range []int64{1, (total + 1) / 2, total} {
		if failed[from] || total == 0 {
			continue
		}
		failed[from] = true
		source, l := s.open(t, s.base)
		l.requests.Store(0)
		l.fault.from, l.fault.status = from, http.StatusBadRequest
		docs, err := s.read(t, source, connector.Filter{})
		s.judgeFailed(t, docs, few, good, err, l.fault.String())
	}
}

// judgeFailed compares what a run after a failure emitted with a good one, and
// with the number of documents that there are.
func (s *suite) judgeFailed(t *testing.T, docs []document, all int, good map[string]string, err error, where string) {
	t.Helper()
	if err != nil {
		return
	}
	if len(docs) != all {
		t.Errorf("GetDocs returned nil although a request%s had failed, after %d of %d documents: nil means that all were emitted, so the rest would be deleted; return the error", where, len(docs), all)
		return
	}
	for _, d := range docs {
		if fields, known := good[d.id]; known && d.err == nil && fields != d.fields {
			t.Errorf("document %q%s lacks what a request%s that failed would have brought: it would be stored without; return the error, or set Err where the system refuses this one document", d.id, s.place, where)
			return
		}
	}
}

// checkRefusedCredentials lets the system refuse the credentials.
func checkRefusedCredentials(t *testing.T, s *suite) {
	l := s.refused(t, "GetDocs", func(source connector.Source) error {
		_, err := s.read(t, source, connector.Filter{})
		return err
	})
	if l.requests.Load() > 0 {
		s.refused(t, "Ping", func(source connector.Source) error { return source.Ping(t.Context()) })
	}
}

// refused asks a source whose every request is answered with 401.
func (s *suite) refused(t *testing.T, name string, ask func(connector.Source) error) lent {
	t.Helper()
	source, l := s.open(t, s.base)
	l.requests.Store(0)
	l.fault.from, l.fault.status = 1, http.StatusUnauthorized
	if err := ask(source); err == nil && l.requests.Load() > 0 {
		t.Errorf("%s returned nil although the system answered a request%s with 401 Unauthorized: a password that has expired would look like an empty system; look at the status and return an error", name, l.fault)
	}
	return l
}

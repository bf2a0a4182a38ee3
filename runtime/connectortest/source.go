package connectortest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// readLimit is how long a run of GetDocs may take before the suite gives up.
const readLimit = 2 * time.Minute

// lent is what the suite lends a source, and what came of it.
type lent struct {
	logs     *syncBuffer
	requests *atomic.Int64
	client   *http.Client
	fault    *fault
}

func newLent(t testing.TB) lent {
	transport := &http.Transport{MaxIdleConnsPerHost: 16} // as the runtime lends it
	t.Cleanup(transport.CloseIdleConnections)
	l := lent{logs: &syncBuffer{}, requests: &atomic.Int64{}, fault: &fault{}}
	l.client = &http.Client{Transport: counting{transport, l.requests, l.fault}}
	return l
}

func (l lent) deps() connector.Deps {
	return connector.Deps{
		HTTP: l.client,
		Log:  slog.New(slog.NewTextHandler(l.logs, everything())),
		Now:  time.Now,
	}
}

// everything logs all there is, with the place of each line.
func everything() *slog.HandlerOptions {
	return &slog.HandlerOptions{Level: slog.LevelDebug - 100, AddSource: true, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if at, ok := a.Value.Any().(*slog.Source); ok && at != nil {
			return slog.String(a.Key, fmt.Sprintf("(%s:%d)", filepath.Base(at.File), at.Line))
		}
		return a
	}}
}

// counting counts requests on their way, and lets some fail.
type counting struct {
	http.RoundTripper
	n     *atomic.Int64
	fault *fault
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if answer := c.fault.answer(c.n.Add(1), r); answer != nil {
		return answer, nil
	}
	return c.RoundTripper.RoundTrip(r)
}

// Trusting is what runtime/rest asks of a transport that is not net/http's.
func (c counting) Trusting(pool *x509.CertPool) http.RoundTripper {
	t := c.RoundTripper.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return counting{t, c.n, c.fault}
}

// CloseIdleConnections lets http.Client reach the transport below.
func (c counting) CloseIdleConnections() {
	if t, ok := c.RoundTripper.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// open opens a source that is closed when the test ends.
func (s *suite) open(t *testing.T, v values) (connector.Source, lent) {
	t.Helper()
	l := newLent(t)
	source, err := s.kind.Open(t.Context(), v.plain(), l.deps())
	if err != nil {
		t.Fatalf("Open failed with the fixture's configuration: %v; Open makes no request and refuses only a bad configuration", err)
	}
	t.Cleanup(func() { _ = shut(source) })
	return source, l
}

func shut(source connector.Source) error {
	if c, ok := source.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// document is a copy of what emit was given.
type document struct {
	id         string
	fields     string
	updated    time.Time
	access     []string
	renamed    []connector.Renaming
	attachment *connector.Attachment
	err        error
}

// take copies a document and gives its buffer back, as the engine does.
func take(d connector.Document) document {
	c := document{
		id: d.ID, fields: string(d.Fields()), updated: d.UpdatedAt, access: d.Access,
		renamed: d.Renamed(), attachment: d.Attachment, err: d.Err,
	}
	d.Release()
	return c
}

// read runs GetDocs to its end and returns what was emitted.
func (s *suite) read(t *testing.T, source connector.Source, f connector.Filter) ([]document, error) {
	t.Helper()
	var mu sync.Mutex
	var docs []document
	err := s.getDocs(t, t.Context(), source, f, func(d connector.Document) error {
		mu.Lock()
		defer mu.Unlock()
		docs = append(docs, take(d))
		return nil
	})
	return docs, err
}

// mustRead is read where an error is the finding of another check.
func (s *suite) mustRead(t *testing.T, source connector.Source) []document {
	t.Helper()
	docs, err := s.read(t, source, connector.Filter{})
	if err != nil {
		t.Fatalf("GetDocs%s failed: %v", s.place, err)
	}
	return docs
}

// errLate is what emit returns once GetDocs has returned.
var errLate = errors.New("emit was called after GetDocs returned")

// getDocs runs GetDocs and notes an emit that comes after it has returned.
func (s *suite) getDocs(t *testing.T, ctx context.Context, source connector.Source, f connector.Filter, emit func(connector.Document) error) error {
	t.Helper()
	var returned atomic.Bool
	result := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				result <- panicked{p, printed(string(debug.Stack()), "panic(")}
			}
		}()
		err := source.GetDocs(ctx, f, func(d connector.Document) error {
			s.place.note()
			if returned.Load() {
				s.late.Store(true)
				return errLate
			}
			return emit(d)
		})
		returned.Store(true)
		result <- err
	}()
	select {
	case err := <-result:
		if p, ok := err.(panicked); ok { //nolint:errorlint // made above, never wrapped
			t.Fatal(p)
		}
		return err
	case <-time.After(readLimit):
		t.Fatalf("GetDocs%s has not returned after %s: the fixture is small, so it waits for something that never comes", s.place, readLimit)
		return nil
	}
}

// panicked is what a source's GetDocs panicked with, and where.
type panicked struct {
	value any
	place string
}

func (p panicked) Error() string {
	return fmt.Sprintf("GetDocs panicked%s: %v; what the system sends is not to be trusted: look before using it, and return an error", p.place, p.value)
}

// syncBuffer is a buffer that many goroutines may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns what was written.
func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

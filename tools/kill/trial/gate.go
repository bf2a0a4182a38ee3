package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// Gate stands between one process and Elasticsearch. It passes on each byte of
// a request as it comes, so that what a killed process was sending arrives in
// part, and keeps the log of what was written.
type Gate struct {
	URL string

	after atomic.Pointer[func(*ledger.Write)]

	who    string
	target string
	record *ledger.Record
	client *http.Client
	server *http.Server

	passed  atomic.Int64 // bytes, both ways
	severed atomic.Bool  // nothing passes any more
	mu      sync.Mutex
	at      int64  // strike when so many bytes have passed
	strike  func() // nil: never, or done
}

// NewGate makes a gate for a process of this name. Close it.
func NewGate(who, target string, record *ledger.Record) (*Gate, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Gate{
		URL: "http://" + listener.Addr().String(), who: who, target: target, record: record,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
	}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: time.Minute}
	go func() { _ = g.server.Serve(metered{listener, g}) }()
	return g, nil
}

// Close ends it.
func (g *Gate) Close() {
	_ = g.server.Close()
	g.client.CloseIdleConnections()
}

// Strike has f called once n more bytes have passed, exactly there; nil is
// never.
func (g *Gate) Strike(n int64, f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.strike = g.passed.Load()+n, f
}

// After has f called, from now on, when Elasticsearch has answered a write and
// before the process hears of it.
func (g *Gate) After(f func(*ledger.Write)) { g.after.Store(&f) }

// Sever lets nothing pass any more.
func (g *Gate) Sever() { g.severed.Store(true) }

// Passed is how many bytes have passed.
func (g *Gate) Passed() int64 { return g.passed.Load() }

// allowed is how many of n bytes may pass before the strike.
func (g *Gate) allowed(n int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.strike == nil {
		return n
	}
	return int(min(int64(n), max(g.at-g.passed.Load(), 1)))
}

// count notes that bytes have passed, and strikes when it is time.
func (g *Gate) count(n int) {
	now := g.passed.Add(int64(n))
	g.mu.Lock()
	f := g.strike
	if f == nil || now < g.at {
		g.mu.Unlock()
		return
	}
	g.strike = nil
	g.mu.Unlock()
	f()
}

// ServeHTTP passes a request on. What Elasticsearch has whole is carried out,
// even if the process is gone by then.
func (g *Gate) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(in.Context()), time.Minute)
	defer cancel()
	sent := &noted{from: in.Body, record: g.record}
	req, err := http.NewRequestWithContext(ctx, in.Method, g.target+in.URL.RequestURI(), sent)
	if err != nil {
		return
	}
	req.ContentLength, req.Header = in.ContentLength, in.Header.Clone()
	req.Header.Del("Accept-Encoding")
	if in.ContentLength == 0 {
		req.Body = http.NoBody
	}
	status, header, answer, err := g.pass(req)
	w, writes := ledger.Read(in.Method, in.URL.EscapedPath(), sent.body.Bytes())
	if !writes || sent.failed || int64(sent.body.Len()) < in.ContentLength { // a part is no request
		g.deliver(out, status, header, answer, err)
		return
	}
	w.Who, w.Received, w.Answered = g.who, sent.last, g.record.Now()
	w.Answer(status, answer)
	if err != nil {
		hangUp(out)
		g.resolve(ctx, &w, in.URL.EscapedPath(), sent.body.Bytes())
		g.record.Add(w)
		return
	}
	number := g.record.Add(w)
	if f := g.after.Load(); f != nil {
		(*f)(&w)
	}
	g.deliver(out, status, header, answer, nil)
	if in.Context().Err() == nil && !g.severed.Load() {
		g.record.Delivered(number)
	}
}

func (g *Gate) pass(req *http.Request) (status int, header http.Header, answer []byte, err error) {
	res, err := g.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, res.Header, answer, err
}

func (g *Gate) deliver(out http.ResponseWriter, status int, header http.Header, answer []byte, err error) {
	if err != nil {
		hangUp(out)
		return
	}
	for name, values := range header {
		out.Header()[name] = values
	}
	out.WriteHeader(status)
	_, _ = out.Write(answer)
}

// hangUp ends the connection without an answer.
func hangUp(out http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(out).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// resolve finds out what became of a write to a single document that had no
// answer because the node was killed: it is asked once it is back. What became
// of documents in bulk stays unknown.
func (g *Gate) resolve(ctx context.Context, w *ledger.Write, path string, body []byte) {
	w.Status, w.Unknown = 0, true
	if w.Bulk != nil {
		return
	}
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.target+path, nil)
		if err != nil {
			return
		}
		status, _, answer, err := g.pass(req)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		var doc struct {
			SeqNo  int64           `json:"_seq_no"`
			Source json.RawMessage `json:"_source"`
		}
		if status == http.StatusOK && json.Unmarshal(answer, &doc) == nil && same(doc.Source, body) {
			w.Unknown = false
			w.Answer(http.StatusOK, answer)
		}
		return
	}
}

func same(a, b []byte) bool {
	var x, y bytes.Buffer
	return errors.Join(json.Compact(&x, a), json.Compact(&y, b)) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// noted is the body of a request that is remembered.
type noted struct {
	from   io.ReadCloser
	record *ledger.Record
	body   bytes.Buffer
	last   time.Duration // when the last byte came
	failed bool          // it ended too early
}

func (n *noted) Read(p []byte) (int, error) {
	size, err := n.from.Read(p)
	n.body.Write(p[:size])
	n.last, n.failed = n.record.Now(), err != nil && err != io.EOF
	return size, err
}

func (n *noted) Close() error { return n.from.Close() }

package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Request is one that reached the second stage whole, and what became of it.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte // as the client sent it
	// Passed is what the server was sent and Reply what it answered; both are
	// nil when it was not asked. A change to an answer is not in Reply.
	Passed, Reply []byte
	// Status is the server's, or that of the answer given in its place; 0 when
	// the server could not be reached.
	Status int
}

// Answer is what a client gets in place of, or made of, the server's answer.
type Answer struct {
	// Status, Header and Body are the answer. The header is that of
	// Elasticsearch and JSON unless it is set.
	Status int
	Header http.Header
	Body   []byte
	// Send is passed on to the server in place of the request's body.
	Send []byte
	// Edit makes the answer of the server's. With Edit or Send the server is
	// asked; without, it never hears of the request.
	Edit func(status int, body []byte) (int, []byte)
	// Cut breaks the connection after so many bytes of the body, which its
	// length promises whole; -1 is after the headers. 0 is no cut.
	Cut int
}

// Text returns an answer of Elasticsearch.
func Text(status int, body string) *Answer { return &Answer{Status: status, Body: []byte(body)} }

// Refuse returns an answer by which Elasticsearch refuses a request.
func Refuse(status int, kind, reason string) *Answer {
	return Text(status, fmt.Sprintf(`{"error":{"type":%q,"reason":%q,"root_cause":[]},"status":%d}`, kind, reason, status))
}

// Cut returns the server's own answer, cut after n bytes of its body; -1 is
// after the headers. The server has carried the request out.
func Cut(n int) *Answer {
	return &Answer{Cut: n, Edit: func(status int, body []byte) (int, []byte) { return status, body }}
}

// Answer sets who decides about requests from now on. The function may be
// called by several connections at once; nil as its result passes the request
// on, and nil in its place lets all pass. It may read the request's body, and
// take its time.
func (p *Proxy) Answer(decide func(*http.Request) *Answer) {
	if decide == nil {
		p.gateway.decide.Store(nil)
		return
	}
	p.gateway.decide.Store(&decide)
}

// Requests returns the log: what came whole, in the order in which it was
// answered.
func (p *Proxy) Requests() []Request {
	p.gateway.mu.Lock()
	defer p.gateway.mu.Unlock()
	return append([]Request(nil), p.gateway.log...)
}

// Forget empties the log.
func (p *Proxy) Forget() {
	p.gateway.mu.Lock()
	defer p.gateway.mu.Unlock()
	p.gateway.log = nil
}

// gateway is the second stage.
type gateway struct {
	target    string
	transport *http.Transport
	decide    atomic.Pointer[func(*http.Request) *Answer]
	busy      atomic.Int64 // requests under way

	mu  sync.Mutex // guards log
	log []Request
}

// ServeHTTP passes a request on when it has all of it. What it passed on is
// carried out even if the client is gone by then, as by a real server.
func (g *gateway) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	g.busy.Add(1)
	defer g.busy.Add(-1)
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return // the client is gone
	}
	q := Request{Method: in.Method, Path: in.URL.Path, Query: in.URL.RawQuery, Header: in.Header, Body: body}
	a := g.answer(in, body)
	header := http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}}
	if a != nil && a.Header != nil {
		header = a.Header
	}
	if a == nil || a.Edit != nil || a.Send != nil {
		q.Passed = body
		if a != nil && a.Send != nil {
			q.Passed = a.Send
		}
		if header, err = g.pass(in, &q); err != nil {
			g.note(q)
			hangUp(out)
			return
		}
	}
	status, reply := q.Status, q.Reply
	switch {
	case a == nil:
	case a.Edit != nil:
		status, reply = a.Edit(status, reply)
	case a.Send == nil:
		q.Status, status, reply = a.Status, a.Status, a.Body
	}
	g.note(q) // before the client can know
	if a != nil && a.Cut != 0 {
		cut(out, status, header, reply, max(0, a.Cut))
		return
	}
	deliver(out, status, header, reply)
}

func (g *gateway) answer(in *http.Request, body []byte) *Answer {
	decide := g.decide.Load()
	if decide == nil {
		return nil
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	return (*decide)(in)
}

func (g *gateway) note(q Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.log = append(g.log, q)
}

// pass asks the server.
func (g *gateway) pass(in *http.Request, q *Request) (http.Header, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(in.Context()), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, in.Method, g.target+in.URL.RequestURI(), bytes.NewReader(q.Passed))
	if err != nil {
		return nil, err
	}
	req.Header = in.Header.Clone()
	req.Header.Del("Accept-Encoding")
	res, err := g.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	q.Status = res.StatusCode
	q.Reply, err = io.ReadAll(res.Body)
	return res.Header, err
}

func deliver(out http.ResponseWriter, status int, header http.Header, body []byte) {
	for name, values := range header {
		out.Header()[name] = values
	}
	out.Header().Set("Content-Length", strconv.Itoa(len(body)))
	out.WriteHeader(status)
	_, _ = out.Write(body) // the client may be gone
}

// cut delivers n bytes of a body and breaks the connection.
func cut(out http.ResponseWriter, status int, header http.Header, body []byte, n int) {
	conn, buffer, err := http.NewResponseController(out).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(buffer, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", status, http.StatusText(status), len(body))
	header = header.Clone()
	header.Del("Content-Length")
	_ = header.Write(buffer)
	_, _ = buffer.WriteString("\r\n")
	_, _ = buffer.Write(body[:min(n, max(0, len(body)-1))])
	_ = buffer.Flush()
}

// hangUp ends the connection without an answer.
func hangUp(out http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(out).Hijack(); err == nil {
		_ = conn.Close()
	}
}

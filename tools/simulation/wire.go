package simulation

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tributary-search/tributary/tools/simulation/model"
)

// wire is the network of one process, and the end of it: the cluster answers behind each connection.
type wire struct {
	world *World
	name  string

	mu    sync.Mutex
	links map[*link]bool
	dead  bool
	stall chan struct{} // closed when the network goes on; nil while it does
}

// link is one connection. Its near end is the process's.
type link struct {
	net.Conn
	wire  *wire
	far   net.Conn
	reset atomic.Bool
	gone  atomic.Bool  // the process has closed it
	sent  atomic.Int64 // when the process last began to write, in nanoseconds since 1970
}

func newWire(w *World, name string) *wire {
	return &wire{world: w, name: name, links: map[*link]bool{}}
}

func (w *wire) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if w.dead || w.world.weather.down() && w.name != user {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	near, far := net.Pipe()
	l := &link{Conn: near, wire: w, far: far}
	w.links[l] = true
	w.world.serving.Go(func() { w.serve(l) })
	return l, nil
}

// cut resets every connection.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for l := range w.links {
		l.kill()
	}
	clear(w.links)
}

// kill is the end of the process: nothing goes out or comes in any more.
func (w *wire) kill() {
	w.mu.Lock()
	w.dead = true
	w.mu.Unlock()
	w.resume()
	w.cut()
}

// freeze holds up everything that is sent, in both directions.
func (w *wire) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stall == nil {
		w.stall = make(chan struct{})
	}
}

func (w *wire) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stall != nil {
		close(w.stall)
		w.stall = nil
	}
}

func (w *wire) wait() {
	w.mu.Lock()
	stall := w.stall
	w.mu.Unlock()
	if stall != nil {
		<-stall
	}
}

func (l *link) kill() {
	l.reset.Store(true)
	_ = l.Conn.Close()
	_ = l.far.Close()
}

// Read is that of the process.
func (l *link) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	return n, l.broken("read", err)
}

// Write is that of the process. A frozen network takes the bytes late.
func (l *link) Write(p []byte) (int, error) {
	l.sent.Store(time.Now().UnixNano())
	l.wire.wait()
	n, err := l.Conn.Write(p)
	return n, l.broken("write", err)
}

// Close is that of the process.
func (l *link) Close() error {
	l.gone.Store(true)
	l.wire.mu.Lock()
	delete(l.wire.links, l)
	l.wire.mu.Unlock()
	return l.Conn.Close()
}

func (l *link) broken(op string, err error) error {
	if err != nil && l.reset.Load() && !l.gone.Load() {
		return &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNRESET}
	}
	return err
}

// serve answers the requests of one connection.
func (w *wire) serve(l *link) {
	defer l.far.Close()
	in := bufio.NewReader(l.far)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		if w.answer(l, req, body) != nil {
			l.kill()
			return
		}
	}
}

var errCut = errors.New("cut")

// answer carries a request out as the weather has it, and answers.
func (w *wire) answer(l *link, req *http.Request, body []byte) error {
	r := model.Request{Method: req.Method, Path: req.URL.Path, Query: req.URL.Query(), Body: body}
	f := w.world.weather.fate(w.name, r)
	time.Sleep(f.before)
	switch {
	case f.cut == beforeIt:
		return errCut
	case f.status > 0:
		return w.refuse(l, f, body)
	}
	r.Trouble = f.trouble
	status, answer := w.world.serve(l, r)
	time.Sleep(f.after)
	switch f.cut {
	case afterIt:
		return errCut
	case midway:
		head := head(status, len(answer))
		_, _ = l.far.Write(append(head, answer[:len(answer)/2]...)) // the connection ends anyway
		return errCut
	case garbled:
		status, answer = 200, []byte("<html><body>the proxy is tired</body></html>")
	}
	return w.write(l, status, answer, f.slices)
}

// refuse answers what is not carried out.
func (w *wire) refuse(l *link, f fate, body []byte) error {
	if f.large {
		w.world.oracle.refused(w.name, body)
	}
	text := fmt.Appendf(nil, `{"error":{"type":%q,"reason":%q},"status":%d}`, f.kind, cmp.Or(f.reason, "weather"), f.status)
	if f.status == http.StatusRequestEntityTooLarge {
		text = []byte("<html><head><title>413 Request Entity Too Large</title></head></html>")
	}
	return w.write(l, f.status, text, f.slices)
}

func head(status, length int) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		status, http.StatusText(status), length)
}

// write sends an answer, in small pieces if so said.
func (w *wire) write(l *link, status int, body []byte, slices bool) error {
	w.wait()
	all := append(head(status, len(body)), body...)
	if !slices {
		_, err := l.far.Write(all)
		return err
	}
	for part := range bytes.SplitAfterSeq(all, []byte{','}) {
		if _, err := l.far.Write(part); err != nil {
			return err
		}
	}
	return nil
}

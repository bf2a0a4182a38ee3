// Package relaytest gives tests of sources a network that breaks, below the
// driver: nothing of the source or of its server is replaced.
package relaytest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Relay stands between a source and its server, and passes bytes on until it is
// told not to. Tell it before the source connects.
type Relay struct {
	listener net.Listener
	server   string
	wait     sync.WaitGroup
	after    atomic.Int64 // bytes of the server on each connection; negative: any number
	cuts     atomic.Int64
	text     atomic.Pointer[[]byte]
	broken   atomic.Bool

	mu    sync.Mutex // guards conns
	conns map[net.Conn]bool
}

// New listens on a free port of 127.0.0.1 until the test ends, for the server
// with an address host:port.
func New(t testing.TB, server string) *Relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{listener: l, server: server, conns: map[net.Conn]bool{}}
	r.after.Store(-1)
	r.wait.Go(r.accept)
	t.Cleanup(func() {
		_ = l.Close()
		r.end()
		r.wait.Wait()
	})
	return r
}

// Port is where the source connects to, on 127.0.0.1.
func (r *Relay) Port() int { return r.listener.Addr().(*net.TCPAddr).Port }

// CutAfter ends each connection that is made from now on when the server has
// sent so many bytes on it; a negative number is no end.
func (r *Relay) CutAfter(bytes int64) { r.after.Store(bytes) }

// Cuts is how many connections ended because of [Relay.CutAfter].
func (r *Relay) Cuts() int64 { return r.cuts.Load() }

// BreakAt makes the server vanish for good when it sends a text, which must be
// sent as it is: what comes before it still passes, then all connections end,
// and new ones at once. A test that is over before has failed.
func (r *Relay) BreakAt(t testing.TB, text string) {
	b := []byte(text)
	r.text.Store(&b)
	t.Cleanup(func() {
		if !r.broken.Load() {
			t.Errorf("nobody read as far as %q, where the network was to break", text)
		}
	})
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.pass(client, server)
	}
}

// pass passes the bytes of one connection, in both directions.
func (r *Relay) pass(client, server net.Conn) {
	r.mu.Lock()
	r.conns[client], r.conns[server] = true, true
	r.mu.Unlock()
	if r.broken.Load() {
		r.end()
	}
	r.wait.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	r.wait.Go(func() {
		if n := r.after.Load(); n < 0 {
			_, _ = io.Copy(&watch{Conn: client, relay: r}, server)
		} else if _, err := io.CopyN(client, server, n); err == nil {
			r.cuts.Add(1)
		}
		_, _ = client.Close(), server.Close()
		r.mu.Lock()
		delete(r.conns, client)
		delete(r.conns, server)
		r.mu.Unlock()
	})
}

// end closes all connections.
func (r *Relay) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}

// watch looks at what the server sends for the text at which the relay breaks.
type watch struct {
	net.Conn
	relay *Relay
	seen  []byte // the last bytes, which may be the beginning of the text
}

// Write passes bytes on up to the text.
func (w *watch) Write(b []byte) (int, error) {
	text := w.relay.text.Load()
	if text == nil {
		return w.Conn.Write(b)
	}
	before := len(w.seen)
	w.seen = append(w.seen, b...)
	if at := bytes.Index(w.seen, *text); at >= 0 {
		_, _ = w.Conn.Write(b[:max(0, at-before)])
		w.relay.broken.Store(true)
		w.relay.end()
		return 0, io.ErrClosedPipe
	}
	w.seen = append(w.seen[:0], w.seen[max(0, len(w.seen)-len(*text)+1):]...)
	return w.Conn.Write(b)
}

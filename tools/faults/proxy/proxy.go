// Package proxy stands between a test and a server and breaks what passes, below
// the driver: the client under test sees what a bad network or a server in
// trouble shows it, and nothing of the client is replaced.
//
// It has two stages. The first one passes bytes and applies toxics to them: see
// [Proxy.Set]. The second one, where the upstream is an address of HTTP, passes
// whole requests, keeps a log of them and may answer in the server's place: see
// [Proxy.Answer] and [Proxy.Requests].
package proxy

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy is one. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	upstream string // host:port of the next stage
	toxics   atomic.Pointer[set]
	running  sync.WaitGroup

	gateway *gateway // nil where the upstream speaks something else than HTTP

	mu    sync.Mutex // guards what follows
	links map[*link]bool
	ended bool
}

// New listens on a free port of 127.0.0.1 until the test ends. An upstream that
// begins with http:// is spoken HTTP to; a plain host:port gets the bytes alone.
func New(t testing.TB, upstream string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("proxy: %v", err)
	}
	p := &Proxy{listener: listener, upstream: upstream, links: map[*link]bool{}}
	p.toxics.Store(newSet(nil))
	if strings.HasPrefix(upstream, "http://") {
		p.gateway = &gateway{target: strings.TrimSuffix(upstream, "/"), transport: &http.Transport{DisableCompression: true}}
		server := httptest.NewServer(p.gateway)
		p.upstream = server.Listener.Addr().String()
		t.Cleanup(func() {
			server.CloseClientConnections()
			server.Close()
			p.gateway.transport.CloseIdleConnections()
		})
	}
	p.running.Go(p.accept)
	t.Cleanup(p.close) // before the server's: cleanups run in reverse
	return p
}

// Addr returns host and port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns the address as that of an HTTP server.
func (p *Proxy) URL() string { return "http://" + p.Addr() }

// Set makes toxics work on all connections, on the bytes from now on; those set
// before end. Without toxics everything passes again, what a black hole held
// back included. Several work together, in no order that matters.
func (p *Proxy) Set(toxics ...Toxic) {
	now := newSet(toxics)
	before := p.toxics.Swap(now)
	close(before.over)
	if now.down() {
		p.reset()
	}
}

// Settle returns when no connection is left and no request is on its way to the
// server, so that the log is whole. Whoever holds connections closes them first.
func (p *Proxy) Settle() {
	for !p.settled() {
		time.Sleep(time.Millisecond)
	}
}

func (p *Proxy) settled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links) == 0 && (p.gateway == nil || p.gateway.busy.Load() == 0)
}

// reset breaks all connections.
func (p *Proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.reset()
	}
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		client := conn.(*net.TCPConn)
		if p.toxics.Load().down() {
			reset(client)
			continue
		}
		p.running.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client *net.TCPConn) {
	conn, err := net.Dial("tcp", p.upstream)
	if err != nil {
		reset(client) // as if the server were not there
		return
	}
	l := &link{proxy: p, client: client, server: conn.(*net.TCPConn), broken: make(chan struct{})}
	if !p.add(l) {
		l.reset()
		return
	}
	defer p.remove(l)
	var up sync.WaitGroup
	up.Go(func() { l.pass(Upstream, l.client, l.server) })
	l.pass(Downstream, l.server, l.client)
	up.Wait()
	l.close()
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.links[l] = true
	}
	return !p.ended
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.reset()
	p.running.Wait()
}

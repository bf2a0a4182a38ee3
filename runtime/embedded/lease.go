package embedded

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// leasePath is where other processes say that they use the node: the answer to GET ends when they or the node do.
const leasePath = "/_tributary/lease"

// leases counts the other processes that use a node.
type leases struct {
	mu     sync.Mutex
	held   int
	freed  chan struct{} // closed when none is held any more
	ending chan struct{}
	end    func() // closes ending: the node ends, and all leases with it
}

func newLeases() *leases {
	ending := make(chan struct{})
	return &leases{ending: ending, end: sync.OnceFunc(func() { close(ending) })}
}

// handler answers leasePath and leaves the rest to the node.
func (l *leases) handler(n *Node) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != leasePath || n.authenticate(r) != nil {
			n.serve(w, r)
			return
		}
		l.add(1)
		defer l.add(-1)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-l.ending:
		}
	})
}

func (l *leases) add(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == 0 {
		l.freed = make(chan struct{})
	}
	if l.held += n; l.held == 0 {
		close(l.freed)
	}
}

// current returns a channel that is closed when no lease is held any more; nil when none is.
func (l *leases) current() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == 0 {
		return nil
	}
	return l.freed
}

// AwaitOthers returns when no other process uses the node of this one, or when ctx ends. It calls waiting before the first wait.
// A process that ends its node without it leaves the others for as long without one as it takes them to go on with it.
func (a *Attached) AwaitOthers(ctx context.Context, waiting func()) {
	own := a.serving()
	if own == nil {
		return
	}
	for first := true; ctx.Err() == nil; first = false {
		freed := own.leases.current()
		if freed == nil {
			return
		}
		if first {
			waiting()
		}
		select {
		case <-freed:
		case <-ctx.Done():
		}
	}
}

// lease asks a node of another process to stay until the function it returns is called.
func (a address) lease() (*lease, error) {
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		ResponseHeaderTimeout: 2 * time.Second,
	}
	ctx, cancel := context.WithCancel(context.Background())
	body, err := a.get(ctx, transport)
	if err != nil {
		cancel()
		transport.CloseIdleConnections()
		return nil, err
	}
	return &lease{body: body, release: func() {
		cancel()
		_ = body.Close()
		transport.CloseIdleConnections()
	}}, nil
}

// get returns the answer to the request for a lease, which has no end.
func (a address) get(ctx context.Context, transport *http.Transport) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL+leasePath, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "ApiKey "+a.Key)
	res, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("X-Elastic-Product") != "Elasticsearch" {
		return nil, errors.Join(errors.New("what answers there is no node"), res.Body.Close())
	}
	return res.Body, nil
}

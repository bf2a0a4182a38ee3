package trial

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// gate stands between the program and Elasticsearch. The answer to one bulk
// request, which was carried out, never comes.
type gate struct {
	url    string
	closed chan struct{} // once the answer is held
	server *http.Server
}

// newGate holds the answer to the nth bulk request to an index.
func newGate(elasticsearch string, index string, nth int64) (*gate, error) {
	target, err := url.Parse(elasticsearch)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{url: "http://" + listener.Addr().String(), closed: make(chan struct{})}
	var seen atomic.Int64
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			if strings.HasPrefix(r.Request.URL.Path, "/"+index) && strings.HasSuffix(r.Request.URL.Path, "/_bulk") && seen.Add(1) == nth {
				close(g.closed)
				<-r.Request.Context().Done()
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	g.server = &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = g.server.Serve(listener) }()
	return g, nil
}

// await waits until the answer is held.
func (g *gate) await(ctx context.Context, r *Running) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("there are too few bulk requests"))
	defer cancel()
	select {
	case <-g.closed:
		return nil
	case <-r.ended:
		return errors.New("the service ended")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

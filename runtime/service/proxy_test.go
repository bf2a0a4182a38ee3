package service_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands before Elasticsearch and can fail as one does.
type proxy struct {
	url    string
	down   atomic.Bool // nobody answers
	answer atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	polls  atomic.Int64 // searches of connectors and jobs
	bulks  atomic.Int64
}

func newProxy(t *testing.T, target string) *proxy {
	u, err := url.Parse(target)
	require.NoError(t, err)
	through := httputil.NewSingleHostReverseProxy(u)
	through.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	transport := http.DefaultTransport.(*http.Transport).Clone()
	through.Transport = transport
	p := &proxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case p.down.Load():
			panic(http.ErrAbortHandler)
		case strings.HasPrefix(r.URL.Path, "/.elastic-connectors") && strings.HasSuffix(r.URL.Path, "/_search"):
			p.polls.Add(1)
		case strings.HasSuffix(r.URL.Path, "/_bulk"):
			p.bulks.Add(1)
		}
		if f := p.answer.Load(); f != nil && (*f)(w, r) {
			return
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { server.Close(); transport.CloseIdleConnections() })
	p.url = server.URL
	return p
}

// answers makes the proxy answer by itself where f returns true.
func (p *proxy) answers(f func(http.ResponseWriter, *http.Request) bool) { p.answer.Store(&f) }

// throughProxy puts a proxy between the services and Elasticsearch; the test's
// own client goes past it.
func (r *rig) throughProxy() *proxy {
	p := newProxy(r.t, r.url)
	r.url = p.url
	return p
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// refuse answers as Elasticsearch refuses a request.
func refuse(w http.ResponseWriter, status int, kind, reason string) {
	writeJSON(w, status, fmt.Sprintf(`{"error":{"type":%q,"reason":%q},"status":%d}`, kind, reason, status))
}

// counting counts requests from now on.
func (p *proxy) counting(n *atomic.Int64) {
	p.answers(func(http.ResponseWriter, *http.Request) bool { n.Add(1); return false })
}

// keyCount counts requests to content indices with some credentials, and
// refuses others.
func (p *proxy) keyCount(want string, n *atomic.Int64) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/search-") {
			return false
		}
		if r.Header.Get("Authorization") != want {
			refuse(w, 403, "security_exception", "another key")
			return true
		}
		n.Add(1)
		r.Header.Del("Authorization")
		return false
	}
}

package letters_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
)

// newServer is a server for a test, and its address.
func newServer(t *testing.T, answer http.HandlerFunc) string {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

// forward asks another server.
func forward(t *testing.T, upstream string, rw http.ResponseWriter, r *http.Request) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, upstream+r.URL.RequestURI(), r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header, req.ContentLength = r.Header.Clone(), r.ContentLength
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		rw.WriteHeader(http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	maps.Copy(rw.Header(), res.Header)
	rw.WriteHeader(res.StatusCode)
	_, _ = io.Copy(rw, res.Body)
}

package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// mostRedirects is how many are followed one after the other.
const mostRedirects = 5

// signer adds what only the API's own server may see, whatever a request was
// redirected to.
type signer struct {
	base   *url.URL
	auth   Auth
	header http.Header
	next   http.RoundTripper
}

func (s *signer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != s.base.Scheme || req.URL.Host != s.base.Host {
		return s.next.RoundTrip(req)
	}
	signed := req.Clone(req.Context())
	for name, values := range s.header {
		if _, own := signed.Header[name]; !own {
			signed.Header[name] = values
		}
	}
	if s.auth != nil {
		if err := s.auth.Sign(signed); err != nil {
			if req.Body != nil {
				_ = req.Body.Close() // a RoundTripper closes it, even in failure
			}
			return nil, &authError{err}
		}
	}
	return s.next.RoundTrip(signed)
}

// CloseIdleConnections is found by http.Client.
func (s *signer) CloseIdleConnections() {
	if c, ok := s.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// redirect follows a few redirections. To another server they go without
// credentials, and never from an encrypted connection to an open one.
func redirect(req *http.Request, via []*http.Request) error {
	if len(via) >= mostRedirects {
		return permanent{fmt.Errorf("more than %d redirections, the last to %s", mostRedirects, req.URL.Host)}
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return permanent{errors.New("the server redirects from https to http; nothing is sent without encryption")}
	}
	return nil
}

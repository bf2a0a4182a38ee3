package elastic

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// ConnectError is a request that got no answer from Elasticsearch. It says
// what to do, names the address without user and password, and holds no
// secret.
type ConnectError struct {
	Address string
	// Problem is what happened, Remedy what to do about it.
	Problem, Remedy string

	err       error
	transient bool // it may go away by itself
	unsent    bool // the request can't have reached the server
}

// Error is one line.
func (e *ConnectError) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.Address, e.Problem, e.Remedy)
}

// Unwrap returns the error below.
func (e *ConnectError) Unwrap() error { return e.err }

var errTimeout = errors.New("no answer in time")

// proxyError is a proxy that would not connect.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status))
}

func proxyRefused(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode != http.StatusOK {
		return &proxyError{res.StatusCode}
	}
	return nil
}

// connectError names the way in which a connection failed.
func (c *Client) connectError(ctx context.Context, req *http.Request, err error) error {
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTimeout) {
		return context.Cause(ctx)
	}
	e := &ConnectError{Address: c.Address(), err: err}
	if req.URL.Host != "" { // the transport chose this one
		e.Address = req.URL.Scheme + "://" + req.URL.Host
	}
	for _, explain := range []func(*ConnectError, error) bool{
		explainProxy, explainCertificate, explainProtocol, explainNetwork,
	} {
		if explain(e, err) {
			return e
		}
	}
	e.transient = true
	switch {
	case errors.Is(context.Cause(ctx), errTimeout):
		e.Problem = fmt.Sprintf("no answer within %s", c.timeout)
		e.Remedy = "see whether the server is overloaded, or raise elasticsearch.request_timeout"
	case broken(err) && !c.verified.Load() && strings.HasPrefix(e.Address, "http:"):
		e.Problem = "the connection was closed without an answer"
		e.Remedy = "if the server speaks TLS, write https:// in elasticsearch.host"
	case broken(err):
		e.Problem = "the connection broke"
		e.Remedy = "see the server's log, or that of the proxy before it"
	default:
		e.Problem = "the request failed: " + c.redact.Text(withoutURL(err))
		e.Remedy = "check elasticsearch.host and the network"
	}
	return e
}

// withoutURL is an error's text without the address that net/url puts in it.
func withoutURL(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}

func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "connection reset") || strings.Contains(err.Error(), "forcibly closed")
}

func explainProxy(e *ConnectError, err error) bool {
	var refused *proxyError
	var op *net.OpError
	e.Remedy = "check elasticsearch.proxy, or HTTPS_PROXY and NO_PROXY in the environment"
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusProxyAuthRequired:
		e.Problem = "the proxy wants a user and a password"
		e.Remedy = "write them in elasticsearch.proxy: http://user:password@host:port"
	case errors.As(err, &refused):
		e.Problem = refused.Error()
		e.transient = transient(refused.status)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		e.Problem = "the proxy can't be reached: " + op.Err.Error()
	default:
		return false
	}
	e.unsent = true
	return true
}

func explainCertificate(e *ConnectError, err error) bool {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(err, errFingerprint):
		e.Problem = "no certificate of the server has the configured fingerprint"
		e.Remedy = "compare elasticsearch.ca_fingerprint with: openssl x509 -fingerprint -sha256 -noout -in http_ca.crt"
	case errors.As(err, &unknown):
		e.Problem = "the certificate is signed by an unknown authority"
		e.Remedy = "set elasticsearch.ca_certs to the authority's file (such as http_ca.crt), or elasticsearch.ca_fingerprint"
	case errors.As(err, &name):
		e.Problem = "the certificate is for another name: " + name.Error()
		e.Remedy = "use a name that the certificate holds in elasticsearch.host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.Problem = "the certificate is expired or not yet valid"
		e.Remedy = "renew the server's certificate, and check this machine's clock"
	case errors.As(err, &invalid):
		e.Problem = "the certificate is not valid: " + invalid.Error()
		e.Remedy = "replace the server's certificate"
	default:
		return false
	}
	e.unsent = true
	return true
}

func explainProtocol(e *ConnectError, err error) bool {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := err.Error()
	switch {
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		e.Problem = "the server does not speak TLS on this port"
		e.Remedy = "write http:// in elasticsearch.host"
	case strings.Contains(text, "malformed HTTP"):
		e.Problem = "the server does not speak HTTP on this port"
		e.Remedy = "if it speaks TLS, write https:// in elasticsearch.host; check the port"
	case errors.As(err, &alert) || strings.Contains(text, "remote error: tls"):
		e.Problem = "the server refused the TLS handshake: " + withoutURL(err)
		e.Remedy = "it may want a client certificate or another TLS version; see its log"
	default:
		return false
	}
	e.unsent = true
	return true
}

func explainNetwork(e *ConnectError, err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		e.Problem = "the host name " + dns.Name + " can't be resolved"
		e.Remedy = "check the spelling of elasticsearch.host, and the network"
		e.transient = dns.IsTemporary || dns.IsTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Problem = "the connection was refused"
		e.Remedy = "see whether Elasticsearch runs there, and check the port in elasticsearch.host"
		e.transient = true
	case errors.As(err, &op) && op.Op == "dial":
		e.Problem = "the connection can't be made: " + op.Err.Error()
		e.Remedy = "check elasticsearch.host, the network and firewalls"
		e.transient = true
	default:
		return false
	}
	e.unsent = true
	return true
}

// Package rest is how sources speak to HTTP APIs: requests that are repeated
// when that may help, throttled the way the server asks for, signed for one
// server only, and answered by values, streams or an [Error].
//
// What pages of answers are read with is in runtime/page.
package rest

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Options say how an API is spoken to. Zero fields mean the default.
type Options struct {
	// URL is the address that paths are resolved against, such as
	// https://api.example.com/v1. Credentials and Header go to its host alone.
	URL string
	// Auth signs requests; nil is none. See [Bearer] and its neighbours.
	Auth Auth
	// Header is sent with every request.
	Header http.Header
	// CACert is the certificate of the authority to trust, in PEM form; empty:
	// those that this machine trusts.
	CACert string
	// Retry bounds how often a request is repeated.
	Retry Retry
	// Rate is how many requests a second are sent at most; 0 is no limit.
	Rate float64
	// Concurrency is how many requests wait for an answer at once; 8.
	Concurrency int
	// Timeout is for one attempt, until the answer begins, or until it was read
	// where the client reads it; one minute.
	Timeout time.Duration
	// MaxBytes is how long an answer may be that is read into memory,
	// decompressed; 64 MiB.
	MaxBytes int64
	// Throttled recognises how an API says that it had enough requests, if
	// it has a way of its own: by the head of an answer that is no success and
	// by what it says (see Reason of [Error]). It returns how long to wait. 429,
	// and 503 with Retry-After, are known without it.
	Throttled func(resp *http.Response, reason string) (wait time.Duration, throttled bool)
}

const (
	defaultConcurrency = 8
	defaultTimeout     = time.Minute
	defaultMaxBytes    = 64 << 20
)

// Client sends the requests of one source to one API. It is safe for
// concurrent use.
type Client struct {
	options Options
	base    *url.URL
	http    *http.Client
	rate    *rate.Limiter
	slots   chan struct{} // one for each request that waits for its answer
	silence silence
	log     *slog.Logger
	now     func() time.Time
}

// New returns a client that sends through the runtime's own. It makes no
// request.
func New(deps connector.Deps, o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(o.URL, "/"))
	switch {
	case err != nil:
		return nil, errors.New("the URL can't be read; it should look like https://api.example.com/v1") // err quotes it, with its password
	case base.Scheme != "http" && base.Scheme != "https", base.Host == "":
		return nil, errors.New("the URL must begin with https:// (or http://) and name a host")
	case base.User != nil:
		return nil, errors.New("the URL holds a user or a password; use the fields that are made for them")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	o.Concurrency = cmp.Or(o.Concurrency, defaultConcurrency)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.Retry = o.Retry.orDefault()
	c := &Client{
		options: o, base: base, rate: rate.NewLimiter(rate.Inf, 0),
		slots: make(chan struct{}, o.Concurrency), log: deps.Log, now: deps.Now,
	}
	if o.Rate > 0 {
		c.rate = rate.NewLimiter(rate.Limit(o.Rate), max(1, int(o.Rate)))
	}
	next, err := transport(deps.HTTP, o.CACert)
	if err != nil {
		return nil, err
	}
	c.http = &http.Client{Transport: &signer{base: base, auth: o.Auth, header: o.Header, next: next}, CheckRedirect: redirect}
	return c, nil
}

// As returns a client that signs in another way. It shares connections and
// limits with this one, but not the silence that a server asked for, since
// quotas are an account's.
func (c *Client) As(auth Auth) *Client {
	other := &Client{options: c.options, base: c.base, rate: c.rate, slots: c.slots, log: c.log, now: c.now}
	other.options.Auth = auth
	signed := *c.http.Transport.(*signer)
	signed.auth = auth
	other.http = &http.Client{Transport: &signed, CheckRedirect: redirect}
	return other
}

// Close closes the connections that nobody uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// transport is the runtime's own or, where there is a certificate to trust, one
// like it.
func transport(lent *http.Client, caCert string) (http.RoundTripper, error) {
	next := http.DefaultTransport
	if lent != nil && lent.Transport != nil {
		next = lent.Transport
	}
	if caCert == "" {
		return next, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(caCert)) {
		return nil, errors.New("the SSL certificate holds no certificate in PEM form; it begins with -----BEGIN CERTIFICATE-----")
	}
	if t, ok := next.(interface {
		Trusting(*x509.CertPool) http.RoundTripper
	}); ok {
		return t.Trusting(pool), nil
	}
	own, ok := next.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("an SSL certificate can't be used with a transport of type %T", next)
	}
	own = own.Clone()
	if own.TLSClientConfig == nil {
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	own.TLSClientConfig.RootCAs = pool
	return own, nil
}

// URL resolves a path, or takes an address of the same server as it is, such as
// the one of a next page. One of another server is an error: it would be read
// as if it were the API's own.
func (c *Client) URL(path string, query url.Values) (string, error) {
	u := *c.base
	switch {
	case strings.Contains(path, "://"):
		given, err := url.Parse(path)
		if err != nil {
			return "", errors.New("an address that the server gave can't be read")
		}
		if given.Scheme != c.base.Scheme || given.Host != c.base.Host || given.User != nil {
			return "", fmt.Errorf("the server gave an address of another server, %s; it is not followed", given.Host)
		}
		u = *given
	case path != "":
		joined, err := url.Parse(c.base.String() + "/" + strings.TrimLeft(path, "/"))
		if err != nil {
			return "", fmt.Errorf("the path %q can't be part of an address", path)
		}
		u = *joined
	}
	if len(query) > 0 {
		all := u.Query()
		for name, values := range query {
			all[name] = values
		}
		u.RawQuery = all.Encode()
	}
	return u.String(), nil
}

// Path joins the parts of a path, each escaped, so that no name of a thing
// leaves its place.
func Path(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteByte('/')
		switch part {
		case ".", "..": // would be taken for a way, escaped or not
			b.WriteString(strings.ReplaceAll(part, ".", "%2E"))
		default:
			b.WriteString(url.PathEscape(part))
		}
	}
	return b.String()
}

// enter waits until a request may be sent: the server's silence is over, the
// rate allows it, and few enough others wait for an answer.
func (c *Client) enter(ctx context.Context) (leave func(), err error) {
	if err := c.silence.wait(ctx, c.now); err != nil {
		return nil, err
	}
	if err := c.rate.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("wait for the rate limit: %w", err)
	}
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

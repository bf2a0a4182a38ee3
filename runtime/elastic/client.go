package elastic

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"

	"github.com/tributary-search/tributary/runtime/connector"
)

const (
	mediaJSON = "application/vnd.elasticsearch+json; compatible-with=8"
	mediaBulk = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"

	productHeader = "X-Elastic-Product"
	product       = "Elasticsearch"
)

// maxAnswer bounds an answer that is read whole.
const maxAnswer = 64 << 20

// Client sends requests to one cluster. It is safe for concurrent use.
type Client struct {
	transport *elastictransport.Client
	conns     *http.Transport
	addresses []*url.URL
	timeout   time.Duration
	retry     Retry
	chance    func(below time.Duration) time.Duration
	compress  bool
	log       *slog.Logger
	redact    connector.Redactor // of the credentials
	verified  atomic.Bool        // the product header was seen
}

// New makes a client. It makes no request; errors are about the configuration
// and name the setting.
func New(cfg Config) (*Client, error) {
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	if cfg.Chance == nil {
		cfg.Chance = rand.N[time.Duration]
	}
	addresses, err := cfg.addresses()
	if err != nil {
		return nil, err
	}
	header, err := cfg.header()
	if err != nil {
		return nil, err
	}
	conns, err := cfg.connections(addresses)
	if err != nil {
		return nil, err
	}
	transport, err := elastictransport.NewClient(
		elastictransport.WithURLs(addresses...),
		elastictransport.WithHeader(header),
		elastictransport.WithTransport(conns),
		elastictransport.WithDisableRetry(), // retries here know what may be repeated
		elastictransport.WithUserAgent(cmp.Or(cfg.UserAgent, "tributary")),
	)
	if err != nil {
		return nil, fmt.Errorf("set up the client of Elasticsearch: %w", err)
	}
	return &Client{
		transport: transport, conns: conns, addresses: addresses,
		timeout: cmp.Or(cfg.Timeout, defaultTimeout),
		retry:   cfg.Retry.or(requestRetry), chance: cfg.Chance, compress: cfg.Compress, log: cfg.Log,
		redact: cfg.redactor(header),
	}, nil
}

// connections is HTTP/1.1 only: a bulk flusher is better off with a
// connection of its own than with a stream of a shared one.
func (c *Config) connections(hosts []*url.URL) (*http.Transport, error) {
	proxy, err := c.proxy()
	if err != nil {
		return nil, err
	}
	tlsConfig, err := c.tlsConfig(hosts)
	if err != nil {
		return nil, err
	}
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyRefused,
		DialContext:            dial,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        55 * time.Second,
		DisableCompression:     !c.Compress,
		WriteBufferSize:        64 << 10,
		ReadBufferSize:         32 << 10,
	}, nil
}

// Logging returns a client with another logger that shares the connections of
// this one, which alone is to be closed.
func (c *Client) Logging(log *slog.Logger) *Client {
	other := &Client{
		transport: c.transport, conns: c.conns, addresses: c.addresses,
		timeout: c.timeout, retry: c.retry, chance: c.chance, compress: c.compress, log: log, redact: c.redact,
	}
	other.verified.Store(c.verified.Load())
	return other
}

// Close ends idle connections.
func (c *Client) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.transport.Close(ctx)
	c.conns.CloseIdleConnections()
}

// Address is the first address of the cluster, without user and password.
func (c *Client) Address() string { return c.addresses[0].String() }

// request is one request. Its path starts with a slash.
type request struct {
	method, path string
	// raw is the path with what needs it escaped, where a part of it holds a
	// slash of its own.
	raw   string
	query string // encoded
	body  []byte
	lines bool // the body is lines of JSON
	// origin names Tributary as a connector service, which may use the
	// indices that are Elasticsearch's own.
	origin bool
	// once marks what must not be repeated when its outcome is unknown.
	once bool
	// room is memory for the answer's body, which may be used again.
	room []byte
}

// answer is an answer that was read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request, again while that may help, and returns the answer if
// its status is below 300. Otherwise the error is an [*Error] or a
// [*ConnectError], or the context's cause.
func (c *Client) call(ctx context.Context, r request) (answer, error) {
	left := c.start(c.retry)
	for {
		a, err := c.try(ctx, r)
		if err == nil {
			return a, nil
		}
		if ctx.Err() != nil {
			return a, context.Cause(ctx)
		}
		if !c.again(r, err) || !left.wait(ctx, retryAfter(a.header)) {
			if ctx.Err() != nil {
				return a, context.Cause(ctx)
			}
			return a, err
		}
		c.log.Debug("request to Elasticsearch is repeated", "method", r.method, "path", r.path, "error", err)
	}
}

func (c *Client) again(r request, err error) bool {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.transient() && (!r.once || refused.Status == http.StatusTooManyRequests)
	}
	var broken *ConnectError
	return errors.As(err, &broken) && broken.transient && (!r.once || broken.unsent)
}

// try sends a request once.
func (c *Client) try(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errTimeout)
	defer cancel()
	req := c.request(ctx, r)
	if r.body != nil {
		body := bytes.NewReader(r.body)
		req.Body, req.ContentLength = io.NopCloser(body), int64(len(r.body))
		req.Header.Set("Content-Type", r.media())
	}
	res, err := c.transport.Perform(req)
	if err != nil {
		return answer{}, c.connectError(ctx, req, err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = readAll(r.room, res.Body, maxAnswer); errors.Is(err, errTooLong) {
		return a, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	} else if err != nil {
		return a, c.connectError(ctx, req, err)
	}
	return a, c.check(r.method, r.path, res, a.body)
}

var errTooLong = errors.New("the answer is too long")

// readAll reads into buf from its start, and grows it as needed up to most
// bytes.
func readAll(buf []byte, r io.Reader, most int) ([]byte, error) {
	buf = buf[:0]
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(4096, len(buf)))
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf, err
		case len(buf) > most:
			return buf, errTooLong
		}
	}
}

func (r request) media() string {
	if r.lines {
		return mediaBulk
	}
	return mediaJSON
}

// request makes an HTTP request without body.
func (c *Client) request(ctx context.Context, r request) *http.Request {
	req := &http.Request{
		Method: r.method, URL: &url.URL{Path: r.path, RawPath: r.raw, RawQuery: r.query},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Accept": {mediaJSON}},
	}
	if r.origin {
		req.Header.Set("X-Elastic-Product-Origin", "connectors")
	}
	return req.WithContext(ctx)
}

// check turns an answer that is no success into an error. The first success
// must say that it comes from Elasticsearch.
func (c *Client) check(method, path string, res *http.Response, body []byte) error {
	if res.StatusCode >= 300 {
		return c.statusError(method, path, res, body)
	}
	if c.verified.Load() {
		return nil
	}
	if res.Header.Get(productHeader) != product {
		return c.notElasticsearch(body)
	}
	c.verified.Store(true)
	return nil
}

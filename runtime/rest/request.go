package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Get asks for a path and returns the answer, a success; the caller closes its
// body. accept is the media type that is wanted; empty is JSON. Get repeats the
// request until the answer begins; a body that breaks off is the caller's: see
// [Client.JSON] for answers that fit into memory.
func (c *Client) Get(ctx context.Context, path string, query url.Values, accept string) (*http.Response, error) {
	return c.send(ctx, call{method: http.MethodGet, path: path, query: query, accept: accept})
}

// JSON asks for a path and decodes the answer into a value, all of it or
// nothing: one that breaks off is asked for again. It returns the header.
func (c *Client) JSON(ctx context.Context, path string, query url.Values, into any) (http.Header, error) {
	return c.decode(ctx, call{method: http.MethodGet, path: path, query: query}, into)
}

// Decode asks for a path and lets read take the answer as it comes from the
// network, for what is long but boils down to little: see [Object] and [List].
// When the answer breaks off, it is asked for again and read begins anew. An
// error of read that is not the network's ends the request.
func (c *Client) Decode(ctx context.Context, path string, query url.Values, read func(*json.Decoder) error) (http.Header, error) {
	k := call{method: http.MethodGet, path: path, query: query}
	k.read = func(resp *http.Response) error { return decoded(resp, read) }
	resp, err := c.send(ctx, k) //nolint:bodyclose // what k.read has taken is closed
	if err != nil {
		return nil, err
	}
	return resp.Header, nil
}

func decoded(resp *http.Response, read func(*json.Decoder) error) error {
	from := &watched{Reader: resp.Body}
	err := read(json.NewDecoder(from))
	switch {
	case err == nil || from.err != nil && !errors.Is(from.err, io.EOF):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return permanent{fmt.Errorf("the answer (%s): %w", mediaType(resp), err)}
}

// watched remembers how reading ended.
type watched struct {
	io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.err = err
	return n, err
}

// Post sends a value as JSON and decodes the answer. A request that the server
// may have carried out is repeated only if the caller says that this does no
// harm, as with a search.
func (c *Client) Post(ctx context.Context, path string, value, into any, repeatable bool) (http.Header, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("POST %s: %w", path, err)
	}
	return c.decode(ctx, call{method: http.MethodPost, path: path, body: body, once: !repeatable}, into)
}

// call is one request, as often as it is sent.
type call struct {
	method, path string
	accept       string
	query        url.Values
	body         []byte
	once         bool // must not be carried out twice
	// read takes the answer before the attempt counts as done; nil leaves the
	// body to the caller.
	read func(*http.Response) error
}

func (c *Client) decode(ctx context.Context, k call, into any) (http.Header, error) {
	k.read = func(resp *http.Response) error { return c.readJSON(resp, into) }
	resp, err := c.send(ctx, k) //nolint:bodyclose // what k.read has taken is closed
	if err != nil {
		return nil, err
	}
	return resp.Header, nil
}

// readJSON reads a whole answer.
func (c *Client) readJSON(resp *http.Response, into any) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, c.options.MaxBytes+1))
	switch {
	case err != nil:
		return err
	case int64(len(text)) > c.options.MaxBytes:
		return permanent{fmt.Errorf("the answer is longer than %d MiB; ask for smaller pages", c.options.MaxBytes>>20)}
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return permanent{fmt.Errorf("the answer (%s) is not the JSON that is expected: %w", mediaType(resp), err)}
	}
	return nil
}

func mediaType(resp *http.Response) string {
	if t := resp.Header.Get("Content-Type"); t != "" {
		return t
	}
	return "without a media type"
}

// permanent is an error that the same request meets again.
type permanent struct{ error }

func (e permanent) Unwrap() error { return e.error }

// send repeats a request until it succeeds, or further attempts are of no use.
func (c *Client) send(ctx context.Context, k call) (*http.Response, error) {
	address, err := c.URL(k.path, k.query)
	if err != nil {
		return nil, err
	}
	var waited time.Duration
	renewed := false
	for attempt := 1; ; attempt++ {
		resp, signed, err := c.attempt(ctx, k, address)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var pause time.Duration
		switch v := c.judge(k, resp, err); {
		case v == again && attempt < c.options.Retry.Attempts:
			pause = c.options.Retry.pause(attempt)
		case v == later:
			wait, _ := c.throttled(resp, refusedFor(err))
			pause = c.options.Retry.pause(attempt)
			if waited += wait + pause; waited > c.options.Retry.Patience || wait == 0 && attempt >= c.options.Retry.Attempts {
				return nil, tooLong(err, wait)
			}
			c.hush(wait, address)
			if wait > 0 {
				attempt-- // the server said when; that is no failure
			}
		case v == renew && !renewed && c.options.Auth != nil && c.options.Auth.Refused(signed):
			renewed = true
		default:
			return nil, err
		}
		c.log.Debug("request repeated", "method", k.method, "path", k.path, "because", err, "after", pause)
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// verdict is what to do about an attempt that failed.
type verdict int

const (
	stop  verdict = iota
	again         // soon
	later         // when the server wants requests again
	renew         // with new credentials
)

func (c *Client) judge(k call, resp *http.Response, err error) verdict {
	var refused *Error
	if resp == nil || !errors.As(err, &refused) { // an [Error] within may be that of a token
		if errors.As(err, new(permanent)) || errors.As(err, new(*authError)) || k.once {
			return stop
		}
		return again // the connection
	}
	if _, is := c.throttled(resp, refusedFor(err)); is {
		return later
	}
	switch {
	case refused.Status == http.StatusUnauthorized:
		return renew
	case passing(refused.Status) && !k.once:
		return again
	}
	return stop
}

// tooLong is the error of a request whose server asks for more patience than
// there is.
func tooLong(err error, wait time.Duration) error {
	var refused *Error
	if errors.As(err, &refused) {
		refused.Wait = wait
	}
	return err
}

// hush keeps all requests back for as long as the server wants none.
func (c *Client) hush(wait time.Duration, address string) {
	if wait <= 0 {
		return
	}
	c.silence.keep(c.now().Add(wait))
	if u, err := url.Parse(address); err == nil {
		c.log.Info("the server wants no requests for a while", "host", u.Host, "wait", wait.Round(time.Second))
	}
}

// attempt sends a request once. With an error that is an [Error] it returns the
// answer, closed, and the request as it was signed.
func (c *Client) attempt(ctx context.Context, k call, address string) (_ *http.Response, signed *http.Request, err error) {
	leave, err := c.enter(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(c.options.Timeout, func() { cancel(errTimeout) })
	defer timer.Stop()
	req, err := c.request(ctx, k, address)
	if err != nil {
		cancel(nil)
		return nil, nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		defer cancel(nil)
		return nil, nil, fmt.Errorf("%s %s: %w", k.method, cmp.Or(req.URL.Path, "/"), cause(ctx, err))
	}
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		err = refusal(resp)
	case k.read != nil:
		if err = k.read(resp); err != nil {
			err = fmt.Errorf("%s %s: %w", k.method, cmp.Or(req.URL.Path, "/"), cause(ctx, err))
		}
	default:
		resp.Body = newBody(ctx, resp.Body, c.options.Timeout, cancel)
		return resp, resp.Request, nil
	}
	_ = resp.Body.Close()
	cancel(nil)
	return resp, resp.Request, err
}

func (c *Client) request(ctx context.Context, k call, address string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, k.method, address, bytes.NewReader(k.body))
	if err != nil {
		return nil, permanent{fmt.Errorf("%s %s: %w", k.method, k.path, withoutURL(err))}
	}
	req.Header.Set("Accept", cmp.Or(k.accept, "application/json"))
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

var errTimeout = errors.New("no answer in time")

// cause is why an exchange failed, without the address.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return withoutURL(err)
}

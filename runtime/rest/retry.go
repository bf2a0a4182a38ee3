package rest

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Retry bounds how often one request is repeated. The wait before attempt n is
// random between 0 and Base·2ⁿ, at most Max ("full jitter"). Zero fields mean the
// default.
type Retry struct {
	// Attempts is how often a request is sent at most, the first time included;
	// 4. Waits that the server asked for do not count.
	Attempts int
	// Base and Max bound one wait: 500 ms and 30 s.
	Base, Max time.Duration
	// Patience is how long one request waits in all when the server asks for
	// it; 70 minutes, since the quotas of many APIs are for an hour.
	Patience time.Duration
}

func (r Retry) orDefault() Retry {
	return Retry{
		Attempts: cmp.Or(r.Attempts, 4), Base: cmp.Or(r.Base, 500*time.Millisecond), Max: cmp.Or(r.Max, 30*time.Second),
		Patience: cmp.Or(r.Patience, 70*time.Minute),
	}
}

// pause is how long to wait before an attempt; the second one is 1.
func (r Retry) pause(attempt int) time.Duration {
	ceiling := r.Max
	if attempt < 20 {
		ceiling = min(r.Max, r.Base<<attempt)
	}
	return rand.N(max(ceiling, 1))
}

// sleep returns the cause when ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// silence is until when a server wants no request.
type silence struct {
	mu    sync.Mutex
	until time.Time
}

func (s *silence) keep(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.until) {
		s.until = until
	}
}

func (s *silence) wait(ctx context.Context, now func() time.Time) error {
	for {
		s.mu.Lock()
		left := s.until.Sub(now())
		s.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// throttled reports whether an answer says that there were too many requests,
// and how long the server wants none.
func (c *Client) throttled(resp *http.Response, reason string) (time.Duration, bool) {
	if c.options.Throttled != nil {
		if wait, is := c.options.Throttled(resp, reason); is {
			return wait, true
		}
	}
	wait, asked := RetryAfter(resp.Header, c.now())
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return wait, true
	case http.StatusServiceUnavailable:
		return wait, asked
	}
	return 0, false
}

// RetryAfter reads the header Retry-After, seconds or a date (RFC 9110, section
// 10.2.3), and reports whether there is one.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(0, min(seconds, 1<<30))) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

// passing reports whether an answer may be another one later.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

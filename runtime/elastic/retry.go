package elastic

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"
)

// Retry limits how often something is tried again. The wait before attempt n
// is random between 0 and Base·2ⁿ, at most Max ("full jitter"). Zero fields
// mean the default of the place.
type Retry struct {
	// Attempts is how often it is tried at most, the first time included.
	Attempts int
	// Elapsed is the time after which it is not tried again.
	Elapsed time.Duration
	// Base and Max bound one wait.
	Base, Max time.Duration
}

// or fills zero fields.
func (r Retry) or(d Retry) Retry {
	return Retry{
		Attempts: cmp.Or(r.Attempts, d.Attempts), Elapsed: cmp.Or(r.Elapsed, d.Elapsed),
		Base: cmp.Or(r.Base, d.Base), Max: cmp.Or(r.Max, d.Max),
	}
}

// requestRetry is for single requests, bulkRetry for batches of a sync, which
// outlive a restart of a node.
var (
	requestRetry = Retry{Attempts: 5, Elapsed: time.Minute, Base: 250 * time.Millisecond, Max: 5 * time.Second}
	bulkRetry    = Retry{Attempts: 20, Elapsed: 5 * time.Minute, Base: 500 * time.Millisecond, Max: 30 * time.Second}
)

// budget is what is left of a Retry.
type budget struct {
	Retry
	chance  func(below time.Duration) time.Duration
	tried   int
	started time.Time
	eased   int // by how many doublings the waits are shorter
}

func (c *Client) start(r Retry) budget {
	return budget{Retry: r, chance: c.chance, started: time.Now()}
}

// wait reports whether there may be another attempt, after having waited for
// it. It returns early, with false, when ctx ends.
func (b *budget) wait(ctx context.Context, atLeast time.Duration) bool {
	b.tried++
	if b.tried >= b.Attempts || time.Since(b.started) >= b.Elapsed {
		return false
	}
	return sleep(ctx, b.pause(atLeast))
}

// pause is how long to wait before the next attempt.
func (b *budget) pause(atLeast time.Duration) time.Duration {
	ceiling := b.Max
	if shift := b.tried - 1; shift < 20 {
		ceiling = min(b.Max, b.Base<<shift>>b.eased)
	}
	return max(b.chance(max(ceiling, 1)), min(atLeast, b.Max))
}

// relent starts anew after progress, with shorter waits: the server does not
// stand still.
func (b *budget) relent() { b.tried, b.started, b.eased = 1, time.Now(), easing }

// easing makes the first wait after progress a sixteenth of the usual first one.
const easing = 5

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// transient reports whether an answer says that the same request may succeed
// later.
func transient(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter is the wait that an answer asks for, in seconds or until a date.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}

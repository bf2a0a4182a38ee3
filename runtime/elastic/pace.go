package elastic

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pace is how many requests may be under way at once, never more than there are
// flushers: half of them when the server refuses for its load (429), and one
// more for each round of requests that it takes. Requests that were under way
// together and are refused together halve once. While the server asks for a
// rest (Retry-After), none begins.
//
// It also holds how large a request may be, once the server has refused one for
// its size.
type pace struct {
	mu                   sync.Mutex
	most, limit, running int
	good                 int           // requests taken since limit changed
	turn                 int           // counts the halvings
	rest                 time.Time     // none begins before
	freed                chan struct{} // closed and replaced when a place gets free

	bytes atomic.Int64 // 0: as large as configured
}

// load is what an answer says about the server's load.
type load uint8

const (
	light   load = iota // everything was taken
	unclear             // some was refused, or nothing is known
	heavy
)

func newPace(most int) *pace {
	return &pace{most: most, limit: most, freed: make(chan struct{})}
}

// enter waits for a place and returns what to leave it with. It fails only with
// the context's cause.
func (p *pace) enter(ctx context.Context) (turn int, err error) {
	for {
		p.mu.Lock()
		rest, freed := time.Until(p.rest), p.freed
		if rest <= 0 && p.running < p.limit {
			p.running++
			turn = p.turn
			p.mu.Unlock()
			return turn, nil
		}
		p.mu.Unlock()
		if rest > 0 {
			if !sleep(ctx, rest) {
				return 0, context.Cause(ctx)
			}
			continue
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// leave gives the place back, says how the request ended, and for how long the
// server asks for a rest.
func (p *pace) leave(turn int, l load, rest time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if until := time.Now().Add(rest); rest > 0 && until.After(p.rest) {
		p.rest = until
	}
	switch l {
	case heavy:
		if turn == p.turn {
			p.turn++
			p.limit, p.good = max(1, p.limit/2), 0
		}
	case light:
		if p.good++; p.good >= p.limit {
			p.limit, p.good = min(p.most, p.limit+1), 0
		}
	}
	close(p.freed)
	p.freed = make(chan struct{})
}

// most is how many bytes a request has at most.
func (b *Bulk) most() int {
	if n := b.pace.bytes.Load(); n > 0 {
		return int(n)
	}
	return b.options.MaxBytes
}

// lower makes requests smaller after one of so many bytes was too large. The
// server takes some number of bytes below that, so half of it is not much less
// than it takes, however often this is called.
func (p *pace) lower(size int64) {
	half := max(1, size/2)
	for {
		now := p.bytes.Load()
		if now > 0 && now <= half || p.bytes.CompareAndSwap(now, half) {
			return
		}
	}
}

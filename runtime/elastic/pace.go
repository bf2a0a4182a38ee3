package elastic

import (
	"context"
	"sync"
)

// pace is how many requests may be under way at once: half of them after the
// server refused one for its load (429), one more after every success, and
// never more than there are flushers.
type pace struct {
	mu                   sync.Mutex
	most, limit, running int
	freed                chan struct{} // closed and replaced when a place gets free
}

func newPace(most int) *pace {
	return &pace{most: most, limit: most, freed: make(chan struct{})}
}

// enter waits for a place. It fails only with the context's cause.
func (p *pace) enter(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.running < p.limit {
			p.running++
			p.mu.Unlock()
			return nil
		}
		freed := p.freed
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave gives the place back and says how the request ended.
func (p *pace) leave(refused, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	switch {
	case refused:
		p.limit = max(1, p.limit/2)
	case !failed:
		p.limit = min(p.most, p.limit+1)
	}
	close(p.freed)
	p.freed = make(chan struct{})
}

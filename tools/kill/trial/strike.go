package trial

import (
	"context"
	"sync"
	"time"
)

// striking is a kill that is to come.
type striking struct {
	lane   *lane
	draw   draw
	before int64 // bytes that had passed
	once   sync.Once
	struck chan struct{}
	cancel context.CancelFunc
	kill   func() // of the worker
}

// arm has the victim killed at a byte of the worker's traffic, or after a
// while. Documents change until then, if the dice say so.
func (l *lane) arm(ctx context.Context, d draw, kill func()) *striking {
	ctx, cancel := context.WithCancel(ctx)
	s := &striking{lane: l, draw: d, before: l.gate.Passed(), struck: make(chan struct{}), cancel: cancel, kill: kill}
	if d.Byte > 0 {
		l.gate.Strike(1+l.traffic*int64(d.Byte)/1000, s.strike)
		return s
	}
	go func() {
		if sleep(ctx, d.Wait) {
			s.strike()
		}
	}()
	return s
}

// strike kills.
func (s *striking) strike() {
	s.once.Do(func() {
		if s.draw.Victim != server {
			s.lane.gate.Sever()
			s.kill()
		}
		if s.draw.Victim != worker {
			s.lane.node.Kill()
		}
		close(s.struck)
	})
}

// await waits for the kill or for the end of the sync, after which it kills what
// is left. It reports whether the sync was still running.
func (s *striking) await(ctx context.Context, over func(context.Context) bool) (amid bool) {
	defer s.cancel()
	for ctx.Err() == nil {
		select {
		case <-s.struck:
			return true
		case <-time.After(glance):
		}
		if over(ctx) {
			select {
			case <-s.struck:
				return true
			default:
			}
			s.lane.traffic = max(s.lane.gate.Passed()-s.before, 1000)
			s.lane.gate.Strike(0, nil)
			s.strike()
			return false
		}
	}
	return false
}

// mostDuring is how many sets of changes there are during a sync: more would be
// taken for a mistake of the source.
const mostDuring = 12

// writing has documents changed until stop is called.
func (l *lane) writing(d draw) (stop func()) {
	if !d.During {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for seed := d.Seed + 1000; seed < d.Seed+1000+mostDuring; seed++ {
			select {
			case <-quit:
				return
			case <-time.After(glance):
				l.change(1, seed)
			}
		}
	}()
	return func() { close(quit); <-done }
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

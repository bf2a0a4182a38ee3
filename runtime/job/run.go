package job

import (
	"context"
	"errors"
	"time"
)

// Runner is what a full sync and an incremental one have in common while they
// run: [Sync] and [Changes].
type Runner interface {
	// Counters returns what became of the documents so far.
	Counters() Counters
	// Progress returns where the run stands.
	Progress() Progress
}

var (
	_ Runner = (*Sync)(nil)
	_ Runner = (*Changes)(nil)
)

func (r *road) enter(p Phase) { r.phase.Store(&p) }

// counters are those of the end, once there is one.
func (r *road) counters(sink Sink) Counters {
	if end := r.end.Load(); end != nil {
		return *end
	}
	return r.tally.counters(sink.Counts())
}

func (r *road) progress(sink Sink) Progress {
	p := Progress{Phase: Scanning, Counters: r.counters(sink), Known: r.tally.known.Load()}
	if phase := r.phase.Load(); phase != nil {
		p.Phase = *phase
	}
	return p
}

// Complete reports whether the run has ended without an error.
func (r *road) Complete() bool { return r.complete.Load() }

// drainTime is how long a run that ended early waits for what it has sent
// already, so that its counters are right. A cancel takes effect within 2 s.
const drainTime = 1500 * time.Millisecond

// arrive ends a run: its counters stand from now on.
func (r *road) arrive(ctx context.Context, err error) {
	if err != nil && !lost(ctx, err) {
		r.drain(ctx)
	}
	end := r.tally.counters(r.sink.Counts())
	if err != nil {
		end = end.settled()
	}
	r.complete.Store(err == nil)
	r.end.Store(&end)
	r.enter(Done)
}

// lost reports whether the job is another worker's by now, so that nothing of
// what is collected may be sent.
func lost(ctx context.Context, err error) bool {
	return errors.Is(err, ErrLost) || errors.Is(context.Cause(ctx), ErrLost)
}

func (r *road) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	_ = r.sink.Flush(ctx) // the run's own error says more
}

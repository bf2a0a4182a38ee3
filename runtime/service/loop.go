package service

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/protocol"
)

const (
	// brisk is the time between two looks after something happened, for so
	// long as lively says.
	brisk  = 200 * time.Millisecond
	lively = time.Minute
	// crowded is the time between two looks while no job could be started; it
	// is longer the more jobs wait, since each look reads them all.
	crowded = time.Second
	// slowest is the longest time between two looks while Elasticsearch does
	// not answer.
	slowest = 30 * time.Second
)

// loop is one run of a service. Everything that is not said to be shared
// belongs to the goroutine of run.
type loop struct {
	*Service
	sources *sources // shared
	clients *clients // shared

	seen    map[string]*known
	listing int       // counts full listings
	listed  time.Time // when the last one was
	after   int64     // the sequence number from which on connectors are read
	top     int64     // the highest one seen
	live    []protocol.Job
	known   map[string]bool                      // of live jobs
	types   map[string]map[protocol.JobType]bool // of live jobs, by connector
	watched map[string]*watched

	looks int
	again bool // a job was made that no look has shown yet

	busy    map[string][2]bool // connectors that jobs run of here, by class
	slots   [2]int             // jobs that run here, by class
	skip    int                // candidates to pass over after lost races
	races   int                // lost lately
	failed  int
	said    map[string]time.Time // when something was said last
	refused int                  // claims in a row that Elasticsearch refused
	hold    time.Time            // nothing is claimed before

	lastBeat time.Time
	active   time.Time // when a job was last seen or started
	broken   int       // looks that failed in a row
	down     time.Time // since when

	checks  int // under way
	workers sync.WaitGroup
	ended   chan ended
	checked chan checked
	over    chan struct{} // closed when nobody takes reports any more
}

// report hands a report to the loop.
func report[T any](l *loop, to chan<- T, what T) {
	select {
	case to <- what:
	case <-l.over:
	}
}

func newLoop(s *Service) *loop {
	return &loop{
		Service: s,
		sources: newSources(s.Log, s.Settings.Service),
		clients: newClients(s.Connect),
		seen:    map[string]*known{}, after: -1, top: -1,
		watched: map[string]*watched{}, busy: map[string][2]bool{}, said: map[string]time.Time{},
		ended: make(chan ended), checked: make(chan checked), over: make(chan struct{}),
	}
}

// run turns until ctx ends or, where over is given, that says so. It returns
// when everything that it started has ended.
func (l *loop) run(ctx context.Context, over func() bool) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return l.await()
		case e := <-l.ended:
			l.release(e)
			l.claim(ctx)
		case c := <-l.checked:
			l.settle(c)
		case <-timer.C:
			l.turn(ctx)
			if over != nil && over() {
				return nil
			}
			timer.Reset(l.pause())
		}
	}
}

// turn looks at everything once and starts what is to be done.
func (l *loop) turn(ctx context.Context) {
	l.Health.Turned(l.patience())
	err := l.look(ctx)
	l.Metrics.Polled(err)
	if l.outage(ctx, err); err != nil {
		return
	}
	l.beat(ctx)
	l.check(ctx)
	l.again = false
	l.schedule(ctx)
	l.tend(ctx)
	l.claim(ctx)
}

// patience is how long a turn may take at most.
func (l *loop) patience() time.Duration {
	return slowest + 2*time.Duration(l.Settings.Elasticsearch.RequestTimeout) + time.Minute
}

// outage tells once that Elasticsearch does not answer, and once that it does.
func (l *loop) outage(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if l.broken++; l.broken == 1 {
			l.down = time.Now()
			l.Log.Warn("the connectors and jobs can't be read; trying again", "error", err)
		}
		l.Health.Ready(fmt.Errorf("the connectors and jobs can't be read: %w", err))
	default:
		if l.broken > 0 {
			l.Log.Info("the connectors and jobs can be read again", "after", time.Since(l.down).Round(time.Second))
		}
		l.broken = 0
		l.Health.Ready(nil)
	}
}

// pause is the time to the next turn.
func (l *loop) pause() time.Duration {
	idling := time.Duration(l.Settings.Service.Idling)
	switch {
	case l.broken > 0:
		return min(slowest, brisk<<min(l.broken, 10))
	case l.again:
		return 0
	case time.Since(l.active) >= lively:
		return idling
	case l.room(0) == 0 && l.room(1) == 0, len(l.live) > manyJobs && l.room(0) == 0:
		return min(idling, crowded*time.Duration(1+len(l.live)/manyJobs/10))
	}
	return min(idling, brisk)
}

// manyJobs is how many waiting jobs are a reason to look less often: there is
// enough to do.
const manyJobs = 20

// room is how many jobs of a class can still be started.
func (l *loop) room(class int) int {
	most := l.Settings.Service.ContentSyncs
	if class == 1 {
		most = l.Settings.Service.AccessControlSyncs
	}
	return most - l.slots[class]
}

// shutdown is how long everything that runs may take to end.
const shutdown = 5 * time.Second

var errStuck = errors.New("a source does not stop; its job goes on elsewhere when its lease has run out")

// await takes the reports of everything that still runs.
func (l *loop) await() error {
	done := make(chan struct{})
	go func() {
		l.workers.Wait()
		close(done)
	}()
	late := time.NewTimer(shutdown)
	defer late.Stop()
	for {
		select {
		case e := <-l.ended:
			l.release(e)
		case <-l.checked:
		case <-done:
			return nil
		case <-late.C:
			return errStuck
		}
	}
}

// drained reports whether there is nothing left to do here.
func (l *loop) drained() bool {
	if l.broken > 0 || l.checks > 0 || l.slots != [2]int{} || l.waiting() {
		return false
	}
	return len(l.candidates(0))+len(l.candidates(1)) == 0
}

func (l *loop) close() {
	close(l.over)
	l.sources.closeAll()
	l.clients.close()
}

// say reports whether something was not said for a while: what is true at every
// look is not told at every look.
func (l *loop) say(what string, every time.Duration) bool {
	if last, said := l.said[what]; said && time.Since(last) < every {
		return false
	}
	l.said[what] = time.Now()
	return true
}

// complain logs an error that may come at every look, once a minute.
func (l *loop) complain(what string, err error, args ...any) {
	if l.say(fmt.Sprint(what, args), time.Minute) {
		l.Log.Warn(what, append(args, "error", err)...)
	}
}

// ended is how a job ended here.
type ended struct {
	job    protocol.Job
	taken  bool  // another worker has it; nothing was done here
	failed bool  // it ended in an error
	err    error // why it could not be claimed, other than that
}

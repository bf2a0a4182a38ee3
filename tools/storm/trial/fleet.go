package trial

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// fleet is the replicas. At most half of them are in trouble at once, so that
// there is always somebody to take over.
type fleet struct {
	trial    *trial
	replicas []*replica

	mu      sync.Mutex
	trouble int
	waiting sync.WaitGroup // those in trouble
}

// replica is one place where the service runs, in one process after another.
// What it has changes only while it is in trouble.
type replica struct {
	slot    int
	run     int // counts the processes
	process *process
	gateway *gateway
	hit     bool // it is in trouble; so it is before its first start
}

func newFleet(t *trial) *fleet {
	f := &fleet{trial: t}
	for slot := range t.options.Replicas {
		f.replicas = append(f.replicas, &replica{slot: slot + 1, hit: true})
	}
	return f
}

func (f *fleet) start() error {
	for _, r := range f.replicas {
		if err := f.launch(r); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.replicas {
		r.hit = false
	}
	return nil
}

// launch starts the next process of a replica.
func (f *fleet) launch(r *replica) error {
	r.run++
	t, name := f.trial, fmt.Sprintf("%d.%d", r.slot, r.run)
	if r.gateway != nil {
		r.gateway.close()
	}
	r.gateway = &gateway{who: name, target: t.nodeURL, record: t.record, strike: t.strike(r, r.run)}
	if err := r.gateway.open(); err != nil {
		return err
	}
	var err error
	r.process, err = t.start("replica-"+name, []string{"ELASTICSEARCH_URL=" + r.gateway.url}, t.serveArgs()...)
	return err
}

// enter reports whether a run of a replica may get into trouble, and notes
// that it does.
func (f *fleet) enter(r *replica, run int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.hit || run != 0 && run != r.run || f.trouble*2 >= len(f.replicas) || f.trial.weather.over() {
		return false
	}
	r.hit = true
	f.trouble++
	f.waiting.Add(1)
	return true
}

func (f *fleet) leave(r *replica) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.hit = false
	f.trouble--
	f.waiting.Done()
}

// kill ends a run of a replica, any when run is 0, and starts it again after a
// while.
func (f *fleet) kill(r *replica, run int) {
	if !f.enter(r, run) {
		return
	}
	f.trial.weather.count("killed")
	r.process.kill()
	go f.revive(r)
}

func (f *fleet) revive(r *replica) {
	defer f.leave(r)
	time.Sleep(f.trial.weather.between(100*time.Millisecond, 1500*time.Millisecond))
	if err := f.launch(r); err != nil {
		f.trial.violated("replica %d can't be started again: %v", r.slot, err)
	}
}

// restart ends a replica as an update does and starts it again.
func (f *fleet) restart(r *replica) {
	if !f.enter(r, 0) {
		return
	}
	f.trial.weather.count("restarted")
	if err := r.process.stop(); err != nil {
		f.trial.violated("%v", err)
	}
	f.revive(r)
}

// pause stops a run of a replica where it is, for so long.
func (f *fleet) pause(r *replica, run int, d time.Duration) {
	if !f.enter(r, run) {
		return
	}
	f.trial.weather.count("paused")
	if err := freeze(r.process.cmd.Process); err != nil {
		f.trial.violated("replica %d can't be paused: %v", r.slot, err)
	}
	go func() {
		defer f.leave(r)
		time.Sleep(d)
		_ = thaw(r.process.cmd.Process)
	}()
}

// gusts hit replicas at random until ctx ends, whatever they do.
func (f *fleet) gusts(ctx context.Context) {
	w := f.trial.weather
	for sleep(ctx, w.between(500*time.Millisecond, 4*time.Second)) && !w.over() {
		r := f.replicas[w.number(len(f.replicas))]
		switch n := w.number(100); {
		case n < 40:
			f.kill(r, 0)
		case n < 75:
			f.pause(r, 0, f.trial.pauseTime())
		default:
			f.restart(r)
		}
	}
}

// stop waits until all are out of trouble and ends them.
func (f *fleet) stop() error {
	f.waiting.Wait()
	var all []error
	for _, r := range f.replicas {
		if r.process != nil {
			all = append(all, r.process.stop())
		}
		if r.gateway != nil {
			r.gateway.close()
		}
	}
	return errors.Join(all...)
}

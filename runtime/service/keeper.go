package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/telemetry"
)

const (
	// glance is the time between two looks at a running job: a cancel takes
	// effect within 2 s.
	glance = time.Second
	// slowestBeat is the longest time between two confirmations, which carry
	// what the job has done so far.
	slowestBeat = 5 * time.Second
)

// keeper keeps the lease of one running job, from a goroutine and over
// connections of its own, and ends the job when the lease says so.
type keeper struct {
	lease   *protocol.Lease
	jobs    *protocol.Client
	length  time.Duration // of the lease
	beat    time.Duration // between two confirmations
	stats   func() protocol.Stats
	end     context.CancelCauseFunc // of the job
	log     *slog.Logger
	metrics *telemetry.Metrics
	wanted  chan struct{} // a confirmation is wanted at once

	mu        sync.Mutex
	confirmed chan struct{} // closed by the next confirmation
	lost      bool
}

func newKeeper(lease *protocol.Lease, jobs *protocol.Client, length time.Duration) *keeper {
	return &keeper{
		lease: lease, jobs: jobs, length: length, beat: min(length/6, slowestBeat),
		wanted: make(chan struct{}, 1), confirmed: make(chan struct{}),
	}
}

// run works until ctx ends or the lease is lost.
func (k *keeper) run(ctx context.Context) {
	ticker := time.NewTicker(min(glance, k.beat))
	defer ticker.Stop()
	renewed, failing := time.Now(), false
	for ctx.Err() == nil {
		err := error(nil)
		select {
		case <-ctx.Done():
			return
		case <-k.wanted:
			renewed = time.Time{}
		case <-ticker.C:
		}
		if time.Since(renewed) >= k.beat {
			if err = k.renew(ctx); err == nil {
				renewed = time.Now()
			}
		} else {
			err = k.look(ctx)
		}
		if k.stop(err) {
			return
		}
		failing = k.tell(ctx, err, failing)
	}
}

// renew confirms the lease. A job that is to be canceled keeps it until it has
// stopped.
func (k *keeper) renew(ctx context.Context) error {
	ctx, cancel := k.limit(ctx)
	defer cancel()
	err := k.lease.Renew(ctx, k.stats())
	if errors.Is(err, job.ErrCanceled) {
		k.end(job.ErrCanceled)
		err = nil
	}
	if err == nil {
		k.mu.Lock()
		close(k.confirmed)
		k.confirmed = make(chan struct{})
		k.mu.Unlock()
	}
	return err
}

// limit keeps a request that hangs from costing the lease.
func (k *keeper) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	d := max(k.length/2, time.Second)
	return context.WithTimeoutCause(ctx, d, fmt.Errorf("Elasticsearch did not answer within %s", d))
}

// look sees whether the job is still to run.
func (k *keeper) look(ctx context.Context) error {
	ctx, cancel := k.limit(ctx)
	defer cancel()
	j, err := k.jobs.Job(ctx, k.lease.Job().ID)
	switch {
	case errors.Is(err, protocol.ErrNotFound), err == nil && j.Claim != k.lease.Job().Claim:
		return job.ErrLost
	case err != nil:
		return err
	case j.Status == job.Canceling:
		k.end(job.ErrCanceled)
	case j.Status != job.InProgress:
		return job.ErrLost
	}
	return nil
}

// stop ends the job when another worker has it.
func (k *keeper) stop(err error) bool {
	if !errors.Is(err, job.ErrLost) {
		return false
	}
	k.mu.Lock()
	k.lost = true
	close(k.confirmed)
	k.mu.Unlock()
	k.metrics.LeaseLost()
	k.end(job.ErrLost)
	return true
}

// tell says once that the lease can't be confirmed, and once that it can.
func (k *keeper) tell(ctx context.Context, err error, failing bool) bool {
	switch {
	case ctx.Err() != nil:
	case err != nil && !failing:
		k.log.Warn("the job's lease can't be confirmed; it writes nothing more until it can", "error", err)
	case err == nil && failing:
		k.log.Info("the job's lease is confirmed again")
	}
	return err != nil
}

// fence is asked before each write. It waits while Elasticsearch does not
// confirm the lease, as long as the job runs: nobody else may have it, and when
// somebody has, the answer says so. Deletions need a younger confirmation.
func (k *keeper) fence(ctx context.Context) func(deletes bool) error {
	return func(deletes bool) error {
		within := k.length - k.beat
		if deletes {
			within = 2 * k.beat
		}
		for {
			k.mu.Lock()
			confirmed, lost := k.confirmed, k.lost
			k.mu.Unlock()
			switch {
			case lost:
				return job.ErrLost
			case k.lease.Age() <= within:
				return nil
			case ctx.Err() != nil:
				return context.Cause(ctx)
			}
			select {
			case k.wanted <- struct{}{}:
			default:
			}
			select {
			case <-confirmed:
			case <-ctx.Done():
			}
		}
	}
}

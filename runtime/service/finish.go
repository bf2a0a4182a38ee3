package service

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

const (
	// finishTime is how long the end of a job is tried to be stored; after a
	// lease without a sign others take the job over anyway.
	finishTime = 10 * time.Minute
	// hurry is that time when the process ends.
	hurry = 3 * time.Second
)

// finish stores how a job ended, and reports whether it failed.
func (w *work) finish(ctx context.Context, lease *protocol.Lease, status job.Status, cursor json.RawMessage, err error, took time.Duration) bool {
	if errors.Is(err, job.ErrLost) {
		w.log.Warn("the job was taken over by another worker; nothing more is written here")
		return false
	}
	if status == job.Failed || status == job.Canceled {
		w.countWhatIsThere(ctx)
	}
	r := protocol.Result{Status: status, Stats: w.stats()}
	if status == job.Completed {
		r.Cursor = cursor
	}
	if status == job.Failed {
		r.Error = w.sentence(err)
	}
	if stored := w.store(ctx, lease, r); stored != nil {
		w.log.Error("the end of the job could not be stored; it will be taken over", "status", status, "error", stored)
		return status == job.Failed
	}
	status = lease.Job().Status
	w.tell(status, r, took)
	return status == job.Failed
}

// countWhatIsThere notes how many documents the index holds after a sync that
// came to no good end, if that is told quickly.
func (w *work) countWhatIsThere(ctx context.Context) {
	if w.index == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), glance)
	defer cancel()
	if n, err := w.index.Count(ctx); err == nil {
		w.total.Store(n)
	}
}

// store tries until it works, the job is another's, or the time is up.
func (w *work) store(ctx context.Context, lease *protocol.Lease, r protocol.Result) error {
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	release := context.AfterFunc(ctx, func() { time.AfterFunc(hurry, cancel) })
	defer release()
	for pause := brisk; ; pause = min(2*pause, 5*time.Second) {
		err := lease.Finish(patient, r)
		if err == nil || errors.Is(err, job.ErrLost) || patient.Err() != nil {
			return err
		}
		w.log.Debug("the end of the job is not stored yet", "error", err)
		select {
		case <-patient.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// tell logs and counts how the job ended.
func (w *work) tell(status job.Status, r protocol.Result, took time.Duration) {
	c := w.counters()
	w.Metrics.JobEnded(w.kind.ServiceType, string(w.job.Type), string(status), took)
	for outcome, n := range map[string]int64{
		"created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "filtered": c.Filtered,
		"failed": c.Failed, "duplicate": c.Duplicate, "deleted": c.Deleted,
	} {
		w.Metrics.Documents(w.kind.ServiceType, outcome, n)
	}
	log := w.log.With("status", status, "created", c.Created, "updated", c.Updated, "unchanged", c.Unchanged, "deleted", c.Deleted,
		"failed", c.Failed, "took", took.Round(time.Millisecond))
	if status == job.Failed {
		log.Error("job ended", "error", r.Error)
		return
	}
	log.Info("job ended")
}

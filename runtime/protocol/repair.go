package protocol

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
)

// Requeue takes a job from a worker that fell silent: it is suspended, so that
// any worker resumes it, or failed when that happened max times before; one
// that was to be canceled is canceled. The connector is given free as well. The
// job must be as it was seen: the error is [ErrTaken] when it moved meanwhile.
func (c *Client) Requeue(ctx context.Context, j Job, max int) error {
	fresh, err := c.still(ctx, j)
	if err != nil {
		return err
	}
	status, text := job.Suspended, ""
	switch {
	case fresh.Status == job.Canceling:
		status = job.Canceled
	case fresh.Requeued >= max:
		status, text = job.Failed, fmt.Sprintf("its worker fell silent %d times, last on host %q; "+
			"see the log of that host for a crash or for memory that ran out, then start the sync again", fresh.Requeued+1, fresh.WorkerHostname)
	}
	return c.end(ctx, fresh, status, text, fresh.Requeued+1)
}

// FailJob ends a job that nobody can run, or whose worker is silent, with the
// reason. The connector of a running one is given free. The job must be as it
// was seen: the error is [ErrTaken] when it moved meanwhile.
func (c *Client) FailJob(ctx context.Context, j Job, reason string) error {
	fresh, err := c.still(ctx, j)
	if err != nil {
		return err
	}
	if waiting(fresh) {
		now := FormatTime(c.now())
		if fresh, err = c.writeJob(ctx, fresh, Patch{"status": job.InProgress, "started_at": now, "last_seen": now}); err != nil {
			return taken(err)
		}
		_, err = c.endJob(ctx, fresh, job.Failed, reason, fresh.Requeued)
		return err // the connector may run another one
	}
	return c.end(ctx, fresh, job.Failed, reason, fresh.Requeued)
}

// still reads the whole of a job that must not have moved.
func (c *Client) still(ctx context.Context, j Job) (Job, error) {
	fresh, err := c.Job(ctx, j.ID)
	if err != nil {
		return fresh, err
	}
	if fresh.Version != j.Version || fresh.Ended() {
		return fresh, fmt.Errorf("sync job %s moved meanwhile: %w", j.ID, ErrTaken)
	}
	return fresh, nil
}

// endJob stores the end of a job that is nobody's.
func (c *Client) endJob(ctx context.Context, j Job, status job.Status, text string, requeued int) (Job, error) {
	stats := Stats{j.Indexed, j.Deleted, j.Total, j.VolumeMiB, map[string]any{"claim": nil, "requeued": requeued}}
	j, err := c.writeJob(ctx, j, c.endPatch(j, Result{Status: status, Error: text, Stats: stats}, c.now()))
	return j, taken(err)
}

// end does so, and frees the job's connector.
func (c *Client) end(ctx context.Context, j Job, status job.Status, text string, requeued int) error {
	locked, err := c.Connector(ctx, j.ConnectorID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	sent, at := time.Now(), FormatTime(c.now())
	if j, err = c.endJob(ctx, j, status, text, requeued); err != nil {
		return err
	}
	if another, err := c.anotherRuns(ctx, j); err != nil || another {
		return err
	}
	for range maxConflicts { // heartbeats
		conn, err := c.Connector(ctx, j.ConnectorID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if conn.LastSynced.Equal(parseTime(at)) || !sameLock(conn, locked, sent) {
			return nil // it was freed: here, when only the answer was lost
		}
		if err = c.free(ctx, conn, j.Type, outcome(conn, j.Type, j.Status, j.Error, at)); !errors.Is(err, ErrTaken) {
			return err
		}
	}
	return nil // it is freed later, as one that no live job holds
}

// anotherRuns reports whether the lock is that of another job: the claim of
// this one may have come to light when its worker had given it up.
func (c *Client) anotherRuns(ctx context.Context, j Job) (bool, error) {
	live, err := c.LiveJobs(ctx, Selection{}, []string{j.ConnectorID})
	return slices.ContainsFunc(live, func(other Job) bool {
		return other.ID != j.ID && other.Type.Content() == j.Type.Content() && !waiting(other)
	}), err
}

// taken turns a conflict into "taken".
func taken(err error) error {
	if conflict(err) {
		return fmt.Errorf("%w: %w", ErrTaken, err)
	}
	return err
}

// Free ends the lock of a connector that no live job holds: outcome and reason
// are stored as those of its last job. Nothing is written when it is free. The
// connector must be as it was seen: the error is [ErrTaken] when it was written
// meanwhile, be it by a heartbeat, since its lock may be another job's by then.
func (c *Client) Free(ctx context.Context, conn Connector, t JobType, status job.Status, reason string) error {
	return c.free(ctx, conn, t, outcome(conn, t, status, reason, FormatTime(c.now())))
}

func (c *Client) free(ctx context.Context, conn Connector, t JobType, p Patch) error {
	if conn.SyncStatus(t) != job.InProgress {
		return nil
	}
	_, err := c.writeConnector(ctx, conn, p)
	return taken(err)
}

// DeleteJob removes a job, whatever it does. One that is gone is no error.
func (c *Client) DeleteJob(ctx context.Context, id string) error {
	if err := c.store.Delete(ctx, JobsIndex, id, -1, 0); err != nil && !missing(err) {
		return fmt.Errorf("delete sync job %s: %w", id, err)
	}
	return nil
}

// CancelJob asks for a job to stop. One that waits is canceled at once, a
// running one by its worker.
func (c *Client) CancelJob(ctx context.Context, id string) (Job, error) {
	for range maxConflicts {
		j, err := c.Job(ctx, id)
		if err != nil {
			return j, err
		}
		now := FormatTime(c.now())
		p := Patch{"cancelation_requested_at": now, "status": job.Canceling}
		switch {
		case j.Status == job.Canceling:
			return j, nil
		case waiting(j):
			p["status"], p["canceled_at"], p["completed_at"] = job.Canceled, now, now
		}
		j, err = c.writeJob(ctx, j, p)
		if err == nil || !conflict(err) {
			return j, err
		}
	}
	return Job{}, fmt.Errorf("sync job %s: others write it all the time; try again", id)
}

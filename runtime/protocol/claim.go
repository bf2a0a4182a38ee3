package protocol

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
)

// undoTime bounds what is done after the context ended.
const undoTime = 5 * time.Second

// Claim takes a pending or suspended job: first the connector's lock, then the
// job. The error is [ErrTaken] when somebody else was faster or the connector
// is busy, [ErrNotReady] when it waits for its configuration, [ErrNotFound]
// when one of them is gone or deleted.
func (c *Client) Claim(ctx context.Context, conn Connector, j Job) (*Lease, error) {
	j, err := c.Job(ctx, j.ID)
	if err != nil {
		return nil, err
	}
	if !waiting(j) {
		return nil, fmt.Errorf("sync job %s is %s: %w", j.ID, j.Status, ErrTaken)
	}
	before, sent := conn, time.Now()
	conn, err = c.Update(ctx, conn, func(conn Connector) (Patch, error) {
		before = conn
		return lock(conn, j.Type)
	})
	if err != nil {
		return nil, err
	}
	l := &Lease{client: c, sent: time.Now()}
	if l.job, err = c.take(ctx, conn, j); err != nil {
		if !errors.Is(err, errUnsure) {
			c.unlock(ctx, conn, before, j.Type)
		}
		return nil, err
	}
	l.conn, err = c.affirm(ctx, conn, j.Type, sent)
	if err != nil {
		return nil, errors.Join(err, c.giveBack(ctx, l.job))
	}
	return l, nil
}

// soon is less than any lease. What was done so long ago at most, nobody has
// taken for the work of a process that vanished.
const soon = time.Second

// sameLock reports whether a connector that was locked at a time, by this
// machine's monotonic clock, can't have been freed and locked again by others:
// they wait for a lease, and what they free they give another last_synced. So
// does a job of the other class that ends; the lock is left to be freed then.
func sameLock(now, locked Connector, at time.Time) bool {
	return time.Since(at) < soon || now.LastSynced.Equal(locked.LastSynced)
}

// affirm makes sure of a lock when it took long to claim the job after it: by a
// write, so that somebody who is about to free the connector can't.
func (c *Client) affirm(ctx context.Context, locked Connector, t JobType, sent time.Time) (Connector, error) {
	if time.Since(sent) < soon {
		return locked, nil
	}
	return c.Update(ctx, locked, func(conn Connector) (Patch, error) {
		if conn.SyncStatus(t) != job.InProgress || !conn.LastSynced.Equal(locked.LastSynced) {
			return nil, fmt.Errorf("connector %s was freed meanwhile: %w", conn.ID, ErrTaken)
		}
		return Patch{statusField(t): job.InProgress}, nil
	})
}

// giveBack suspends a job that was claimed without its connector.
func (c *Client) giveBack(ctx context.Context, j Job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	stats := Stats{j.Indexed, j.Deleted, j.Total, j.VolumeMiB, map[string]any{"claim": nil}}
	_, err := c.writeJob(ctx, j, c.endPatch(j, Result{Status: job.Suspended, Stats: stats}, c.now()))
	if conflict(err) {
		return nil // somebody else sees to it
	}
	return err
}

func waiting(j Job) bool { return j.Status == job.Pending || j.Status == job.Suspended }

// lock marks a connector as busy.
func lock(conn Connector, t JobType) (Patch, error) {
	switch {
	case conn.Deleted:
		return nil, fmt.Errorf("connector %s is deleted: %w", conn.ID, ErrNotFound)
	case !conn.ready():
		return nil, fmt.Errorf("connector %s: %w", conn.ID, ErrNotReady)
	case conn.SyncStatus(t) == job.InProgress:
		return nil, fmt.Errorf("connector %s is busy with another job: %w", conn.ID, ErrTaken)
	}
	return Patch{
		"status": Connected, "error": nil,
		statusField(t): job.InProgress, errorField(t): nil,
	}, nil
}

func statusField(t JobType) string {
	if t.Content() {
		return "last_sync_status"
	}
	return "last_access_control_sync_status"
}

func errorField(t JobType) string {
	if t.Content() {
		return "last_sync_error"
	}
	return "last_access_control_sync_error"
}

// errUnsure says that the claim may be stored: then job and connector are taken
// for those of a worker that vanished.
var errUnsure = errors.New("nobody knows whether the job was claimed; it is taken over when it stays silent")

// take claims the job itself. The job is returned in any case.
func (c *Client) take(ctx context.Context, conn Connector, j Job) (Job, error) {
	claim := newClaim()
	for range maxConflicts {
		next, err := c.writeJob(ctx, j, c.claimPatch(conn, j, claim))
		if err == nil {
			return next, nil
		}
		fresh, failed := c.reread(ctx, j.ID)
		switch {
		case errors.Is(failed, ErrNotFound):
			return j, failed
		case failed != nil:
			return j, fmt.Errorf("%w: %w", errUnsure, err)
		case fresh.Claim == claim:
			return fresh, nil // only the answer was lost
		case !waiting(fresh):
			return j, fmt.Errorf("sync job %s is %s: %w", j.ID, fresh.Status, ErrTaken)
		case !conflict(err):
			return j, err
		}
		j = fresh
	}
	return j, fmt.Errorf("sync job %s: %w", j.ID, ErrTaken)
}

// reread returns a job as it is, also after the context ended.
func (c *Client) reread(ctx context.Context, id string) (Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	return c.Job(ctx, id)
}

func (c *Client) claimPatch(conn Connector, j Job, claim string) Patch {
	now, own := FormatTime(c.now()), clause{"claim": claim}
	if c.lease > 0 {
		own["lease_ms"] = c.lease.Milliseconds()
	}
	if j.Status == job.Suspended { // what an earlier run told is not true of this one
		own["phase"], own["counters"] = nil, nil
	}
	p := Patch{
		"status": job.InProgress, "started_at": now, "last_seen": now, "worker_hostname": c.host, "metadata": j.ownMetadata(own),
	}
	if j.Type == Incremental && conn.SyncCursor != nil {
		o, _ := parseObject(j.Raw)
		p["connector"] = o.object("connector").set("sync_cursor", conn.SyncCursor)
	}
	return p
}

// ownMetadata is the job's metadata with names set below "tributary".
func (j Job) ownMetadata(set map[string]any) object {
	o, _ := parseObject(j.Metadata)
	own, _ := apply(o.object("tributary").json(), set)
	return o.set("tributary", own)
}

func newClaim() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// unlock takes a lock back whose job could not be claimed. When that fails,
// or the connector was written since, be it by an attempt whose answer was
// lost, it is freed later as one that no live job holds.
func (c *Client) unlock(ctx context.Context, locked, before Connector, t JobType) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	p := Patch{statusField(t): orNull(string(before.SyncStatus(t))), errorField(t): orNull(before.syncError(t))}
	if locked.Status == Connected {
		p["status"], p["error"] = before.Status, orNull(before.Error)
	}
	if _, err := c.writeConnector(ctx, locked, p); err != nil {
		c.log.Warn("a connector stays marked as syncing for now", "connector", locked.ID, "error", err)
	}
}

func (c Connector) syncError(t JobType) string {
	if t.Content() {
		return c.LastSyncError
	}
	return c.LastAccessSyncError
}

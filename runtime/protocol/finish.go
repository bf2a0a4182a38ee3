package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
)

// Result is how a job ended.
type Result struct {
	Status job.Status // completed, error, canceled or suspended
	Error  string     // of status error: a sentence that a user can act on
	Stats  Stats
	// Cursor is stored in the connector; nil keeps the stored one. Access
	// control jobs have none.
	Cursor json.RawMessage
}

// noReason is the error of a job that failed without one.
const noReason = "unknown error"

// Finish stores the end of the job, then that of the connector. A job that is
// to be canceled ends as canceled whatever the result, unless that is an error.
// After an error it may be called again with the same result: what was stored
// stays stored once. The error is [job.ErrLost] when the job is not this
// worker's any longer; then nothing was written.
func (l *Lease) Finish(ctx context.Context, r Result) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	if !l.done() {
		if err := l.settle(ctx, r); err != nil {
			return err
		}
	}
	return l.release(ctx, r)
}

// settle stores the end of the job.
func (l *Lease) settle(ctx context.Context, r Result) error {
	j, at := l.Job(), l.finishTime()
	for range maxConflicts {
		sent := time.Now()
		next, err := l.client.writeJob(ctx, j, l.client.endPatch(j, r, at))
		if err == nil {
			l.ended(next, sent)
			return nil
		}
		if !conflict(err) && !errors.Is(err, ErrTransition) {
			return gone(err)
		}
		fresh, failed := l.reread(ctx)
		switch {
		case failed != nil:
			return failed
		case fresh.Version == j.Version:
			return err
		}
		j = fresh
		switch {
		case j.Status == job.InProgress, j.Status == job.Canceling:
		case r.ends(j.Status) && j.LastSeen.Equal(parseTime(FormatTime(at))): // the answer to an earlier attempt was lost
			l.ended(j, l.ending)
			return nil
		default:
			return job.ErrLost
		}
	}
	return fmt.Errorf("sync job %s: others write it all the time", j.ID)
}

// finishTime stays the same however often Finish is called.
func (l *Lease) finishTime() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.finished.IsZero() {
		l.finished, l.ending = l.client.now(), time.Now()
	}
	return l.finished
}

func (l *Lease) ended(j Job, sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.job, l.sent, l.settled = j, sent, true
}

// ends reports whether the result may be stored as a status.
func (r Result) ends(s job.Status) bool {
	return s == r.Status || s == job.Canceled && r.Status != job.Failed
}

// endPatch is the end of a job as its document holds it.
func (c *Client) endPatch(j Job, r Result, at time.Time) Patch {
	now := FormatTime(at)
	p := c.progress(j, r.Stats)
	status := r.Status
	if j.Status == job.Canceling && r.ends(job.Canceled) {
		status = job.Canceled
	}
	p["last_seen"], p["status"], p["error"] = now, status, nil
	switch status {
	case job.Failed:
		p["error"], p["completed_at"] = reason(r.Error), now
	case job.Canceled:
		p["completed_at"], p["canceled_at"] = now, now
	case job.Completed:
		p["completed_at"] = now
	}
	return p
}

// maxReason is how long an error may be in bytes: Elasticsearch refuses a
// document whose error is too long for an index.
const maxReason = 8000

func reason(text string) string {
	if text == "" {
		return noReason
	}
	if len(text) > maxReason {
		return strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}

// release gives the connector free and stores what came of the job. A
// connector that is gone needs nothing, nor one that others have freed since.
func (l *Lease) release(ctx context.Context, r Result) error {
	j, locked, stored := l.Job(), l.Connector(), time.Now().Add(-l.Age())
	at := FormatTime(l.finishTime())
	_, err := l.client.Update(ctx, locked, func(conn Connector) (Patch, error) {
		if conn.LastSynced.Equal(parseTime(at)) {
			return nil, nil // the answer to an earlier attempt was lost
		}
		if !sameLock(conn, locked, stored) {
			return nil, nil
		}
		p := outcome(conn, j.Type, j.Status, j.Error, at)
		if ended(j.Status) {
			p["last_indexed_document_count"], p["last_deleted_document_count"] = j.Indexed, j.Deleted
		}
		if j.Type.Content() && r.Cursor != nil {
			p["sync_cursor"] = r.Cursor
		}
		return p, nil
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// outcome is the end of a job as its connector holds it.
func outcome(conn Connector, t JobType, status job.Status, text, at string) Patch {
	p := Patch{statusField(t): status, errorField(t): lastError(status, text), "last_synced": at}
	switch {
	case !conn.ready():
	case status == job.Failed:
		p["status"], p["error"] = Errored, reason(text)
	case status == job.Completed && conn.Status == Errored:
		p["status"], p["error"] = Connected, nil
	}
	return p
}

func lastError(status job.Status, text string) any {
	if status == job.Failed {
		return reason(text)
	}
	return orNull(text)
}

// gone turns "not there" into "lost".
func gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return job.ErrLost
	}
	return err
}

func exists(err error) bool { return errors.Is(err, ErrExists) }

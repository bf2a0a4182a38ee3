package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
)

// Stats is what a job has done so far.
type Stats struct {
	// Indexed, Deleted and Total count documents; Total is those in the index.
	Indexed, Deleted, Total int64
	VolumeMiB               int64 // see [MiB]
	// Metadata is stored below metadata.tributary; names that it does not
	// have stay.
	Metadata map[string]any
}

// MiB rounds bytes to MiB.
func MiB(bytes int64) int64 { return (bytes + 1<<19) >> 20 }

// Lease is the right to run one job. It is safe for concurrent use.
type Lease struct {
	client *Client

	turn sync.Mutex // is held while a write is under way

	mu       sync.Mutex // guards what follows
	job      Job
	conn     Connector
	sent     time.Time // of the last confirmed write
	finished time.Time // wall clock, of the first call of Finish
	ending   time.Time // of that call too, by the monotonic clock
	settled  bool      // the job's end is stored
}

// Job is the job as this worker last wrote it.
func (l *Lease) Job() Job {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.job
}

// Connector is the connector as it was when the job was claimed.
func (l *Lease) Connector() Connector {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn
}

// Age is the time since the last confirmed write was sent, by this machine's
// monotonic clock: nobody takes the job while it is below the lease.
func (l *Lease) Age() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.sent)
}

// Renew stores that the job is alive, with what it has done. The error is
// [job.ErrCanceled] when a user wants it to stop (the lease is renewed all the
// same), [job.ErrLost] when it belongs to somebody else or is gone: write
// nothing more. Any other error leaves the lease to age.
func (l *Lease) Renew(ctx context.Context, s Stats) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	j := l.Job()
	if l.done() {
		return job.ErrLost
	}
	for range maxConflicts {
		sent := time.Now()
		next, err := l.client.writeJob(ctx, j, l.client.progress(j, s))
		if err == nil {
			l.renewed(next, sent)
			if next.Status == job.Canceling {
				return job.ErrCanceled
			}
			return nil
		}
		if !conflict(err) {
			return gone(err)
		}
		if j, err = l.reread(ctx); err != nil {
			return err
		}
		if j.Status != job.InProgress && j.Status != job.Canceling {
			return job.ErrLost
		}
	}
	return fmt.Errorf("sync job %s: others write it all the time", j.ID)
}

// StoreCursor stores a sync_cursor before the job has ended. It asks nobody whether
// the job is still this worker's: store none that claims more than others know.
func (l *Lease) StoreCursor(ctx context.Context, cursor json.RawMessage) error {
	_, err := l.client.Update(ctx, l.Connector(), func(Connector) (Patch, error) {
		return Patch{"sync_cursor": cursor}, nil
	})
	return gone(err)
}

func (l *Lease) done() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settled
}

func (l *Lease) renewed(j Job, sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.job, l.sent = j, sent
}

// reread returns the job as it is, while it is this worker's.
func (l *Lease) reread(ctx context.Context) (Job, error) {
	mine := l.Job()
	j, err := l.client.Job(ctx, mine.ID)
	if err != nil {
		return mine, gone(err)
	}
	if j.Claim != mine.Claim {
		return mine, job.ErrLost
	}
	return j, nil
}

// progress is what a running job writes.
func (c *Client) progress(j Job, s Stats) Patch {
	return Patch{
		"last_seen":              FormatTime(c.now()),
		"indexed_document_count": s.Indexed, "deleted_document_count": s.Deleted,
		"total_document_count": s.Total, "indexed_document_volume": s.VolumeMiB,
		"metadata": j.ownMetadata(maps.Clone(s.Metadata)),
	}
}

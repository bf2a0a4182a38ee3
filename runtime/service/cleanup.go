package service

import (
	"context"
	"errors"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// watched is a running job as it was seen. Whether its worker lives is judged
// by whether its document changes, on this process's clock, and only while
// Elasticsearch can be asked: the worker can't write either when it can't.
type watched struct {
	version protocol.Version
	still   time.Duration // how long it has not changed
	seen    time.Time     // when it was looked at last
	look    int
}

// tend repairs what workers that fell silent left behind.
func (l *loop) tend(ctx context.Context) {
	l.looks++
	holds := map[string][2]bool{}
	for _, j := range l.live {
		if waits(j) {
			l.tendWaiting(ctx, j)
			continue
		}
		h := holds[j.ConnectorID]
		h[classOf(j.Type)] = true
		holds[j.ConnectorID] = h
		l.tendRunning(ctx, j)
	}
	l.freeConnectors(ctx, holds)
	l.bury(ctx)
	for id, w := range l.watched {
		if w.look != l.looks {
			delete(l.watched, id)
		}
	}
}

// observe reports how long a document has not changed.
func (l *loop) observe(key string, v protocol.Version) time.Duration {
	w := l.watched[key]
	if w == nil || w.version != v {
		w = &watched{version: v, seen: time.Now()}
		l.watched[key] = w
	}
	// what passed since the last look counts if that was when it should be
	w.still += min(time.Since(w.seen), 2*time.Duration(l.Settings.Service.Idling)+crowded)
	w.seen, w.look = time.Now(), l.looks
	return w.still
}

// silent reports whether a document has not changed for a lease: that of its
// worker where it says so and has the longer one.
func (l *loop) silent(key string, v protocol.Version, lease time.Duration) bool {
	if l.observe(key, v) <= max(lease, time.Duration(l.Settings.Service.Lease)) {
		return false
	}
	delete(l.watched, key) // once more in a lease, if this does not work
	return true
}

// tendRunning takes a job from a worker that fell silent, and stops one whose
// connector is deleted.
func (l *loop) tendRunning(ctx context.Context, j protocol.Job) {
	log := l.Log.With("connector_id", j.ConnectorID, "job_id", j.ID)
	switch k := l.seen[j.ConnectorID]; {
	case k == nil:
		l.tendStrange(ctx, j)
	case l.silent(j.ID, j.Version, j.Lease):
		if k.deleted {
			l.done(log.Info, "a job of a deleted connector is removed", l.Protocol.DeleteJob(ctx, j.ID))
			return
		}
		l.done(log.Warn, "a job is taken from a worker that fell silent", l.Protocol.Requeue(ctx, j, l.Settings.Service.MaxRequeues))
	case k.deleted && j.Status == job.InProgress:
		_, err := l.Protocol.CancelJob(ctx, j.ID)
		l.done(log.Info, "a job is canceled: its connector is deleted", err)
	}
}

// tendWaiting removes a waiting job whose connector is deleted or gone.
func (l *loop) tendWaiting(ctx context.Context, j protocol.Job) {
	switch k := l.seen[j.ConnectorID]; {
	case k == nil:
		l.tendStrange(ctx, j)
	case k.deleted:
		l.done(l.Log.With("connector_id", j.ConnectorID, "job_id", j.ID).Info,
			"a job of a deleted connector is removed", l.Protocol.DeleteJob(ctx, j.ID))
	}
}

// tendStrange removes a job whose connector does not exist. The connector may
// also be that of another service, or one that was made a moment ago.
func (l *loop) tendStrange(ctx context.Context, j protocol.Job) {
	if _, err := l.Protocol.Connector(ctx, j.ConnectorID); errors.Is(err, protocol.ErrNotFound) {
		l.done(l.Log.With("connector_id", j.ConnectorID, "job_id", j.ID).Info,
			"a job is removed: its connector does not exist", l.Protocol.DeleteJob(ctx, j.ID))
	}
}

// buried is how many jobs of a deleted connector are removed at once.
const buried = 200

// bury removes the jobs of one deleted connector that have ended.
func (l *loop) bury(ctx context.Context) {
	for id, k := range l.seen {
		if !k.deleted || k.buried || l.types[id] != nil {
			continue
		}
		jobs, err := l.Protocol.Jobs(ctx, id, buried)
		for i := 0; i < len(jobs) && err == nil; i++ {
			err = l.Protocol.DeleteJob(ctx, jobs[i].ID)
		}
		if k.buried = err == nil && len(jobs) < buried; len(jobs) > 0 {
			l.done(l.Log.With("connector_id", id, "jobs", len(jobs)).Info, "jobs of a deleted connector are removed", err)
		}
		return
	}
}

// freeConnectors ends locks that no job holds any more, after a lease: a worker
// takes the lock first and the job then.
func (l *loop) freeConnectors(ctx context.Context, holds map[string][2]bool) {
	for id, k := range l.seen {
		for _, t := range [...]protocol.JobType{protocol.Full, protocol.AccessControl} {
			if k.deleted || !k.locked(t) || holds[id][classOf(t)] || l.busy[id][classOf(t)] {
				continue
			}
			if !l.silent("lock\x00"+string(t)+"\x00"+id, protocol.Version{SeqNo: k.lastSynced.UnixMicro()}, 0) {
				continue
			}
			l.done(l.Log.With("connector_id", id).Warn, "a connector is freed: it was marked as syncing, but no job runs", l.free(ctx, id, t, k.seqNo))
		}
	}
}

// free ends the lock of a connector that is as it was seen. A worker that was killed right after it had
// stored the end of its job left only the connector behind.
func (l *loop) free(ctx context.Context, id string, t protocol.JobType, seqNo int64) error {
	conn, err := l.Protocol.Connector(ctx, id)
	if err == nil && (conn.SyncStatus(t) != job.InProgress || conn.Version.SeqNo != seqNo) {
		err = protocol.ErrTaken // another replica has freed it; the lock may be a new job's by now
	}
	if err != nil {
		return err
	}
	jobs, err := l.Protocol.Jobs(ctx, id, lastJobs)
	if err != nil {
		return err
	}
	last := protocol.Job{Status: job.Failed, Error: orphaned}
	for _, j := range jobs {
		switch {
		case classOf(j.Type) != classOf(t):
		case j.Status == job.InProgress, j.Status == job.Canceling:
			return protocol.ErrTaken // a worker that was slow has claimed it
		case j.Ended() && j.LastSeen.After(last.LastSeen):
			last = j
		}
	}
	return l.Protocol.Free(ctx, conn, t, last.Status, last.Error)
}

// lastJobs is how many of a connector's jobs are looked at.
const lastJobs = 20

// orphaned is the last error of a connector that was freed.
const orphaned = "the sync's job is gone, though the connector was still marked as syncing; start the sync again"

// done tells what was done, or that it could not be done. That somebody else
// was faster is neither.
func (l *loop) done(tell func(string, ...any), what string, err error) {
	switch {
	case err == nil:
		tell(what)
	case errors.Is(err, protocol.ErrTaken), errors.Is(err, protocol.ErrNotFound):
	default:
		l.complain("not done; it is tried again: "+what, err)
	}
}

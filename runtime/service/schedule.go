package service

import (
	"context"
	"errors"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// schedule makes the jobs that are due. However many occurrences passed while
// the service was down or busy, one job catches up with them. While a job of
// the same type waits or runs, the next one is put off, not left out.
func (l *loop) schedule(ctx context.Context) {
	now := l.Now()
	for id, k := range l.seen {
		kind, known := l.kind(k.serviceType)
		if !known || !k.ready() {
			continue
		}
		for i, t := range protocol.JobTypes() {
			occurrence, due := k.plans[i].due(now)
			if !due || !k.supports(t, kind) || l.types[id][t] || l.busy[id][classOf(t)] {
				continue
			}
			conn, err := l.Protocol.Connector(ctx, id)
			if last := conn.LastScheduled[t]; err == nil && !conn.Deleted && !last.Before(occurrence) && !last.After(now.Add(protocol.Furthest)) {
				k.plans[i].made(conn.LastScheduled[t]) // another replica was faster
				continue
			}
			if err == nil {
				var created bool
				if created, err = l.Protocol.ScheduleJob(ctx, conn, t, occurrence); err == nil {
					k.plans[i].made(occurrence)
					l.scheduled(conn, t, created)
					continue
				}
			}
			if errors.Is(err, protocol.ErrNotFound) || ctx.Err() != nil {
				continue
			}
			l.complain("a scheduled job could not be made; trying again", err, "connector_id", id, "job_type", t)
		}
	}
}

// scheduled tells about a job that was made.
func (l *loop) scheduled(conn protocol.Connector, t protocol.JobType, created bool) {
	if created {
		l.Log.Info("a job is due", "connector_id", conn.ID, "job_type", t)
		l.again = true
	}
}

// waiting reports whether a job was made that no look has shown yet.
func (l *loop) waiting() bool { return l.again }

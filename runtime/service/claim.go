package service

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// claim starts jobs while there is room, the oldest first. Each class of jobs
// has its own room, so that neither waits for the other.
func (l *loop) claim(ctx context.Context) {
	if ctx.Err() != nil || time.Now().Before(l.hold) {
		return
	}
	for class := range l.slots {
		for room := l.room(class); room > 0; room-- {
			list := l.candidates(class)
			if len(list) == 0 {
				break
			}
			l.start(ctx, list[min(l.skip, len(list)-1)])
		}
	}
}

// candidates are the waiting jobs of a class that can be started here, the
// oldest first. One that can't never stands in the way of another.
func (l *loop) candidates(class int) []protocol.Job {
	var list []protocol.Job
	taken := map[string]bool{} // connectors that an older job of the list will keep busy
	for _, j := range l.live {
		if classOf(j.Type) != class || !waits(j) || taken[j.ConnectorID] || !l.startable(j) {
			continue
		}
		taken[j.ConnectorID] = true
		list = append(list, j)
	}
	return list
}

// startable reports whether nothing that is known here keeps a job from
// running.
func (l *loop) startable(j protocol.Job) bool {
	k := l.seen[j.ConnectorID]
	if k == nil || k.deleted || k.locked(j.Type) || l.busy[j.ConnectorID][classOf(j.Type)] {
		return false
	}
	if _, known := l.kind(k.serviceType); !known {
		if l.say("kind\x00"+j.ConnectorID, time.Hour) {
			l.Log.Warn("a job waits for a service that knows its service type", "connector_id", j.ConnectorID, "job_id", j.ID,
				"service_type", k.serviceType)
		}
		return false
	}
	if !k.ready() {
		if l.say("ready\x00"+j.ConnectorID, time.Hour) {
			l.Log.Info("a job waits until its connector is configured", "connector_id", j.ConnectorID, "job_id", j.ID)
		}
		return false
	}
	return true
}

// start runs a job in a goroutine of its own.
func (l *loop) start(ctx context.Context, j protocol.Job) {
	l.slots[classOf(j.Type)]++
	busy := l.busy[j.ConnectorID]
	busy[classOf(j.Type)] = true
	l.busy[j.ConnectorID] = busy
	l.active = time.Now()
	l.live = slices.DeleteFunc(l.live, func(other protocol.Job) bool { return other.ID == j.ID })
	l.workers.Go(func() { report(l, l.ended, l.work(ctx, j)) })
}

// release takes the report of a job that ended here.
func (l *loop) release(e ended) {
	l.slots[classOf(e.job.Type)]--
	busy := l.busy[e.job.ConnectorID]
	busy[classOf(e.job.Type)] = false
	if l.busy[e.job.ConnectorID] = busy; busy == [2]bool{} {
		delete(l.busy, e.job.ConnectorID)
	}
	if k := l.seen[e.job.ConnectorID]; k != nil && !e.taken {
		k.locks[classOf(e.job.Type)] = "" // as far as is known here
	}
	l.active = time.Now()
	l.lostRace(e.taken)
	if e.failed {
		l.failed++
	}
	if e.err == nil {
		l.refused = 0
		return
	}
	l.hold = time.Now().Add(min(slowest, time.Second<<min(l.refused, 5)))
	l.refused++
	l.complain("jobs can't be claimed; trying again", e.err)
}

// lostRace makes replicas that want the same jobs move apart: after a lost
// race, some candidates are passed over by chance, more after each, fewer after
// each that was won.
func (l *loop) lostRace(lost bool) {
	if l.races /= 2; lost {
		l.races = min(2*l.races+2, 64)
	}
	l.skip = 0
	if l.races > 0 {
		l.skip = rand.IntN(4 * l.races)
	}
}

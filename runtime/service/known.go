package service

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/cron"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// known is what the loop remembers of a connector: never its whole document.
type known struct {
	id          string
	seqNo       int64
	serviceType string
	deleted     bool
	status      protocol.ConnectorStatus
	features    protocol.Features
	indexName   bool
	locks       [2]job.Status // how the last content and access control jobs ended, or in_progress
	plans       [3]plan       // of the types in the order of protocol.JobTypes
	lastSynced  time.Time     // tells one lock from the next
	lastSeen    time.Time     // as it was written
	seenMoved   time.Time     // when that changed, by this process's clock

	matters  digest // of what a check looks at
	checked  digest // what the last check looked at
	checking bool
	failures int       // checks that failed in a row
	retryAt  time.Time // of a check that failed
	buried   bool      // it is deleted, and so are its jobs
	puzzled  bool      // it was said that nothing can be done with it
	listed   int       // the listing that it was in
}

type digest [sha256.Size]byte

// plan is when jobs of one type are due.
type plan struct {
	seen     bool
	text     string
	enabled  bool
	schedule cron.Schedule
	err      error
	// since is the occurrence that the last job was made for, or when the
	// schedule was seen first.
	since time.Time
	next  time.Time // zero: not worked out, or never
	never bool
}

// locked reports whether the connector's document says that a job runs.
func (k *known) locked(t protocol.JobType) bool { return k.locks[classOf(t)] == job.InProgress }

// classOf is what jobs of a connector exclude each other in.
func classOf(t protocol.JobType) int {
	if t.Content() {
		return 0
	}
	return 1
}

// ready reports whether jobs may be made for the connector.
func (k *known) ready() bool {
	if k.deleted || !k.indexName {
		return false
	}
	switch k.status {
	case protocol.Configured, protocol.Connected, protocol.Errored:
		return true
	}
	return false
}

// supports reports whether a type of job is switched on, and the source can.
func (k *known) supports(t protocol.JobType, kind connector.Kind) bool {
	switch t {
	case protocol.Incremental:
		return k.features.Incremental && kind.Can(connector.AbilityIncremental)
	case protocol.AccessControl:
		return k.features.DocumentLevelSecurity && kind.Can(connector.AbilityAccessControl)
	}
	return true
}

// learn takes over what a document says.
func (k *known) learn(c protocol.Connector, now time.Time) {
	k.id, k.seqNo, k.serviceType, k.deleted, k.status = c.ID, c.Version.SeqNo, c.ServiceType, c.Deleted, c.Status
	k.features, k.indexName = c.Features, c.IndexName != ""
	k.locks, k.lastSynced = [2]job.Status{c.LastSyncStatus, c.LastAccessSyncStatus}, c.LastSynced
	if !c.LastSeen.Equal(k.lastSeen) {
		k.lastSeen, k.seenMoved = c.LastSeen, time.Now()
	}
	k.matters = matters(c)
	for i, t := range protocol.JobTypes() {
		k.plans[i].learn(c.Scheduling[t], c.LastScheduled[t], now)
	}
}

// matters is a digest of what a check of a connector looks at.
func matters(c protocol.Connector) digest {
	h := sha256.New()
	enc := json.NewEncoder(h)
	_ = enc.Encode([]any{c.ServiceType, c.IndexName, c.Features, c.Scheduling, c.Status == protocol.Configured})
	h.Write(c.Configuration)
	h.Write([]byte{0})
	h.Write(c.Filtering)
	return digest(h.Sum(nil))
}

// learn takes over a schedule. Occurrences before a change that this process
// saw were not missed; of a schedule that it sees for the first time, those
// after the last job were.
func (p *plan) learn(s protocol.Schedule, last, now time.Time) {
	switch changed := s.Interval != p.text || s.Enabled != p.enabled; {
	case changed || !p.seen:
		first := !p.seen
		*p = plan{seen: true, text: s.Interval, enabled: s.Enabled, since: now}
		if first && !last.IsZero() {
			p.since = last
		}
		if s.Enabled {
			p.schedule, p.err = cron.Parse(s.Interval)
			p.schedule = p.schedule.In(time.UTC)
		}
	case last.After(p.since):
		p.made(last)
	}
}

// due returns the newest occurrence that no job was made for.
func (p *plan) due(now time.Time) (time.Time, bool) {
	if !p.enabled || p.err != nil || p.never {
		return time.Time{}, false
	}
	if p.since.After(now.Add(protocol.Furthest)) {
		p.made(now)
	}
	if p.next.IsZero() {
		next, ok := p.schedule.Next(p.since)
		p.next, p.never = next, !ok
	}
	if p.never || p.next.After(now) {
		return time.Time{}, false
	}
	return latest(p.schedule, p.next, now), true
}

// made notes the occurrence that a job was made for.
func (p *plan) made(occurrence time.Time) { p.since, p.next = occurrence, time.Time{} }

// latest returns the last occurrence that is not after now, given an earlier
// one. It halves the time between, so that years of seconds cost little.
func latest(s cron.Schedule, found, now time.Time) time.Time {
	for end := now; end.Sub(found) >= time.Second; {
		middle := found.Add(end.Sub(found) / 2)
		if t, ok := s.Next(middle); ok && !t.After(now) {
			found = t
		} else {
			end = middle
		}
	}
	return found
}

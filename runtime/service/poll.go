package service

import (
	"cmp"
	"context"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// look reads what has changed: one request for connectors, one for jobs,
// however many there are.
func (l *loop) look(ctx context.Context) error {
	whole, err := l.connectors(ctx)
	if err != nil {
		return err
	}
	var ids []string // all of them now and then: also those whose connector is gone
	if !whole {
		ids = l.ids()
	}
	jobs, err := l.Protocol.LiveJobs(ctx, l.Selection, ids)
	if err != nil {
		return err
	}
	before := l.known
	l.live, l.types, l.known = jobs, map[string]map[protocol.JobType]bool{}, map[string]bool{}
	for _, j := range jobs {
		l.known[j.ID] = true
		if l.types[j.ConnectorID] == nil {
			l.types[j.ConnectorID] = map[protocol.JobType]bool{}
		}
		l.types[j.ConnectorID][j.Type] = true
		if k := l.seen[j.ConnectorID]; k != nil && !k.deleted && !before[j.ID] {
			l.active = time.Now()
		}
	}
	l.count()
	return nil
}

// ids limits the jobs to those of the connectors that are known, unless the
// selection does so by itself.
func (l *loop) ids() []string {
	if l.Selection.All || len(l.seen) > maxIDs {
		return nil
	}
	ids := make([]string, 0, len(l.seen))
	for id := range l.seen {
		ids = append(ids, id)
	}
	return ids
}

// maxIDs is how many ids a request may name.
const maxIDs = 1000

// connectors reads those that were written since, or now and then all: a write
// that was under way comes to light when higher numbers have been seen.
func (l *loop) connectors(ctx context.Context) (whole bool, err error) {
	whole = l.listed.IsZero() || time.Since(l.listed) >= time.Duration(l.Settings.Service.CleanupInterval)
	if whole {
		l.after = -1
	}
	found, err := l.Protocol.Connectors(ctx, l.Selection, l.after)
	if err != nil {
		return whole, err
	}
	if whole {
		l.listing++
		l.listed = time.Now()
	}
	l.after = l.top // one look back, for what was under way at the last one
	for _, c := range found {
		l.top = max(l.top, c.Version.SeqNo)
		l.learn(c)
	}
	if whole {
		l.after = l.top
		l.forget()
	}
	return whole, nil
}

func (l *loop) learn(c protocol.Connector) {
	k := l.seen[c.ID]
	if k == nil {
		k = &known{}
		l.seen[c.ID] = k
	}
	k.listed = l.listing
	if k.id != "" && k.seqNo == c.Version.SeqNo {
		return
	}
	before := k.matters
	k.learn(c, l.Now())
	if k.matters != before && !k.deleted {
		l.active = time.Now() // somebody works on it
	}
	var agreed bool
	if k.serviceType, agreed = l.serviceType(c); !agreed && l.say("type\x00"+c.ID, time.Hour) {
		l.Log.Warn("a connector is left alone: its service type is not the one in the settings", "connector_id", c.ID,
			"service_type", c.ServiceType, "setting", l.Service.listed(c.ID).ServiceType)
	}
}

// serviceType is that of a connector; the settings give it to one that has
// none yet. It is empty, and not agreed, where the two differ.
func (s *Service) serviceType(c protocol.Connector) (name string, agreed bool) {
	wanted := s.listed(c.ID).ServiceType
	if c.ServiceType == "" || wanted == "" {
		return cmp.Or(c.ServiceType, wanted), true
	}
	kind, ok := s.kind(wanted)
	if wanted != c.ServiceType && !(ok && kind.Is(c.ServiceType)) {
		return "", false
	}
	return c.ServiceType, true
}

// forget drops what a full listing did not show.
func (l *loop) forget() {
	for id, k := range l.seen {
		if k.listed != l.listing {
			delete(l.seen, id)
		}
	}
	l.sources.sweep(func(id string) bool { return l.seen[id] != nil && !l.seen[id].deleted })
}

// count tells the metrics what there is.
func (l *loop) count() {
	if l.Metrics == nil {
		return
	}
	connectors, jobs := map[string]int{}, map[string]int{}
	for _, k := range l.seen {
		if !k.deleted {
			connectors[string(k.status)]++
		}
	}
	for _, j := range l.live {
		jobs[string(j.Status)]++
	}
	l.Metrics.Connectors(connectors)
	l.Metrics.Jobs(jobs)
}

// waits reports whether a job can be claimed, as far as its status goes.
func waits(j protocol.Job) bool { return j.Status == job.Pending || j.Status == job.Suspended }

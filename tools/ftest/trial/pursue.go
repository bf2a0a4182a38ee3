package trial

import (
	"context"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// manyChanges are as many as the target for their time is for.
const manyChanges = 1000

// many are changes of which a fifth are deletions: fewer of a small world, so
// that a sync that reads everything is told from one that doesn't.
func (t *trial) many(seed uint64) connectortest.Changes {
	n := min(manyChanges, t.documents/10)
	return connectortest.Changes{Seed: seed, Updates: n / 2, Deletes: n / 5, Added: n - n/2 - n/5}
}

// pursue has incremental syncs find what was written during a full sync, what
// was written at once, and what a killed service had half done.
func (t *trial) pursue(ctx context.Context) error {
	world, ok := t.world.(connectortest.Writer)
	if !ok {
		return fmt.Errorf("the source syncs incrementally: make the fixture's world a connectortest.Writer; %T has no method Write", t.world)
	}
	if err := t.during(ctx, world); err != nil {
		return err
	}
	if err := t.timed(ctx, world); err != nil {
		return err
	}
	return t.killed(ctx, world)
}

// during runs a full sync while documents change. What is in the index after it
// is between two truths; the incremental sync has to lead to the last one.
func (t *trial) during(ctx context.Context, world connectortest.Writer) error {
	w, err := write(ctx, world)
	if err != nil {
		return err
	}
	o, err := t.job(ctx, round{name: "a full sync while documents change"}, t.documents)
	made, perSecond, failed := w.stop()
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "  %-40s %16s made, %d/s; %s\n", "a full sync while documents change", count(made)+" changes", perSecond, o)
	return t.sync(ctx, round{name: "incremental after it", truth: t.world.Truth(), incremental: true, writes: made, unknown: true})
}

// timed is the time that many changes take.
func (t *trial) timed(ctx context.Context, world connectortest.Writer) error {
	c := t.many(timedSeed)
	if err := world.Write(ctx, c); err != nil {
		return err
	}
	name := count(c.Count()) + " changes at once"
	return t.sync(ctx, round{name: name, truth: t.world.Truth(), changed: true, incremental: true, writes: c.Count(), timed: true})
}

// Of the changes that a killed service had to send, it has sent some.
const (
	bulksOfChanges = 8
	bulkOfDeath    = 3
	shortLease     = "3s" // so that the job is taken over soon
)

// killed has the service killed in the middle of an incremental sync, after a
// bulk request of which it never learns the result, and the system restarted
// where it can be. Another service goes on.
func (t *trial) killed(ctx context.Context, world connectortest.Writer) error {
	c := t.many(killedSeed)
	if err := world.Write(ctx, c); err != nil {
		return err
	}
	if err := t.stop(); err != nil {
		return redf("%v", err)
	}
	g, err := newGate(t.url, t.index.name, bulkOfDeath)
	if err != nil {
		return err
	}
	defer func() { _ = g.server.Close() }()
	lines := 2 * c.Count() / bulksOfChanges
	if err := t.start(ctx, "elasticsearch.host="+g.url, fmt.Sprintf("elasticsearch.bulk.chunk_size=%d", lines), "service.lease="+shortLease); err != nil {
		return err
	}
	var begun struct{ ID string }
	if err := t.program.Call(ctx, &begun, "job", "start", t.connector(), "--type", "incremental"); err != nil {
		return err
	}
	if err := g.await(ctx, t.service); err != nil {
		return redf("the service is to be killed in the middle of an incremental sync: %v\n%s", err, t.service.Tail())
	}
	t.service.Kill()
	how := "killed in the middle"
	if r, ok := t.world.(connectortest.Restarter); ok {
		if err := r.Restart(ctx); err != nil {
			return fmt.Errorf("restart %s: %w", t.source, err)
		}
		how = "killed, server restarted"
	}
	if err := t.start(ctx, "service.lease="+shortLease); err != nil {
		return err
	}
	if err := t.sync(ctx, round{name: count(c.Count()) + " changes, " + how, truth: t.world.Truth(), incremental: true, writes: c.Count(), unknown: true, begun: begun.ID}); err != nil {
		return err
	}
	if err := t.stop(); err != nil {
		return redf("%v", err)
	}
	return t.start(ctx) // with a lease that a busy machine keeps
}

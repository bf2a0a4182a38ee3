package trial

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// The seeds of the rounds of changes; a writer goes on from its.
const (
	firstSeed   = 1
	secondSeed  = 2
	timedSeed   = 3
	killedSeed  = 4
	writingSeed = 100
)

// trial is one source under test.
type trial struct {
	options
	out     io.Writer
	program *Program
	world   connectortest.World
	index   index

	service *Running
	starts  int
	peak    int   // MiB
	holds   truth // what the index holds

	first    outcome // of the first sync
	syncs    int
	compared int   // ids with their contents
	deleted  int64 // documents
}

// steps are the whole test, in order.
func (t *trial) steps(ctx context.Context, tb testing.TB) error {
	fmt.Fprintf(t.out, "ftest %s %s: %s\n", t.source, t.size, t.world.System())
	incremental, err := t.begin(ctx)
	if err != nil {
		return err
	}
	if err := t.full(ctx, tb); err != nil {
		return err
	}
	if incremental {
		if err := t.incremental(ctx, tb); err != nil {
			return err
		}
		if err := t.pursue(ctx); err != nil {
			return err
		}
	}
	if err := t.rules(ctx); err != nil {
		return err
	}
	if err := t.stop(); err != nil {
		return redf("%v", err)
	}
	return t.judge()
}

// begin makes the connector and starts the service. It reports whether the
// source can sync incrementally.
func (t *trial) begin(ctx context.Context) (incremental bool, err error) {
	file, err := t.file("values.json", t.world.Config())
	if err != nil {
		return false, err
	}
	var made struct{ Type string }
	if err := t.program.Call(ctx, &made, "connector", "create", t.source,
		"--id", t.connector(), "--index", t.index.name, "--from-file", file); err != nil {
		return false, redf("the connector can't be made with the fixture's configuration: %v", err)
	}
	var about struct{ Abilities []string }
	if err := t.program.Call(ctx, &about, "sources", t.source); err != nil {
		return false, err
	}
	return slices.Contains(about.Abilities, "incremental"), t.start(ctx)
}

// full is a first sync, one of an unchanged system and one of a changed one.
func (t *trial) full(ctx context.Context, tb testing.TB) error {
	if err := t.sync(ctx, round{name: "full sync", truth: t.world.Truth()}); err != nil {
		return err
	}
	if err := t.sync(ctx, round{name: "the same again", truth: t.world.Truth(), idle: true}); err != nil {
		return err
	}
	t.world.Change(tb, firstSeed)
	return t.sync(ctx, round{name: "changes, full sync", truth: t.world.Truth(), changed: true})
}

// incremental is one after more changes, by a service that was started anew.
// What it wrote must be what a full sync would have written.
func (t *trial) incremental(ctx context.Context, tb testing.TB) error {
	t.world.Change(tb, secondSeed)
	if err := t.stop(); err != nil {
		return redf("%v", err)
	}
	if err := t.start(ctx); err != nil {
		return err
	}
	if err := t.sync(ctx, round{name: "changes, incremental", truth: t.world.Truth(), changed: true, incremental: true}); err != nil {
		return err
	}
	return t.sync(ctx, round{name: "a full sync after it", truth: t.world.Truth(), idle: true})
}

// rules tries each set of rules, and none in the end.
func (t *trial) rules(ctx context.Context) error {
	for _, r := range t.world.Rules() {
		if err := t.use(ctx, r.Filter); err != nil {
			return redf("rules %q: %v", r.Name, err)
		}
		if err := t.sync(ctx, round{name: r.Name, truth: r.Truth, changed: true, ruled: true}); err != nil {
			return err
		}
	}
	if err := t.use(ctx, []byte(`{"rules":[],"advanced_snippet":{"value":{}}}`)); err != nil {
		return err
	}
	return t.sync(ctx, round{name: "no rules any more", truth: t.world.Truth(), changed: true, ruled: true})
}

// use puts rules to use.
func (t *trial) use(ctx context.Context, filter []byte) error {
	file, err := t.file("rules.json", filter)
	if err != nil {
		return err
	}
	var line struct{ State string }
	if err := t.program.Call(ctx, &line, "connector", "rules", t.connector(), "--rules", file); err != nil {
		return err
	}
	if line.State != "valid" {
		return fmt.Errorf("the draft is %s", line.State)
	}
	return nil
}

// round is one sync and what it must lead to.
type round struct {
	name        string
	truth       iter.Seq[connectortest.Expected]
	idle        bool // nothing may be sent
	changed     bool // something must be
	incremental bool
	ruled       bool   // the rules are others than before
	unknown     bool   // what the index held before is
	timed       bool   // its time from the wish to the end is shown
	writes      int    // most changes that there were
	begun       string // id of the job if there is one already
}

// sync runs a job and compares the index and the job's counters with the truth.
func (t *trial) sync(ctx context.Context, r round) error {
	want, err := remember(r.truth)
	if err != nil {
		return err
	}
	s := want.from(t.holds)
	if r.changed && s.changes() == 0 {
		return fmt.Errorf("%s: the fixture expects the same documents as before", r.name)
	}
	o, err := t.job(ctx, r, len(want))
	if err != nil {
		return err
	}
	c, err := want.compare(t.index.documents(ctx), r.truth)
	if err != nil {
		return err
	}
	if !c.equal() {
		return redf("%s: %v", r.name, c)
	}
	if problem := o.check(r, s, len(want)); problem != "" {
		return redf("%s: ids and contents are right, but %s", r.name, problem)
	}
	if t.syncs == 0 {
		t.first = o
	}
	t.holds = want
	t.syncs++
	t.compared += c.documents
	t.deleted += s.deleted
	fmt.Fprintf(t.out, "  %-40s %16s equal; %s\n", r.name, documents(c.documents), o)
	if r.timed {
		fmt.Fprintf(t.out, "  %-40s %16s\n", "  from job start to completed", fmt.Sprintf("%.2f s", o.Completed.Sub(o.Created).Seconds()))
	}
	return nil
}

// file writes a file that the program may read.
func (t *trial) file(name string, content []byte) (path string, err error) {
	path = filepath.Join(t.program.Dir, name)
	return path, os.WriteFile(path, content, 0o644)
}

package job_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// changelog is an incremental source: a list of steps; a cursor is how many of
// them were seen.
type changelog struct {
	steps  []step
	fields map[string]connector.FieldType
	before func(i int) error // called before each step
	end    error             // returned after the last
}

// step sets a document's value, deletes it, or can't read it.
type step struct {
	id, value string
	deleted   bool
	err       error
	access    []string
	file      bool  // it has an attachment
	broken    error // which can't be read
	cursor    bool  // it carries one
}

func set(id, value string) step { return step{id: id, value: value} }
func del(id string) step        { return step{id: id, deleted: true} }
func (s step) safe() step       { s.cursor = true; return s }

func (h *changelog) Position(context.Context) (connector.Cursor, error) { return at(len(h.steps)), nil }

func (h *changelog) Fields(context.Context) (map[string]connector.FieldType, error) {
	return h.fields, nil
}

func at(n int) connector.Cursor { return connector.Cursor(strconv.Itoa(n)) }

func (h *changelog) Changes(ctx context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	from, err := strconv.Atoi(string(since))
	if err != nil {
		return nil, fmt.Errorf("cursor %s: %w", since, connector.ErrPositionLost)
	}
	for i, s := range h.steps[from:] {
		if h.before != nil {
			if err := h.before(i); err != nil {
				return nil, err
			}
		}
		ch := connector.Change{Document: s.document(), Deleted: s.deleted}
		if s.cursor {
			ch.Cursor = at(from + i + 1)
		}
		if err := emit(ch); err != nil {
			return nil, err
		}
	}
	return at(len(h.steps)), h.end
}

func (s step) document() connector.Document {
	if s.deleted {
		return connector.Document{ID: s.id}
	}
	d := connector.NewDocument(s.id)
	d.Set("v", s.value)
	d.Access, d.Err = s.access, s.err
	if s.file {
		d = withFile(d, s.value, s.broken)
	}
	return d
}

// changes makes a run of a history.
func (x *index) changes(h connector.Incremental, since connector.Cursor) *job.Changes {
	s := x.new(docs{})
	if there, err := s.Index.Exists(context.Background()); err == nil && !there && !x.options.DryRun && !x.absent {
		_, _ = s.Index.Prepare(context.Background(), nil) // the full sync before made it
	}
	return &job.Changes{
		Source: h, Since: since, Index: s.Index, Sink: s.Sink, Rules: s.Rules, Extract: s.Extract, Budget: s.Budget,
		Owner: s.Owner, Settings: s.Settings, Options: s.Options, Log: s.Log, Now: s.Now,
	}
}

// apply runs a history and checks what holds for every run.
func (x *index) apply(t *testing.T, h *changelog, since connector.Cursor) (job.Counters, connector.Cursor, error) {
	t.Helper()
	c := x.changes(h, since)
	defer x.close()
	next, err := c.Run(context.Background())
	requireSum(t, c.Counters())
	require.Equal(t, job.Done, c.Progress().Phase)
	return counted(c.Counters()), next, err
}

// follow runs a history from its start and demands success.
func (x *index) follow(t *testing.T, steps ...step) job.Counters {
	t.Helper()
	c, next, err := x.apply(t, &changelog{steps: steps}, at(0))
	require.NoError(t, err)
	require.Equal(t, at(len(steps)), next)
	return c
}

func TestChangesAfterAFullSync(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one", "c": "one", "d": "one"})
	c := x.follow(t, set("a", "two"), del("b"), set("c", "one"), set("e", "new"), del("none"))
	require.Equal(t, job.Counters{Emitted: 3, Created: 1, Updated: 1, Unchanged: 1, Deleted: 1}, c)
	want := map[string]string{"a": "two", "c": "one", "d": "one", "e": "new"}
	require.Equal(t, want, x.values(t))
	require.Equal(t, job.Counters{Emitted: 4, Unchanged: 4}, x.sync(t, docs(want)), "a full sync agrees")
}

// TestChangesIntoNoIndex finds that somebody has deleted the index: what came
// before the cursor would be missing.
func TestChangesIntoNoIndex(t *testing.T) {
	x := newIndex(t)
	x.absent = true
	h := &changelog{steps: []step{set("a", "one")}, fields: map[string]connector.FieldType{"v": connector.Keyword}}
	c, next, err := x.apply(t, h, at(0))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.Nil(t, next)
	require.Equal(t, job.Counters{}, c)
	c, _, err = x.apply(t, h, at(0))
	require.NoError(t, err)
	require.Equal(t, job.Counters{Emitted: 1, Created: 1}, c)
	require.Contains(t, string(x.must(t, "GET", "/"+x.name+"/_mapping", "")), `"v":{"type":"keyword"}`)
	c, next, err = x.apply(t, h, at(1))
	require.NoError(t, err)
	require.Equal(t, job.Counters{}, c)
	require.Equal(t, at(1), next, "nothing happened")
}

func TestChangesOfOneIDKeepTheirOrder(t *testing.T) {
	for name, test := range map[string]struct {
		steps []step
		value string // empty: it is gone
		want  job.Counters
	}{
		"set, deleted":      {[]step{set("a", "two"), del("a")}, "", job.Counters{Emitted: 1, Duplicate: 1, Deleted: 1}},
		"deleted, set":      {[]step{del("a"), set("a", "two")}, "two", job.Counters{Emitted: 1, Updated: 1}},
		"twice":             {[]step{set("a", "two"), set("a", "three")}, "three", job.Counters{Emitted: 2, Updated: 1, Duplicate: 1}},
		"and back":          {[]step{set("a", "two"), set("a", "one")}, "one", job.Counters{Emitted: 2, Unchanged: 1, Duplicate: 1}},
		"deleted twice":     {[]step{del("a"), del("a")}, "", job.Counters{Deleted: 1}},
		"set, unreadable":   {[]step{set("a", "two"), {id: "a", err: errors.New("busy")}}, "two", job.Counters{Emitted: 2, Updated: 1, Failed: 1}},
		"unreadable":        {[]step{{id: "a", err: errors.New("busy")}}, "one", job.Counters{Emitted: 1, Failed: 1}},
		"excluded":          {[]step{set("a", "secret")}, "", job.Counters{Emitted: 1, Filtered: 1, Deleted: 1}},
		"excluded, set":     {[]step{set("a", "secret"), set("a", "two")}, "two", job.Counters{Emitted: 2, Duplicate: 1, Updated: 1}},
		"excluded, deleted": {[]step{set("a", "secret"), del("a")}, "", job.Counters{Emitted: 1, Duplicate: 1, Deleted: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			x := newIndex(t)
			x.rules = excluding(t, "secret")
			x.sync(t, docs{"a": "one"})
			require.Equal(t, test.want, x.follow(t, test.steps...))
			require.Equal(t, test.value, x.values(t)["a"])
		})
	}
}

// TestChangesKeepTheirOrderOverWindows has many ids, each set and deleted many
// times, with content that takes its time, over several windows.
func TestChangesKeepTheirOrderOverWindows(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	var steps []step
	want := map[string]string{}
	for i := range 5000 {
		id := fmt.Sprint(i * 7919 % 300)
		if i%3 == 0 {
			steps = append(steps, del(id))
			delete(want, id)
			continue
		}
		s := set(id, fmt.Sprint(i))
		s.file = i%5 == 0
		steps = append(steps, s)
		want[id] = s.value
	}
	x.follow(t, steps...)
	require.Equal(t, want, x.values(t))
}

func TestChangesOfForeignDocuments(t *testing.T) {
	x := newIndex(t)
	x.as("other").sync(t, docs{"a": "theirs", "b": "theirs", "c": "theirs"})
	x.put(t, "d", `{"v":"nobody's"}`)
	x.rules = excluding(t, "secret")
	c := x.follow(t, set("a", "mine"), del("b"), set("c", "secret"), del("d"), set("e", "mine"))
	require.Equal(t, job.Counters{Emitted: 3, Created: 1, Failed: 1, Filtered: 1, Foreign: 4}, c)
	require.Contains(t, x.budget.Failures()[0].Reason, "another owner")
	require.Equal(t, map[string]string{"a": "theirs", "b": "theirs", "c": "theirs", "d": "nobody's", "e": "mine"}, x.values(t))

	x.options.Adopt = true
	require.Equal(t, job.Counters{Deleted: 1}, x.follow(t, del("d")))
}

func TestChangesFailAloneAndAreNamed(t *testing.T) {
	x := newIndex(t)
	x.create(t, `{"mappings":{"properties":{"v":{"type":"date"}}}}`)
	c := x.follow(t, set("a", "2024-05-01"), set("b", "no date"), set("", "2024-05-01"), del(""))
	require.Equal(t, job.Counters{Emitted: 4, Created: 1, Failed: 3}, c)
	require.Len(t, x.budget.Failures(), 3)
}

func TestChangesWithContent(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	text, broken := step{id: "a", value: "text", file: true}, step{id: "a", value: "more", file: true, broken: errors.New("device error")}
	require.Equal(t, job.Counters{Emitted: 1, Created: 1}, x.follow(t, text))
	require.Equal(t, "text", x.source(t, "a")["body"])
	require.Equal(t, job.Counters{Emitted: 1, Unchanged: 1}, x.follow(t, text))
	require.Equal(t, job.Counters{Emitted: 1, Failed: 1}, x.follow(t, broken))
	require.Equal(t, "text", x.source(t, "a")["body"], "the old content stays")
	require.Equal(t, "more", x.source(t, "a")["v"])
	broken.id = "b"
	require.Equal(t, job.Counters{Emitted: 1, Failed: 1}, x.follow(t, broken))
	require.NotContains(t, x.source(t, "b"), "body")
	broken.broken = nil
	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.follow(t, broken), "it is read again")
}

func TestChangesOptions(t *testing.T) {
	x := newIndex(t)
	x.follow(t, set("a", "one"))
	x.options.Resend = true
	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.follow(t, set("a", "one")))
	x.options.Resend = false
	x.settings = "other"
	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.follow(t, set("a", "one")))
	long := strings.Repeat("ü", 300)
	require.Equal(t, job.Counters{Emitted: 1, Created: 1}, x.follow(t, set(long, "one")))
	require.Equal(t, job.Counters{Deleted: 1}, x.follow(t, del(long)))
}

func TestChangesInADryRun(t *testing.T) {
	x := newIndex(t)
	x.options.DryRun = true
	c := x.changes(&changelog{steps: []step{set("a", "one"), del("b")}}, at(0))
	c.Sink = discard{}
	_, err := c.Run(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, c.Counters().Emitted)
	x.close()
	require.False(t, x.exists(t), "a dry run made the index")
}

// TestChangesPassOnALostPosition keeps what came before.
func TestChangesPassOnALostPosition(t *testing.T) {
	x := newIndex(t)
	_, next, err := x.apply(t, &changelog{}, connector.Cursor(`"old"`))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.Nil(t, next)
	h := &changelog{steps: []step{set("a", "one").safe(), set("b", "one")}, end: connector.ErrPositionLost}
	c, next, err := x.apply(t, h, at(0))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.Equal(t, at(1), next)
	require.Equal(t, job.Counters{Emitted: 2, Created: 2}, c)
}

func TestChangesRefuseUnusableCursors(t *testing.T) {
	for _, bad := range []connector.Cursor{nil, connector.Cursor(`{`), connector.Cursor(`"` + strings.Repeat("x", connector.MaxCursor) + `"`)} {
		x := newIndex(t)
		c := x.changes(fixed{at: bad}, at(0))
		_, err := c.Run(t.Context())
		x.close()
		require.ErrorContains(t, err, "defect of the source")
		if len(bad) > 0 {
			c = x.changes(fixed{each: bad, at: at(1)}, at(0))
			_, err = c.Run(t.Context())
			x.close()
			require.ErrorContains(t, err, "defect of the source")
		}
	}
}

// fixed emits one change with a cursor and ends with another.
type fixed struct{ each, at connector.Cursor }

func (f fixed) Position(context.Context) (connector.Cursor, error) { return f.at, nil }

func (f fixed) Changes(_ context.Context, _ connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	return f.at, emit(connector.Change{Document: connector.NewDocument("a"), Cursor: f.each})
}

// TestCheckpointsAreInTheIndex stops at a checkpoint, looks whether everything
// before is there, and goes on from it.
func TestCheckpointsAreInTheIndex(t *testing.T) {
	x := newIndex(t)
	var steps []step
	want := map[string]string{}
	for i := range 3500 {
		steps = append(steps, set(fmt.Sprint("doc-", i), fmt.Sprint(i)).safe())
		want[steps[i].id] = steps[i].value
	}
	h := &changelog{steps: steps}
	since, stop := at(0), errors.New("stopped by the test")
	for round := 0; ; round++ {
		var given []connector.Cursor
		c := x.changes(h, since)
		c.Checkpoint = func(_ context.Context, at connector.Cursor) error {
			given = append(given, at)
			return stop
		}
		next, err := c.Run(t.Context())
		requireSum(t, c.Counters())
		x.close()
		if err == nil {
			require.Equal(t, at(3500), next)
			require.Equal(t, 3, round, "rounds")
			break
		}
		require.ErrorIs(t, err, stop)
		require.Len(t, given, 1, "a source that goes on after an error is not heard")
		require.Equal(t, given[0], next)
		n, err := strconv.Atoi(string(next))
		require.NoError(t, err)
		require.Len(t, x.values(t), n)
		since = next
	}
	require.Equal(t, want, x.values(t))
}

// TestChangesStop ends runs in every way in which a job may end.
func TestChangesStop(t *testing.T) {
	for _, cause := range []error{job.ErrCanceled, job.ErrShutdown, job.ErrLost} {
		x := newIndex(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		h := &changelog{before: func(i int) error {
			if i == 2500 {
				cancel(cause)
			}
			return nil
		}}
		for i := range 5000 {
			h.steps = append(h.steps, set(fmt.Sprint(i), "one").safe())
		}
		c := x.changes(h, at(0))
		start := time.Now()
		next, err := c.Run(ctx)
		require.Less(t, time.Since(start), 30*time.Second)
		require.ErrorIs(t, err, cause)
		require.Equal(t, at(2000), next, "the windows that were flushed")
		requireSum(t, c.Counters())
		require.EqualValues(t, 2000, c.Counters().Created)
		require.EqualValues(t, 500, c.Counters().Failed)
		x.close()
		require.Len(t, x.values(t), 2000)
		cancel(nil)
	}
}

// TestChangesEmittedLate calls emit after Changes has returned.
func TestChangesEmittedLate(t *testing.T) {
	x := newIndex(t)
	var late func(connector.Change) error
	c := x.changes(keeper{&late}, at(0))
	_, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Error(t, late(connector.Change{Document: connector.NewDocument("a")}))
	x.close()
}

type keeper struct{ emit *func(connector.Change) error }

func (keeper) Position(context.Context) (connector.Cursor, error) { return at(0), nil }

func (k keeper) Changes(_ context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	*k.emit = emit
	return since, nil
}

// TestChangesDeleteWhatChangesMeanwhile writes a document between the look at
// it and its deletion: once, and for ever.
func TestChangesDeleteWhatChangesMeanwhile(t *testing.T) {
	for _, writes := range []int{1, 1000} {
		x := newIndex(t)
		x.sync(t, docs{"a": "one"})
		print := x.source(t, "a")["_fingerprint"]
		c := x.changes(&changelog{steps: []step{del("a")}}, at(0))
		n := 0
		c.Index = looker{c.Index, func() {
			if n++; n <= writes {
				x.put(t, "a", fmt.Sprintf(`{"v":"theirs-%d","_fingerprint":%q}`, n, print))
			}
		}}
		_, err := c.Run(t.Context())
		x.close()
		if writes == 1 {
			require.NoError(t, err)
			require.EqualValues(t, 1, c.Counters().Deleted)
			require.Empty(t, x.values(t))
			continue
		}
		require.ErrorContains(t, err, "somebody else keeps changing 1 of them, such as a")
		require.Len(t, x.values(t), 1)
	}
}

// looker is an index in which something happens after each look.
type looker struct {
	job.Index
	after func()
}

func (l looker) Look(ctx context.Context, ids []string, visit func(int, bool, []byte, int64, int64) error) error {
	return l.Index.Look(ctx, ids, func(i int, found bool, print []byte, seqNo, term int64) error {
		l.after()
		return visit(i, found, print, seqNo, term)
	})
}

// TestBudgetEndsChanges has an index that refuses every document.
func TestBudgetEndsChanges(t *testing.T) {
	x := newIndex(t)
	x.create(t, `{"mappings":{"properties":{"v":{"type":"date"}}}}`)
	h := &changelog{}
	for i := range 20 {
		h.steps = append(h.steps, set(fmt.Sprint(i), "no date").safe())
	}
	c, next, err := x.apply(t, h, at(0))
	require.ErrorContains(t, err, "in a row")
	require.Nil(t, next)
	require.Equal(t, job.Counters{Emitted: 20, Failed: 20}, c)
}

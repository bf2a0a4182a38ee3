package job_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
)

// docs is a source in memory: id to the value of its field "v".
type docs map[string]string

func (d docs) Ping(context.Context) error { return nil }

func (d docs) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	for id, v := range d {
		doc := connector.NewDocument(id)
		doc.Set("v", v)
		if err := emit(doc); err != nil {
			return err
		}
	}
	return nil
}

// emitter is a source that is a function.
type emitter func(ctx context.Context, emit func(connector.Document) error) error

func (e emitter) Ping(context.Context) error { return nil }

func (e emitter) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	return e(ctx, emit)
}

func numbered(n int) docs {
	d := docs{}
	for i := range n {
		d[fmt.Sprintf("doc-%d", i)] = "one"
	}
	return d
}

func TestFirstSecondAndChangedSync(t *testing.T) {
	x := newIndex(t)
	d := numbered(500)
	require.Equal(t, job.Counters{Emitted: 500, Created: 500}, x.sync(t, d))
	require.Equal(t, job.Counters{Emitted: 500, Unchanged: 500}, x.sync(t, d))

	d["doc-1"], d["new"] = "two", "one"
	delete(d, "doc-2")
	require.Equal(t, job.Counters{Emitted: 500, Unchanged: 498, Updated: 1, Created: 1, Deleted: 1}, x.sync(t, d))
	require.Equal(t, map[string]string(d), x.values(t))
}

func TestStoredDocumentHasTheRuntimesFields(t *testing.T) {
	x := newIndex(t)
	when := time.Date(2024, 5, 1, 10, 0, 0, 123456789, time.FixedZone("", 7200))
	x.sync(t, emitter(func(_ context.Context, emit func(connector.Document) error) error {
		d := connector.NewDocument("a")
		d.Set("id", 7)
		d.UpdatedAt = when
		d.Access = []string{"user:1"}
		return emit(d)
	}))
	got := x.source(t, "a")
	require.Regexp(t, `^`+x.owner+`\.[A-Za-z0-9_-]{22}$`, got["_fingerprint"])
	delete(got, "_fingerprint")
	require.Equal(t, map[string]any{
		"id": "a", "id_": 7.0, "_timestamp": "2024-05-01T08:00:00.123456789Z", "_allow_access_control": []any{"user:1"},
	}, got)
}

func TestPartialReadNeverDeletes(t *testing.T) {
	x := newIndex(t)
	d := numbered(50)
	x.sync(t, d)
	lost := errors.New("the connection broke")
	_, err := x.run(t, emitter(func(ctx context.Context, emit func(connector.Document) error) error {
		require.NoError(t, docs{"doc-1": "two"}.GetDocs(ctx, connector.Filter{}, emit))
		return lost
	}))
	require.ErrorIs(t, err, lost)
	d["doc-1"] = "two"
	require.Equal(t, map[string]string(d), x.values(t))
}

func TestGuardRefusesAnEmptiedSource(t *testing.T) {
	x := newIndex(t)
	d := numbered(150)
	x.sync(t, d)
	for _, rest := range []int{0, 40} {
		_, err := x.run(t, numbered(rest))
		var g *job.GuardError
		require.ErrorAs(t, err, &g)
		require.Equal(t, job.GuardError{Own: 150, Gone: 150 - rest, Share: 0.2, Few: 100}, *g)
		require.Equal(t, map[string]string(d), x.values(t))
	}
	x.options.AllowDeletes = true
	require.Equal(t, job.Counters{Emitted: 40, Unchanged: 40, Deleted: 110}, x.sync(t, numbered(40)))
}

func TestForeignDocumentsAreLeftAlone(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one"})
	other := x.as("other")
	c, err := other.run(t, docs{"b": "two", "c": "one"})
	require.NoError(t, err)
	require.Equal(t, job.Counters{Emitted: 2, Created: 1, Failed: 1, Foreign: 2}, c)
	require.Contains(t, other.budget.Failures()[0].Reason, "another owner")
	require.Equal(t, map[string]string{"a": "one", "b": "one", "c": "one"}, x.values(t))
	require.Equal(t, job.Counters{Emitted: 1, Unchanged: 1, Deleted: 1, Foreign: 1}, x.sync(t, docs{"a": "one"}))
}

func TestAdoptTakesOverDocumentsWithoutOwner(t *testing.T) {
	x := newIndex(t)
	x.put(t, "a", `{"v":"left"}`)
	x.put(t, "b", `{"v":"left"}`)
	c := x.sync(t, docs{"a": "one", "c": "one"})
	require.Equal(t, job.Counters{Emitted: 2, Created: 1, Failed: 1, Foreign: 2}, c)
	x.options.Adopt = true
	require.Equal(t, job.Counters{Emitted: 2, Updated: 1, Unchanged: 1, Deleted: 1}, x.sync(t, docs{"a": "one", "c": "one"}))
	x.options.Adopt = false
	require.Equal(t, job.Counters{Emitted: 2, Unchanged: 2}, x.sync(t, docs{"a": "one", "c": "one"}))
}

func TestResendSendsUnchangedDocuments(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(10))
	x.options.Resend = true
	require.Equal(t, job.Counters{Emitted: 10, Updated: 10}, x.sync(t, numbered(10)))
}

func TestChangedSettingsSendAgain(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(10))
	x.settings = "other"
	require.Equal(t, job.Counters{Emitted: 10, Updated: 10}, x.sync(t, numbered(10)))
}

func TestDryRunWritesNothing(t *testing.T) {
	x := newIndex(t)
	x.options.DryRun = true
	x.sync(t, docs{})
	require.False(t, x.exists(t), "a dry run made the index")
}

func TestDuplicatesLastWins(t *testing.T) {
	again := func(values ...string) emitter {
		return func(ctx context.Context, emit func(connector.Document) error) error {
			for _, v := range values {
				if err := (docs{"a": v}).GetDocs(ctx, connector.Filter{}, emit); err != nil {
					return err
				}
			}
			return nil
		}
	}
	x := newIndex(t)
	for _, c := range []struct {
		emitted []string
		want    job.Counters
	}{
		{[]string{"one", "two"}, job.Counters{Emitted: 2, Created: 1, Duplicate: 1}},
		{[]string{"two", "two"}, job.Counters{Emitted: 2, Unchanged: 1, Duplicate: 1}},
		{[]string{"two", "three"}, job.Counters{Emitted: 2, Updated: 1, Duplicate: 1}},
		{[]string{"four", "three"}, job.Counters{Emitted: 2, Updated: 1, Duplicate: 1}},
		{[]string{"three", "four", "three"}, job.Counters{Emitted: 3, Updated: 1, Duplicate: 2}},
	} {
		require.Equal(t, c.want, x.sync(t, again(c.emitted...)), "%v", c.emitted)
		require.Equal(t, c.emitted[len(c.emitted)-1], x.values(t)["a"])
	}
}

// TestUnreadableThenRead emits a stored document that can't be read at first.
func TestUnreadableThenRead(t *testing.T) {
	for value, want := range map[string]job.Counters{
		"one": {Emitted: 2, Failed: 1, Unchanged: 1},
		"two": {Emitted: 2, Failed: 1, Updated: 1},
	} {
		x := newIndex(t)
		x.sync(t, docs{"a": "one"})
		require.Equal(t, want, x.sync(t, emitter(func(ctx context.Context, emit func(connector.Document) error) error {
			if err := emit(connector.Document{ID: "a", Err: errors.New("busy")}); err != nil {
				return err
			}
			return docs{"a": value}.GetDocs(ctx, connector.Filter{}, emit)
		})))
	}
}

func TestUnreadableDocumentKeepsItsCopy(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one"})
	unreadable := emitter(func(_ context.Context, emit func(connector.Document) error) error {
		if err := emit(connector.Document{ID: "a", Err: errors.New("permission denied")}); err != nil {
			return err
		}
		return emit(connector.Document{})
	})
	x.options.AllowDeletes = true
	require.Equal(t, job.Counters{Emitted: 2, Failed: 2, Deleted: 1}, x.sync(t, unreadable))
	require.Equal(t, map[string]string{"a": "one"}, x.values(t))
	require.Equal(t, job.Failure{ID: "a", Reason: "permission denied"}, x.budget.Failures()[0])
	require.Contains(t, x.budget.Failures()[1].Reason, "no id")
}

func TestRejectedDocumentCostsItself(t *testing.T) {
	x := newIndex(t)
	x.create(t, `{"mappings":{"properties":{"v":{"type":"date"}}}}`)
	c := x.sync(t, docs{"a": "2024-05-01", "b": "no date", "c": "2024-05-02"})
	require.Equal(t, job.Counters{Emitted: 3, Created: 2, Failed: 1}, c)
	require.Equal(t, "b", x.budget.Failures()[0].ID)
	require.Equal(t, job.Counters{Emitted: 3, Unchanged: 2, Failed: 1}, x.sync(t, docs{"a": "2024-05-01", "b": "no date", "c": "2024-05-02"}))
}

func TestBudgetEndsTheRun(t *testing.T) {
	x := newIndex(t)
	x.create(t, `{"mappings":{"properties":{"v":{"type":"date"}}}}`)
	c, err := x.run(t, numbered(100))
	require.ErrorContains(t, err, "in a row")
	require.NotContains(t, err.Error(), "read the source", "the source is not to blame")
	require.Equal(t, c.Emitted, c.Failed)
	require.Zero(t, c.Deleted)
}

// TestSourceThatHidesTheErrorOfEmit says that all was emitted although emit
// refused it: nothing may be deleted.
func TestSourceThatHidesTheErrorOfEmit(t *testing.T) {
	x := newIndex(t)
	d := numbered(150)
	x.sync(t, d)
	x.options.AllowDeletes = true
	s := x.new(emitter(func(_ context.Context, emit func(connector.Document) error) error {
		x.close()
		_ = emit(connector.NewDocument("new"))
		return nil
	}))
	require.ErrorIs(t, s.Run(context.Background()), elastic.ErrClosed)
	requireSum(t, s.Counters())
	require.Equal(t, map[string]string(d), x.values(t))
}

func TestSourceThatEmitsFromManyGoroutines(t *testing.T) {
	x := newIndex(t)
	c := x.sync(t, emitter(func(ctx context.Context, emit func(connector.Document) error) error {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				part := docs{}
				for j := range 100 {
					part[fmt.Sprint(i, "-", j)] = "one"
				}
				errs[i] = part.GetDocs(ctx, connector.Filter{}, emit)
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}))
	require.Equal(t, job.Counters{Emitted: 800, Created: 800}, c)
}

func TestEmitAfterGetDocsIsRefused(t *testing.T) {
	x := newIndex(t)
	var late func(connector.Document) error
	x.sync(t, emitter(func(_ context.Context, emit func(connector.Document) error) error {
		late = emit
		return nil
	}))
	require.Error(t, late(connector.NewDocument("a")))
}

func TestCancelStopsWithinTwoSeconds(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(10))
	ctx, cancel := context.WithCancelCause(context.Background())
	n := 0
	s := x.new(emitter(func(ctx context.Context, emit func(connector.Document) error) error {
		for ; ; n++ {
			if n == 5000 {
				cancel(job.ErrCanceled)
			}
			d := connector.NewDocument(fmt.Sprint("endless-", n))
			if err := emit(d); err != nil {
				return err
			}
		}
	}))
	defer x.close()
	start := time.Now()
	err := s.Run(ctx)
	require.Less(t, time.Since(start), 30*time.Second)
	require.ErrorIs(t, err, job.ErrCanceled)
	require.Equal(t, job.Canceled, job.Outcome(ctx, err))
	requireSum(t, s.Counters())
	require.Zero(t, s.Counters().Deleted)
}

func TestLongIDsAreShortened(t *testing.T) {
	x := newIndex(t)
	long := strings.Repeat("ü", 300)
	require.Equal(t, job.Counters{Emitted: 1, Created: 1}, x.sync(t, docs{long: "one"}))
	require.Equal(t, job.Counters{Emitted: 1, Unchanged: 1}, x.sync(t, docs{long: "one"}))
	require.Equal(t, map[string]string{connector.DocumentID(long): "one"}, x.values(t))
}

func TestRenamedFieldIsWarnedAboutOnce(t *testing.T) {
	x := newIndex(t)
	x.sync(t, emitter(func(_ context.Context, emit func(connector.Document) error) error {
		for i := range 3 {
			d := connector.NewDocument(fmt.Sprint(i))
			d.Set("_id", i)
			if err := emit(d); err != nil {
				return err
			}
		}
		return nil
	}))
	require.Equal(t, 1, strings.Count(x.log.String(), "reserved"))
}

func TestRenamedFieldsAreNotWarnedAboutForEver(t *testing.T) {
	x := newIndex(t)
	x.sync(t, emitter(func(_ context.Context, emit func(connector.Document) error) error {
		d := connector.NewDocument("a")
		for i := range 300 {
			d.Set(fmt.Sprintf("n%d.", i), i)
		}
		return emit(d)
	}))
	require.Equal(t, 100, strings.Count(x.log.String(), "reserved"))
}

// TestIndices runs one history on every way in which an index may be there
// already.
func TestIndices(t *testing.T) {
	fields := `"v":{"type":"keyword"}`
	for name, body := range map[string]string{
		"dynamic":                     `{}`,
		"dynamic false":               `{"mappings":{"dynamic":false,"properties":{` + fields + `}}}`,
		"strict":                      `{"mappings":{"dynamic":"strict","properties":{` + fields + `}}}`,
		"fingerprint of another type": `{"mappings":{"properties":{` + fields + `,"_fingerprint":{"type":"text"}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			x := newIndex(t)
			x.create(t, body)
			history(t, x)
		})
	}
	t.Run("absent", func(t *testing.T) { history(t, newIndex(t)) })
	t.Run("made by a template", func(t *testing.T) {
		x := newIndex(t)
		x.template(t, `{"mappings":{"dynamic":"strict","properties":{`+fields+`}}}`)
		history(t, x)
	})
	t.Run("behind an alias", func(t *testing.T) {
		x := newIndex(t)
		x.create(t, `{"aliases":{"`+x.name+`-alias":{}}}`)
		x.name += "-alias"
		history(t, x)
	})
}

func history(t *testing.T, x *index) {
	t.Helper()
	d := numbered(20)
	require.Equal(t, job.Counters{Emitted: 20, Created: 20}, x.sync(t, d))
	require.Equal(t, job.Counters{Emitted: 20, Unchanged: 20}, x.sync(t, d))
	d["doc-3"] = "two"
	delete(d, "doc-4")
	require.Equal(t, job.Counters{Emitted: 19, Unchanged: 18, Updated: 1, Deleted: 1}, x.sync(t, d))
	require.Equal(t, map[string]string(d), x.values(t))
}

func requireSum(t *testing.T, c job.Counters) {
	t.Helper()
	require.Equal(t, c.Emitted, c.Created+c.Updated+c.Unchanged+c.Filtered+c.Failed+c.Duplicate, "%+v", c)
}

// counted leaves out what tests of counters do not compare.
func counted(c job.Counters) job.Counters {
	c.Bytes = 0
	return c
}

func newLog(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func decode(t *testing.T, raw json.RawMessage) map[string]any {
	t.Helper()
	m := map[string]any{}
	require.NoError(t, json.Unmarshal(raw, &m))
	return maps.Clone(m)
}

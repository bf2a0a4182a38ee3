package job_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// verify compares, and returns what was found in the order of kinds and ids.
func (x *index) verify(t *testing.T, source connector.Source, o job.Verification) (job.Findings, []job.Difference) {
	t.Helper()
	f, found, err := x.try(t, source, o)
	require.NoError(t, err)
	if f.Unsettled == 0 { // they may be surplus
		require.Equal(t, f.Emitted, f.Equal+f.Missing+f.Different+f.Filtered+f.Failed+f.Duplicate)
	}
	return f, found
}

func (x *index) try(t *testing.T, source connector.Source, o job.Verification) (job.Findings, []job.Difference, error) {
	t.Helper()
	var found []job.Difference
	o.Report = func(d job.Difference) error {
		found = append(found, d)
		return nil
	}
	s := x.new(source)
	defer x.close()
	v, err := job.NewVerify(s, x.client.Index(x.name), o)
	require.NoError(t, err)
	err = v.Run(context.Background())
	slices.SortFunc(found, func(a, b job.Difference) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
	})
	f := v.Findings()
	require.Equal(t, x.extract != nil && !o.NoContent && !o.Fast, f.Contents)
	f.Contents = false
	if len(f.Unjudged) == 0 {
		f.Unjudged = nil
	}
	return f, found, err
}

var (
	asIs     = job.Verification{}
	mend     = job.Verification{Repair: true}
	byPrints = job.Verification{Fast: true}
)

func TestVerifyRefuses(t *testing.T) {
	_, err := job.NewVerify(&job.Sync{}, nil, job.Verification{Fast: true, Repair: true})
	require.ErrorContains(t, err, "is a sync")
	_, err = job.NewVerify(&job.Sync{}, nil, job.Verification{NoContent: true, Repair: true})
	require.ErrorContains(t, err, "needs the contents")
}

func changed(id string, kind job.FieldKind, names ...string) job.Difference {
	d := job.Difference{Kind: job.Different, ID: id}
	for _, name := range names {
		d.Fields = append(d.Fields, job.FieldDifference{Name: name, Kind: kind})
	}
	return d
}

// edit changes a document behind the back of a sync: its fingerprint stays.
func (x *index) edit(t *testing.T, id, partial string) {
	t.Helper()
	x.must(t, http.MethodPost, "/"+x.name+"/_update/"+id, `{"doc":`+partial+`}`)
}

// rewrite replaces a document behind the back of a sync.
func (x *index) rewrite(t *testing.T, id string, change func(map[string]any)) {
	t.Helper()
	source := x.source(t, id)
	change(source)
	raw, err := json.Marshal(source)
	require.NoError(t, err)
	x.put(t, id, string(raw))
}

func TestVerifyFindsAndMendsEverything(t *testing.T) {
	x := newIndex(t)
	d := numbered(50)
	x.sync(t, d)
	f, found := x.verify(t, d, asIs)
	require.Equal(t, job.Findings{Emitted: 50, Equal: 50}, f)
	require.Empty(t, found)

	x.edit(t, "doc-1", `{"v":"edited"}`)
	x.edit(t, "doc-2", `{"more":1}`)
	x.rewrite(t, "doc-3", func(source map[string]any) { delete(source, "v") })
	x.must(t, http.MethodDelete, "/"+x.name+"/_doc/doc-4", "")
	d["doc-5"], d["new"] = "changed at the source", "one"
	delete(d, "doc-6")

	want := job.Findings{Emitted: 50, Equal: 44, Missing: 2, Different: 4, Surplus: 1}
	list := []job.Difference{
		changed("doc-1", job.Changed, "v"), changed("doc-2", job.Added, "more"), changed("doc-3", job.Absent, "v"), changed("doc-5", job.Changed, "v"),
		{Kind: job.Missing, ID: "doc-4"}, {Kind: job.Missing, ID: "new"}, {Kind: job.Surplus, ID: "doc-6"},
	}
	f, found = x.verify(t, d, asIs)
	require.Equal(t, want, f)
	require.Equal(t, list, found)
	require.Equal(t, "edited", x.source(t, "doc-1")["v"], "nothing was changed")

	f, found = x.verify(t, d, mend)
	want.Repaired = 7
	require.Equal(t, want, f)
	require.Equal(t, list, found)
	require.Equal(t, map[string]string(d), x.values(t))

	f, _ = x.verify(t, d, asIs)
	require.Equal(t, job.Findings{Emitted: 50, Equal: 50}, f)
	require.Equal(t, job.Counters{Emitted: 50, Unchanged: 50}, x.sync(t, d))
}

func TestVerifyByFingerprints(t *testing.T) {
	x := newIndex(t)
	d := numbered(20)
	x.sync(t, d)
	x.edit(t, "doc-1", `{"v":"edited"}`) // nobody can see that
	x.must(t, http.MethodDelete, "/"+x.name+"/_doc/doc-2", "")
	d["doc-3"] = "two"
	delete(d, "doc-4")
	f, found := x.verify(t, d, byPrints)
	require.Equal(t, job.Findings{Emitted: 19, Equal: 17, Missing: 1, Different: 1, Surplus: 1}, f)
	require.Equal(t, []job.Difference{
		{Kind: job.Different, ID: "doc-3"}, {Kind: job.Missing, ID: "doc-2"}, {Kind: job.Surplus, ID: "doc-4"},
	}, found)

}

func TestVerifyOfAnIndexThatIsNotThere(t *testing.T) {
	x := newIndex(t)
	f, _ := x.verify(t, numbered(3), asIs)
	require.Equal(t, job.Findings{Emitted: 3, Missing: 3}, f)
	require.False(t, x.exists(t))
	f, _ = x.verify(t, numbered(3), mend)
	require.Equal(t, job.Findings{Emitted: 3, Missing: 3, Repaired: 3}, f)
	f, _ = x.verify(t, numbered(3), asIs)
	require.Equal(t, job.Findings{Emitted: 3, Equal: 3}, f)
}

// TestVerifyOfASourceThatFails: what it did not give is not surplus.
func TestVerifyOfASourceThatFails(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(30))
	x.edit(t, "doc-1", `{"v":"edited"}`)
	lost := errors.New("the connection broke")
	half := emitter(func(ctx context.Context, emit func(connector.Document) error) error {
		require.NoError(t, docs{"doc-1": "one", "new": "one"}.GetDocs(ctx, connector.Filter{}, emit))
		return lost
	})
	for _, repair := range []bool{false, true} {
		f, _, err := x.try(t, half, job.Verification{Repair: repair})
		require.ErrorIs(t, err, lost)
		require.Zero(t, f.Surplus)
		require.GreaterOrEqual(t, len(x.values(t)), 30)
	}
}

func TestVerifyUnderTheGuard(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(150))
	x.edit(t, "doc-1", `{"v":"edited"}`)
	rest := numbered(40)
	f, found, err := x.try(t, rest, mend)
	var guard *job.GuardError
	require.ErrorAs(t, err, &guard)
	require.Equal(t, job.Findings{Emitted: 40, Equal: 39, Different: 1, Surplus: 110, Repaired: 1}, f)
	require.Len(t, found, 111)
	require.Len(t, x.values(t), 150)
	require.Equal(t, "one", x.source(t, "doc-1")["v"], "the rest is mended")

	f, _ = x.verify(t, rest, asIs)
	require.Equal(t, job.Findings{Emitted: 40, Equal: 40, Surplus: 110}, f, "no guard where nothing is deleted")

	x.options.AllowDeletes = true
	f, _ = x.verify(t, rest, mend)
	require.Equal(t, job.Findings{Emitted: 40, Equal: 40, Surplus: 110, Repaired: 110}, f)
	require.Len(t, x.values(t), 40)
}

func TestVerifyLeavesOthersAlone(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one"})
	x.put(t, "c", `{"v":"somebody's"}`)
	other := x.as("other")
	f, found := other.verify(t, docs{"b": "two", "d": "one"}, mend)
	require.Equal(t, job.Findings{Emitted: 2, Missing: 1, Failed: 1, Foreign: 3, Repaired: 1}, f)
	require.Equal(t, []job.Difference{{Kind: job.Missing, ID: "d"}}, found)
	require.Equal(t, map[string]string{"a": "one", "b": "one", "c": "somebody's", "d": "one"}, x.values(t))

	x.options.Adopt = true
	f, found = x.verify(t, docs{"a": "one", "b": "one"}, asIs)
	require.Equal(t, job.Findings{Emitted: 2, Equal: 2, Surplus: 1, Foreign: 1}, f)
	require.Equal(t, []job.Difference{{Kind: job.Surplus, ID: "c"}}, found)
}

func TestVerifyHonoursRules(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one", "c": "two"})
	x.rules = excluding(t, "two")
	f, found := x.verify(t, docs{"a": "one", "b": "one", "c": "two", "d": "two"}, asIs)
	require.Equal(t, job.Findings{Emitted: 4, Equal: 2, Filtered: 2, Surplus: 1}, f)
	require.Equal(t, []job.Difference{{Kind: job.Surplus, ID: "c", Excluded: true}}, found)
}

// TestVerifyOfAccessLists: their order says nothing, everything else does.
func TestVerifyOfAccessLists(t *testing.T) {
	x := newIndex(t)
	x.options.Access = true
	restricted := func(lists map[string][]string) emitter {
		return func(_ context.Context, emit func(connector.Document) error) error {
			for id, list := range lists {
				d := connector.NewDocument(id)
				d.Set("v", "one")
				d.Access = list
				if err := emit(d); err != nil {
					return err
				}
			}
			return nil
		}
	}
	lists := map[string][]string{"a": {"u:1", "u:2"}, "b": {"u:1"}, "c": nil, "d": {"u:9"}}
	x.sync(t, restricted(lists))
	x.edit(t, "b", `{"_allow_access_control":["u:1","everybody"]}`)
	x.rewrite(t, "c", func(source map[string]any) { delete(source, "_allow_access_control") })
	lists["a"] = []string{"u:2", "u:1", "u:2"}
	f, found := x.verify(t, restricted(lists), mend)
	require.Equal(t, []job.Difference{changed("b", job.Changed, "_allow_access_control"), changed("c", job.Absent, "_allow_access_control")}, found)
	require.Equal(t, job.Findings{Emitted: 4, Equal: 2, Different: 2, Repaired: 2, Outdated: 1}, f)
	require.Equal(t, []any{"tributary:nobody"}, x.source(t, "c")["_allow_access_control"])
}

func TestVerifyOfContents(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	x.sync(t, file(1, "hello", nil))
	f, _ := x.verify(t, file(1, "hello", nil), asIs)
	require.Equal(t, job.Findings{Emitted: 1, Equal: 1}, f)

	x.edit(t, "a", `{"body":"forged"}`)
	_, found := x.verify(t, file(1, "hello", nil), asIs)
	require.Equal(t, []job.Difference{changed("a", job.Changed, "body")}, found)

	f, _ = x.verify(t, file(1, "hello", errors.New("never opened")), job.Verification{NoContent: true})
	require.Equal(t, job.Findings{Emitted: 1, Equal: 1}, f)

	f, _ = x.verify(t, file(1, "hello", errors.New("device error")), mend)
	require.Equal(t, job.Findings{Emitted: 1, Failed: 1}, f, "what can't be read is not judged, and stays")
	require.Equal(t, "forged", x.source(t, "a")["body"])
	require.Contains(t, x.budget.Failures()[0].Reason, "device error")

	f, _ = x.verify(t, file(1, "hello", nil), mend)
	require.Equal(t, job.Findings{Emitted: 1, Different: 1, Repaired: 1}, f)
	require.Equal(t, "hello", x.source(t, "a")["body"])
}

// TestVerifyBesidesAPipeline: what a pipeline may have made can't be judged, all
// else can.
func TestVerifyBesidesAPipeline(t *testing.T) {
	x := newIndex(t)
	x.options.Fields = []byte(`"_extract_binary_content":true,"_reduce_whitespace":true`)
	x.sync(t, docs{"a": "one  two", "b": "one"})
	x.rewrite(t, "a", func(source map[string]any) {
		delete(source, "_extract_binary_content")
		delete(source, "_reduce_whitespace")
		source["v"], source["length"], source["stranger"] = "one two", 7, true
	})
	touches := func(field string) bool { return field == "v" || field == "length" }
	f, found := x.verify(t, docs{"a": "one  two", "b": "one"}, job.Verification{Touches: touches})
	require.Equal(t, []job.Difference{changed("a", job.Added, "stranger")}, found)
	require.Equal(t, job.Findings{Emitted: 2, Equal: 1, Different: 1, Unjudged: []string{"length", "v"}}, f)
}

// TestVerifyIgnoresTimes: a time that changes alone sends nothing.
func TestVerifyIgnoresTimes(t *testing.T) {
	x := newIndex(t)
	at := func(when time.Time) emitter {
		return func(_ context.Context, emit func(connector.Document) error) error {
			d := connector.NewDocument("a")
			d.UpdatedAt = when
			return emit(d)
		}
	}
	x.sync(t, at(time.Unix(1, 0)))
	f, _ := x.verify(t, at(time.Unix(2, 0)), asIs)
	require.Equal(t, job.Findings{Emitted: 1, Equal: 1}, f)
}

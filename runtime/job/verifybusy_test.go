package job_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// script is a source that emits "id=value" one after the other, and calls what
// is a function in between.
func script(t *testing.T, steps ...any) emitter {
	return func(_ context.Context, emit func(connector.Document) error) error {
		for _, step := range steps {
			switch step := step.(type) {
			case func():
				step()
			case docs:
				for id, v := range step {
					d := connector.NewDocument(id)
					d.Set("v", v)
					if err := emit(d); err != nil {
						return err
					}
				}
			default:
				require.Fail(t, "no step", "%T", step)
			}
		}
		return nil
	}
}

// filler is more documents than wait to be compared at once.
func filler() docs {
	d := docs{}
	for i := range 1100 {
		d[fmt.Sprintf("filler-%d", i)] = "one"
	}
	return d
}

func with(d, more docs) docs {
	all := maps.Clone(d)
	maps.Copy(all, more)
	return all
}

// TestVerifyBesideASync: what a sync wrote meanwhile is not judged, and never
// written back.
func TestVerifyBesideASync(t *testing.T) {
	for _, repair := range []bool{false, true} {
		t.Run(fmt.Sprint("repair ", repair), func(t *testing.T) {
			x := newIndex(t)
			before := docs{"changes": "one", "goes": "one", "stays": "one", "returns": "one"}
			x.sync(t, before)
			after := docs{"changes": "two", "stays": "one", "new": "one", "returns": "three"}
			source := script(t, docs{"changes": "one", "goes": "one", "stays": "one"}, func() { x.as2(t).sync(t, after) }, docs{"new": "one"})
			f, found := x.verify(t, source, job.Verification{Repair: repair})
			require.Equal(t, []job.Difference{
				{Kind: job.Unsettled, ID: "changes"}, {Kind: job.Unsettled, ID: "goes"}, {Kind: job.Unsettled, ID: "returns"},
			}, found)
			require.EqualValues(t, 2, f.Equal)
			require.Zero(t, f.Differences()+f.Repaired)
			require.Equal(t, map[string]string(after), x.values(t))
		})
	}
}

// as2 is the same index and owner for another run at the same time.
func (x *index) as2(t *testing.T) *index {
	t.Helper()
	y := *x
	return &y
}

// TestVerifyLooksTwice: what was missing at the first look and is there at the
// second one is not missing.
func TestVerifyLooksTwice(t *testing.T) {
	x := newIndex(t)
	x.sync(t, filler())
	all := with(filler(), docs{"late": "one"})
	source := script(t, docs{"late": "one"}, filler(), func() { x.as2(t).sync(t, all) })
	f, found := x.verify(t, source, asIs)
	require.Empty(t, found)
	require.Equal(t, job.Findings{Emitted: 1101, Equal: 1101}, f)
}

// TestVerifyOfAnIDThatComesTwice: the last one counts, as in a sync.
func TestVerifyOfAnIDThatComesTwice(t *testing.T) {
	for name, between := range map[string]docs{"soon": {"x": "one"}, "late": filler()} {
		t.Run(name, func(t *testing.T) {
			x := newIndex(t)
			source := script(t, docs{"twice": "first"}, between, between, docs{"twice": "last"})
			n := int64(len(between))
			x.sync(t, source)
			require.Equal(t, "last", x.source(t, "twice")["v"])
			f, found := x.verify(t, source, asIs)
			require.Equal(t, job.Findings{Emitted: 2*n + 2, Equal: n + 1, Duplicate: n + 1}, f)
			require.Empty(t, found)

			x.edit(t, "twice", `{"v":"edited"}`)
			x.must(t, "DELETE", "/"+x.name+"/_doc/"+anyOf(between), "")
			f, _ = x.verify(t, source, mend)
			require.Equal(t, job.Findings{Emitted: 2*n + 2, Equal: n - 1, Different: 1, Missing: 1, Duplicate: n + 1, Repaired: 2}, f)
			require.Equal(t, "last", x.source(t, "twice")["v"])
			f, _ = x.verify(t, source, byPrints)
			require.Equal(t, job.Findings{Emitted: 2*n + 2, Equal: n + 1, Duplicate: n + 1}, f)
		})
	}
}

// TestVerifyTakesBack what it said of an id that comes again after so many
// differences that the first was judged by then.
func TestVerifyTakesBack(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"twice": "last", "thrice": "last"})
	source := script(t, docs{"twice": "first", "thrice": "last"}, filler(), docs{"twice": "last", "thrice": "second"})
	f, found := x.verify(t, source, asIs)
	require.Equal(t, job.Findings{Emitted: 1104, Equal: 1, Missing: 1100, Different: 1, Duplicate: 2}, f)
	require.Equal(t, []job.Difference{changed("thrice", job.Changed, "v"), changed("twice", job.Changed, "v")}, found[:2])
	require.Equal(t, job.Difference{Kind: job.Withdrawn, ID: "twice"}, found[len(found)-1])

	f, _ = x.verify(t, source, mend)
	require.Equal(t, job.Findings{Emitted: 1104, Missing: 1100, Different: 2, Duplicate: 2, Repaired: 1102}, f)
	require.Equal(t, map[string]string(with(filler(), docs{"twice": "last", "thrice": "second"})), x.values(t))
}

func anyOf(d docs) string {
	for id := range d {
		return id
	}
	return ""
}

func TestVerifyEnds(t *testing.T) {
	x := newIndex(t)
	x.sync(t, with(filler(), docs{"gone": "one"}))
	ctx, cancel := context.WithCancelCause(t.Context())
	s := x.new(script(t, docs{"missing": "one"}, func() { cancel(job.ErrCanceled) }, filler()))
	v, err := job.NewVerify(s, x.client.Index(x.name), asIs)
	require.NoError(t, err)
	require.ErrorIs(t, v.Run(ctx), job.ErrCanceled)
	x.close()
	require.Zero(t, v.Findings().Surplus)
	require.Equal(t, job.Done, v.Progress().Phase)

	full := errors.New("the disk is full")
	s = x.new(filler())
	defer x.close()
	v, err = job.NewVerify(s, x.client.Index(x.name), job.Verification{Report: func(job.Difference) error { return full }})
	require.NoError(t, err)
	require.ErrorIs(t, v.Run(t.Context()), full)
}

// TestVerifyInPartsWhereTheIndexHoldsMore: stored documents may be much larger
// than those of the source.
func TestVerifyInPartsWhereTheIndexHoldsMore(t *testing.T) {
	x := newIndex(t)
	d := numbered(520)
	x.sync(t, d)
	big := make([]byte, 15_000)
	for i := range big {
		big[i] = 'x'
	}
	for id := range d {
		x.edit(t, id, `{"pipeline":"`+string(big)+`"}`)
	}
	f, _ := x.verify(t, d, job.Verification{Touches: func(field string) bool { return field == "pipeline" }})
	require.Equal(t, job.Findings{Emitted: 520, Equal: 520, Unjudged: []string{"pipeline"}}, f)
}

func TestVerifyOfSeveralShards(t *testing.T) {
	x := newIndex(t)
	x.create(t, `{"settings":{"number_of_shards":3}}`)
	d := numbered(200)
	x.sync(t, d)
	x.edit(t, "doc-7", `{"v":"edited"}`)
	d["new"] = "one"
	_, found := x.verify(t, d, mend)
	require.Equal(t, []job.Difference{changed("doc-7", job.Changed, "v"), {Kind: job.Missing, ID: "new"}}, found)
	f, _ := x.verify(t, d, asIs)
	require.Equal(t, job.Findings{Emitted: 201, Equal: 201}, f)
}

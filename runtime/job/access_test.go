package job_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// listed is a source of one document with an access list.
func listed(list []string) emitter {
	return func(_ context.Context, emit func(connector.Document) error) error {
		d := connector.NewDocument("a")
		d.Set("v", "one")
		d.Access = list
		return emit(d)
	}
}

// TestAccessListsAreNeverEmpty has every way in which a document may lack one,
// in a full sync and as a change.
func TestAccessListsAreNeverEmpty(t *testing.T) {
	nobody, alice := []any{"tributary:nobody"}, []any{"user:alice"}
	for _, test := range []struct {
		why    string
		access bool
		list   []string
		want   any
	}{
		{"restricted", true, []string{"user:alice"}, alice},
		{"restricted, none given", true, nil, nobody},
		{"restricted, nobody may read", true, []string{}, nobody},
		{"not restricted", false, nil, nil},
		{"the source restricts", false, []string{"user:alice"}, alice},
		{"the source says nobody", false, []string{}, nobody},
	} {
		x := newIndex(t)
		x.options.Access = test.access
		x.sync(t, listed(test.list))
		require.Equal(t, test.want, x.source(t, "a")["_allow_access_control"], test.why)

		y := newIndex(t)
		y.options.Access = test.access
		y.follow(t, step{id: "a", value: "one", access: test.list})
		require.Equal(t, test.want, y.source(t, "a")["_allow_access_control"], test.why)
	}
}

func TestAnotherAccessListIsAChange(t *testing.T) {
	x := newIndex(t)
	updated, unchanged := job.Counters{Emitted: 1, Updated: 1}, job.Counters{Emitted: 1, Unchanged: 1}
	x.sync(t, listed(nil))
	x.options.Access = true
	require.Equal(t, updated, x.sync(t, listed(nil)), "document-level security was switched on")
	require.Equal(t, unchanged, x.sync(t, listed([]string{})))
	require.Equal(t, updated, x.sync(t, listed([]string{"user:a"})))
	require.Equal(t, unchanged, x.follow(t, step{id: "a", value: "one", access: []string{"user:a"}}))
	require.Equal(t, updated, x.follow(t, step{id: "a", value: "one", access: []string{"user:a", "user:b"}}))
	x.options.Access = false
	require.Equal(t, updated, x.sync(t, listed(nil)))
	require.NotContains(t, x.source(t, "a"), "_allow_access_control")
}

// TestAccessIsIndexedWhateverTheMapping has an index that ignores fields it does
// not know: a list that is not indexed would let everybody read.
func TestAccessIsIndexedWhateverTheMapping(t *testing.T) {
	x := newIndex(t)
	x.create(t, `{"mappings":{"dynamic":false}}`)
	x.options.Access = true
	x.sync(t, listed([]string{"user:Alice"}))
	x.must(t, "POST", "/"+x.name+"/_refresh", "")
	found := x.must(t, "POST", "/"+x.name+"/_count", `{"query":{"term":{"_allow_access_control.keyword":"user:Alice"}}}`)
	require.Contains(t, string(found), `"count":1`)
}

// people is a source of identities.
type people []string

func (p people) Identities(_ context.Context, emit func(connector.Document) error) error {
	for _, name := range p {
		d := connector.NewDocument(name)
		d.Set("v", "identity")
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

func TestIdentitiesAreReplacedAsAWhole(t *testing.T) {
	x := newIndex(t)
	require.NoError(t, job.Identities(people{}).Ping(t.Context()))
	require.Equal(t, job.Counters{Emitted: 2, Created: 2}, x.sync(t, job.Identities(people{"alice", "bob"})))
	require.NotContains(t, x.source(t, "bob"), "_allow_access_control")
	x.options.AllowDeletes = true
	require.Equal(t, job.Counters{Emitted: 2, Created: 1, Unchanged: 1, Deleted: 1}, x.sync(t, job.Identities(people{"bob", "carol"})))
	require.Equal(t, job.Counters{Deleted: 2}, x.sync(t, job.Identities(people{})))
}

// TestUnreadableDocumentsAreHidden switches document-level security on while a
// document that everybody can see can't be read.
func TestUnreadableDocumentsAreHidden(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(1100))
	x.as("other").sync(t, docs{"theirs": "one"})
	x.options.Access = true
	x.options.AllowDeletes = true
	unreadable := emitter(func(_ context.Context, emit func(connector.Document) error) error {
		for id := range numbered(1100) {
			if err := emit(connector.Document{ID: id, Err: errors.New("busy")}); err != nil {
				return err
			}
		}
		return emit(connector.NewDocument("readable"))
	})
	require.Equal(t, job.Counters{Emitted: 1101, Created: 1, Failed: 1100, Foreign: 1}, x.sync(t, unreadable))
	for _, id := range []string{"doc-0", "doc-1099", "readable"} {
		require.Equal(t, []any{"tributary:nobody"}, x.source(t, id)["_allow_access_control"], id)
	}
	require.Equal(t, "one", x.source(t, "doc-7")["v"], "the copy stays")
	require.NotContains(t, x.source(t, "theirs"), "_allow_access_control")
	x.options.Access = false
	require.Equal(t, job.Counters{Emitted: 1100, Updated: 1100, Deleted: 1, Foreign: 1}, x.sync(t, numbered(1100)), "they are read again")
	require.NotContains(t, x.source(t, "doc-7"), "_allow_access_control", "it was switched off meanwhile")
}

package letters_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/letters"
)

// fill gives the source n documents, of which every 20th does not fit.
func (w *world) fill(n int) (bad []string) {
	for i := range n {
		id := fmt.Sprintf("doc-%04d", i)
		w.docs[id] = fmt.Sprint(i)
		if i%20 == 7 {
			w.docs[id] = `"secret words"`
			bad = append(bad, id)
		}
	}
	return bad
}

func sorted(all map[string]*letters.Letter) []string {
	var ids []string
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func TestFivePercentRejectedAndReplayed(t *testing.T) {
	w := newWorld(t)
	bad := w.fill(1000)
	c, s := w.sync()
	require.EqualValues(t, 950, c.Created)
	require.EqualValues(t, 50, c.Failed)
	require.EqualValues(t, 50, s.Waiting)
	require.Empty(t, s.File, s.Problem)

	all := w.letters()
	require.Equal(t, bad, sorted(all), "exactly those")
	l := all["doc-0007"]
	require.Equal(t, connector.ClassMapping, l.Class)
	require.Equal(t, "create", l.Action)
	require.Equal(t, 1, l.Attempts)
	require.NotContains(t, l.Reason, "secret words")
	require.Contains(t, string(l.Body), "secret words")
	require.False(t, l.NeedsSource)

	_, s = w.sync()
	require.EqualValues(t, 50, s.Waiting)
	require.Equal(t, 2, w.letters()["doc-0007"].Attempts)
	require.Equal(t, map[letters.Outcome]int{letters.Refused: 50}, w.replay())
	require.Equal(t, 3, w.letters()["doc-0007"].Attempts)

	w.map_(`{"properties":{"n":{"type":"keyword"},"_fingerprint":{"type":"keyword","index":false}}}`)
	require.Equal(t, map[letters.Outcome]int{letters.Delivered: 50}, w.replay())
	require.Empty(t, w.letters())
	n, err := w.client.Index(w.index).Count(t.Context())
	require.NoError(t, err)
	if n != 50 { // a genuine server refreshes when it likes
		require.NoError(t, w.client.Index(w.index).Refresh(t.Context()))
		n, err = w.client.Index(w.index).Count(t.Context())
		require.NoError(t, err)
	}
	require.EqualValues(t, 50, n)
	c, s = w.sync()
	require.EqualValues(t, 50, c.Unchanged, "what was replayed has the fingerprint of a sync")
	require.EqualValues(t, 950, c.Created)
	require.Zero(t, s.Waiting)
}

func TestOldCopyStaysAndALaterSuccessClears(t *testing.T) {
	w := newWorld(t)
	w.docs["doc-0000"], w.docs["doc-0001"], w.docs["doc-0002"] = "1", "2", "3"
	w.sync()
	w.docs["doc-0000"], w.docs["doc-0001"], w.docs["doc-0002"] = `"x"`, `"y"`, `"z"`
	_, s := w.sync()
	require.EqualValues(t, 3, s.Waiting)
	require.Equal(t, "index", w.letters()["doc-0000"].Action)
	require.EqualValues(t, 1, w.stored("doc-0000")["n"])

	w.docs["doc-0000"] = "10"        // comes in
	w.locked["doc-0001"] = true      // can't be read: nothing is known of it
	delete(w.docs, "doc-0002")       // is gone
	w.docs["doc-0003"] = `"garbage"` // fails for the first time
	_, s = w.sync()
	require.EqualValues(t, 2, s.Waiting)
	require.Equal(t, []string{"doc-0001", "doc-0003"}, sorted(w.letters()))
}

func (w *world) stored(id string) map[string]any {
	w.Helper()
	found, err := w.client.Search(w.Context(), w.index, []byte(`{"query":{"ids":{"values":["`+id+`"]}}}`))
	require.NoError(w, err)
	require.Len(w, found.Hits, 1)
	return fields(w.T, found.Hits[0].Source)
}

func TestContentThatCantBeReadNeedsTheSource(t *testing.T) {
	w := newWorld(t)
	w.docs["doc-0000"], w.broken["doc-0000"] = "1", false
	w.sync()
	require.Equal(t, "text", w.stored("doc-0000")["body"])
	w.docs["doc-0000"], w.broken["doc-0000"] = "2", true
	_, s := w.sync()
	require.EqualValues(t, 1, s.Waiting)
	require.Equal(t, "text", w.stored("doc-0000")["body"], "the old body stays")
	l := w.letters()["doc-0000"]
	require.Equal(t, connector.ClassContent, l.Class)
	require.True(t, l.NeedsSource)
	require.Equal(t, "doc-0000.txt", l.Attachment.Name)
	require.NotContains(t, string(l.Body), `"body"`)
	require.Equal(t, map[letters.Outcome]int{letters.NeedsSource: 1}, w.replay())
	require.Len(t, w.letters(), 1)
	w.broken["doc-0000"] = false
	_, s = w.sync()
	require.Zero(t, s.Waiting)
	require.Empty(t, w.letters())
}

const forbidden = `{"error":{"type":"security_exception","reason":"action [indices:admin/create] is unauthorized for API key id [k] of user [u] ` +
	`on indices [failed], this action is granted by the index privileges [create_index,manage,all]"},"status":403}`

func TestWithoutThePrivilegeAFileHasThem(t *testing.T) {
	w := newWorld(t)
	bad := w.fill(100)
	var seen atomic.Int64
	w.store.Client = w.refusing(403, forbidden, &seen)
	c, s := w.sync()
	require.EqualValues(t, 95, c.Created)
	require.EqualValues(t, 5, s.Waiting)
	require.Equal(t, letters.FileOf(w.store.Dir, "con"), s.File)
	require.Contains(t, s.Problem, "create_index, manage, all")
	require.Contains(t, s.Problem, w.store.Index)
	require.Contains(t, w.log.String(), "create_index, manage, all")
	require.Equal(t, bad, sorted(w.letters()))
	info, err := os.Stat(s.File)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	text, err := os.ReadFile(s.File)
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(string(text), "\n"))

	_, s = w.sync()
	require.EqualValues(t, 5, s.Waiting)
	require.Equal(t, 2, w.letters()["doc-0007"].Attempts)

	w.map_(`{"properties":{"n":{"type":"keyword"},"_fingerprint":{"type":"keyword","index":false}}}`)
	require.Equal(t, map[letters.Outcome]int{letters.Delivered: 5}, w.replay())
	require.NoFileExists(t, s.File)
}

// An Elasticsearch in trouble is asked once and then left alone.
func TestAnIndexThatTakesNothingIsNotAskedAgain(t *testing.T) {
	w := newWorld(t)
	var seen atomic.Int64
	w.store.Client = w.refusing(500, `{"error":{"type":"x","reason":"y"},"status":500}`, &seen)
	box := w.open()
	before := seen.Load()
	for i := range 5000 {
		box.Keep(connector.Rejection{ID: fmt.Sprint(i), Action: "index", Class: connector.ClassMapping, Reason: "r", Source: []byte(`{"a":1}`)})
	}
	s := box.Finish(t.Context(), letters.Broken)
	require.EqualValues(t, 5000, s.Waiting)
	require.LessOrEqual(t, seen.Load()-before, int64(1))
	require.Len(t, w.letters(), 5000)
}

func TestALostRunWritesNothing(t *testing.T) {
	w := newWorld(t)
	w.fence = func(bool) error { return fmt.Errorf("lost") }
	box := w.open()
	box.Keep(connector.Rejection{ID: "a", Action: "index", Source: []byte(`{"a":1}`)})
	require.Zero(t, box.Finish(t.Context(), letters.Everything))
	require.Empty(t, w.letters())
	box.Keep(connector.Rejection{ID: "late", Action: "index", Source: []byte(`{"a":1}`)}) // is not kept, and blocks nobody
}

func TestChangesThatCameInClear(t *testing.T) {
	w := newWorld(t)
	box := w.open()
	for _, id := range []string{"a", "b", "c", "d"} {
		box.Keep(connector.Rejection{ID: id, Action: "index", Class: connector.ClassMapping, Reason: "r", Source: []byte(`{"a":1}`)})
	}
	require.EqualValues(t, 4, box.Finish(t.Context(), letters.Changes).Waiting)
	box = w.open()
	box.Came([]string{"a", "x"})
	box.Keep(connector.Rejection{ID: "b", Action: "index", Class: connector.ClassMapping, Reason: "r", Source: []byte(`{"a":1}`)})
	box.Unread("c")
	box.Came([]string{"b"}) // the window in which it failed
	require.EqualValues(t, 3, box.Finish(t.Context(), letters.Changes).Waiting)
	require.Equal(t, []string{"b", "c", "d"}, sorted(w.letters()))
	box = w.open()
	box.Keep(connector.Rejection{ID: "b", Action: "index", Class: connector.ClassMapping, Reason: "r", Source: []byte(`{"a":1}`)})
	box.Came([]string{"b"})
	box.Came([]string{"b"}) // came in later in the same run
	require.EqualValues(t, 2, box.Finish(t.Context(), letters.Changes).Waiting)
	require.Equal(t, []string{"c", "d"}, sorted(w.letters()))
}

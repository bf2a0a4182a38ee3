package faults_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// check asserts after a completed run that the index is what the source is (I1,
// I2), that the counters are what Elasticsearch acknowledged (I5), and that no
// secret got out (I7).
func (w *world) check(t *testing.T, o outcome) {
	t.Helper()
	require.NoError(t, o.err)
	w.equal(t, w.truth())
	o.counted(t)
	w.secretsKept(t, o)
	w.trial.held("I1 ids", "I2 contents", "I5 counters", "I7 secrets")
}

// equal asserts that the index holds these documents, field by field.
func (w *world) equal(t *testing.T, truth map[string]json.RawMessage) {
	t.Helper()
	stored := w.server.stored(t, w.index)
	require.Equal(t, slices.Sorted(maps.Keys(truth)), slices.Sorted(maps.Keys(stored)), "I1 ids")
	for id, want := range truth {
		require.Equal(t, fields(t, want), w.view(fields(t, stored[id])), "I2 contents of %s", id)
	}
}

func fields(t *testing.T, source json.RawMessage) (m map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(source, &m))
	return m
}

// ofSource are the fields of a stored document besides those that the runtime
// adds.
func ofSource(stored map[string]any) map[string]any {
	for _, own := range []string{"id", "_timestamp", "_fingerprint"} {
		delete(stored, own)
	}
	return stored
}

// counted asserts that the counters are the documents that Elasticsearch was
// seen to acknowledge, whether or not its answer arrived. After a run that ended
// early less may be counted than was done, never more.
func (o outcome) counted(t *testing.T) {
	t.Helper()
	a := acknowledged(o.requests)
	sum := o.Created + o.Updated + o.Unchanged + o.Filtered + o.Failed + o.Duplicate
	require.Equal(t, o.Emitted, sum, "I5: the sum of %+v", o.Counters)
	require.Equal(t, o.emitted, o.Emitted, "I5 emitted")
	got := []int64{o.Created, o.Updated, o.Deleted}
	want := []int64{int64(len(a.created)), int64(len(a.updated)), int64(len(a.deleted))}
	if o.err == nil {
		require.Equal(t, want, got, "I5: created, updated and deleted of %+v", o.Counters)
		return
	}
	for i := range got {
		require.LessOrEqual(t, got[i], want[i], "I5: created, updated and deleted of %+v, acknowledged %v", o.Counters, want)
	}
}

// acks are the ids that Elasticsearch said it had written.
type acks struct{ created, updated, deleted map[string]bool }

// acknowledged reads the answers to _bulk requests as the server gave them.
func acknowledged(requests []proxy.Request) acks {
	a := acks{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, q := range requests {
		var answer struct {
			Items []map[string]struct {
				Result string
				Status int
			}
		}
		if !strings.HasSuffix(q.Path, "/_bulk") || q.Status != http.StatusOK || json.Unmarshal(q.Reply, &answer) != nil {
			continue
		}
		for i, item := range proxy.Items(q.Passed) {
			if i == len(answer.Items) {
				break
			}
			switch answer.Items[i][item.Action].Result {
			case "created":
				a.created[item.ID] = true
			case "updated":
				a.updated[item.ID] = !a.created[item.ID]
			case "deleted":
				a.deleted[item.ID] = true
			}
		}
	}
	maps.DeleteFunc(a.updated, func(_ string, first bool) bool { return !first })
	return a
}

// secretsKept asserts that what was planted is in no log, error, line of a
// request or document; the contents of documents are in no log or error.
func (w *world) secretsKept(t *testing.T, o outcome) {
	t.Helper()
	said := w.log.String() + fmt.Sprint(o.err)
	require.NotContains(t, said, content, "I7: a value of a document was logged")
	var lines strings.Builder
	for _, q := range o.requests {
		lines.WriteString(q.Path + "?" + q.Query + "\n")
		if q.Passed != nil {
			lines.Write(q.Body)
		}
	}
	for _, secret := range w.secrets {
		require.NotContains(t, said, secret, "I7: a secret was logged")
		require.NotContains(t, lines.String(), secret, "I7: a secret was written")
	}
}

// refused asserts that a run failed with a sentence that holds these words, and
// what holds of a run that failed: its counters and the secrets.
func (w *world) refused(t *testing.T, o outcome, words ...string) {
	t.Helper()
	require.Error(t, o.err)
	for _, word := range words {
		require.ErrorContains(t, o.err, word)
	}
	o.counted(t)
	w.secretsKept(t, o)
}

// deletesNothing asserts that no run tried to delete anything.
func (o outcome) deletesNothing(t *testing.T) {
	t.Helper()
	for _, q := range o.requests {
		require.NotContains(t, string(q.Body), `{"delete":`, "a deletion was sent")
	}
	require.Zero(t, o.Deleted)
}

package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// ledger is a source that keeps a history of its changes.
type ledger struct {
	mu      sync.Mutex
	docs    map[string]int
	history []connector.Change
	forgets bool // positions are lost
	broken  error
	reads   int // full ones
	access  []string
}

func (l *ledger) Ping(context.Context) error { return nil }

func (l *ledger) document(id string) connector.Document {
	d := connector.NewDocument(id)
	d.Set("n", l.docs[id])
	d.Access = l.access
	return d
}

func (l *ledger) put(id string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.docs[id] = n
	l.history = append(l.history, connector.Change{Document: connector.Document{ID: id}})
}

func (l *ledger) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.docs, id)
	l.history = append(l.history, connector.Change{Document: connector.Document{ID: id}, Deleted: true})
}

func (l *ledger) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	for id := range l.docs {
		if err := emit(l.document(id)); err != nil {
			return err
		}
	}
	return l.broken
}

func (l *ledger) position() connector.Cursor { return connector.Cursor(strconv.Itoa(len(l.history))) }

func (l *ledger) Position(context.Context) (connector.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.position(), nil
}

func (l *ledger) Changed(_ context.Context, since connector.Cursor) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !bytes.Equal(since, l.position()), nil
}

func (l *ledger) Changes(_ context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.forgets {
		return nil, fmt.Errorf("%w: the ledger forgets", connector.ErrPositionLost)
	}
	from, err := strconv.Atoi(string(since))
	if err != nil {
		return nil, err
	}
	for _, c := range l.history[from:] {
		if !c.Deleted {
			c.Document = l.document(c.ID)
		}
		if err := emit(c); err != nil {
			return nil, err
		}
	}
	return l.position(), nil
}

func (l *ledger) Identities(_ context.Context, emit func(connector.Document) error) error {
	for _, id := range l.access {
		d := connector.NewDocument(id)
		d.Set("identity", id)
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

// ledgerRig is a rig with a connector of a ledger that holds three documents.
func ledgerRig(t *testing.T) (*rig, *ledger, *clock) {
	t.Helper()
	return licensedRig(t, "trial")
}

// licensedRig is one whose cluster has a license.
func licensedRig(t *testing.T, license string) (*rig, *ledger, *clock) {
	t.Helper()
	l := &ledger{docs: map[string]int{"a": 1, "b": 1, "c": 1}}
	r := newRig(t, kind("ledger", func() connector.Source { return l },
		connector.AbilityIncremental, connector.AbilityChanges, connector.AbilityAccessControl))
	c := &clock{}
	r.now = c.now
	r.throughProxy().answers(func(w http.ResponseWriter, req *http.Request) bool {
		if req.URL.Path != "/_license" {
			return false
		}
		writeJSON(w, http.StatusOK, `{"license":{"status":"active","type":"`+license+`"}}`)
		return true
	})
	r.connector("c1")
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	return r, l, c
}

// told is what a job's metadata says.
func told(t *testing.T, j protocol.Job) (m struct {
	Skipped     string
	FullBecause string `json:"full_because"`
	Counters    job.Counters
	Position    json.RawMessage
}) {
	t.Helper()
	var all struct{ Tributary json.RawMessage }
	require.NoError(t, json.Unmarshal(j.Metadata, &all))
	require.NoError(t, json.Unmarshal(all.Tributary, &m))
	return m
}

func (r *rig) sync(t protocol.JobType) protocol.Job {
	r.t.Helper()
	j := r.wait(r.start("c1", t).ID, job.Completed, job.Failed)
	require.Equal(r.t, job.Completed, j.Status, j.Error)
	r.until(func() bool { return r.reload("c1").SyncStatus(t) == job.Completed })
	return j
}

func TestAnIncrementalSyncGoesOnWhereTheLastOneEnded(t *testing.T) {
	r, l, _ := ledgerRig(t)
	first := r.sync(protocol.Incremental)
	require.Equal(t, "no position of an earlier sync is stored", told(t, first).FullBecause)
	require.Equal(t, 3, r.count(r.index("c1")))

	l.put("a", 2)
	l.put("d", 1)
	l.drop("b")
	second := r.sync(protocol.Incremental)
	require.Empty(t, told(t, second).FullBecause)
	require.EqualValues(t, 2, second.Indexed)
	require.EqualValues(t, 1, second.Deleted)
	require.EqualValues(t, 3, second.Total)
	require.Equal(t, 1, l.reads)
	require.Equal(t, 3, r.count(r.index("c1")))
	require.Equal(t, "null", string(told(t, second).Position))

	l.forgets = true
	l.put("e", 1)
	third := r.sync(protocol.Incremental)
	require.Equal(t, "read the source: the position in the source's history is lost: the ledger forgets", told(t, third).FullBecause)
	require.Equal(t, 4, r.count(r.index("c1")))
}

// TestAReturnToOldSettingsReadsEverything has a sync with other settings that ends early: what it wrote is by those.
func TestAReturnToOldSettingsReadsEverything(t *testing.T) {
	r, l, _ := ledgerRig(t)
	configure := func(text string) {
		r.patch("c1", protocol.Patch{"configuration": json.RawMessage(`{"text":{"value":"` + text + `"}}`)})
	}
	configure("old")
	r.sync(protocol.Full)
	require.Empty(t, told(t, r.sync(protocol.Incremental)).FullBecause)

	configure("new")
	l.broken = errors.New("the ledger tears")
	require.Equal(t, job.Failed, r.wait(r.start("c1", protocol.Incremental).ID, job.Completed, job.Failed).Status)
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Failed })
	configure("old")
	require.Equal(t, job.Failed, r.wait(r.start("c1", protocol.Incremental).ID, job.Completed, job.Failed).Status, "it reads everything, and fails")
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Failed })
	l.broken = nil
	require.Equal(t, "the settings have changed since the last sync", told(t, r.sync(protocol.Incremental)).FullBecause)
	require.Empty(t, told(t, r.sync(protocol.Incremental)).FullBecause)
}

func TestAScheduledSyncIsSkippedWhenNothingChanged(t *testing.T) {
	r, l, c := ledgerRig(t)
	r.sync(protocol.Full)
	before := r.reload("c1").SyncCursor
	r.patch("c1", protocol.Patch{"scheduling": map[string]any{"full": map[string]any{"enabled": true, "interval": "0 0 * * * ?"}}})
	newest := func(n int) protocol.Job {
		c.add(2e9 * 3600)
		all := r.jobs("c1", n)
		return all[slices.IndexFunc(all, func(j protocol.Job) bool { return j.Trigger == protocol.Scheduled })]
	}
	r.jobs("c1", 1)
	skipped := newest(2)
	require.Contains(t, told(t, skipped).Skipped, "nothing has changed")
	require.Equal(t, 1, l.reads)
	require.EqualValues(t, 3, skipped.Total)
	require.Equal(t, string(before), string(r.reload("c1").SyncCursor), "the position survives")

	require.Empty(t, told(t, r.sync(protocol.Full)).Skipped, "a user asked for it")
	require.Equal(t, 2, l.reads)

	l.put("d", 1)
	require.Empty(t, told(t, newest(4)).Skipped)
	require.Equal(t, 4, r.count(r.index("c1")))
}

func TestASyncAfterChangesIsSkippedUnlessSomebodyTookDocumentsAway(t *testing.T) {
	r, l, c := ledgerRig(t)
	r.sync(protocol.Full)
	r.patch("c1", protocol.Patch{"scheduling": map[string]any{"full": map[string]any{"enabled": true, "interval": "0 0 * * * ?"}}})
	due := func(jobs int) protocol.Job {
		c.add(2e9 * 3600)
		all := r.jobs("c1", jobs)
		slices.SortFunc(all, func(a, b protocol.Job) int { return a.CreatedAt.Compare(b.CreatedAt) })
		return all[len(all)-1]
	}
	l.put("a", 2)
	l.put("d", 1)
	l.put("e", 1)
	l.drop("b")
	r.sync(protocol.Incremental)
	require.Contains(t, told(t, due(3)).Skipped, "still holds its 4 documents")

	require.NoError(t, r.client.Documents().Delete(t.Context(), r.index("c1"), "a", -1, 0))
	l.put("f", 1)
	require.EqualValues(t, 4, r.sync(protocol.Incremental).Total)
	repaired := due(5)
	require.Empty(t, told(t, repaired).Skipped, "a count after the changes would have hidden it")
	require.EqualValues(t, 1, told(t, repaired).Counters.Created)
	require.Equal(t, 5, r.count(r.index("c1")))
}

func TestIdentitiesGoToTheirOwnIndex(t *testing.T) {
	r, l, _ := ledgerRig(t)
	l.access = []string{"user:ann", "user:bob"}
	j := r.sync(protocol.AccessControl)
	require.Equal(t, protocol.AccessPrefix+r.index("c1"), j.IndexName)
	require.Equal(t, 2, r.count(protocol.AccessPrefix+r.index("c1")))
	require.EqualValues(t, 2, j.Indexed)
	require.EqualValues(t, 2, j.Total)
	l.access = []string{"user:ann"}
	require.EqualValues(t, 1, r.sync(protocol.AccessControl).Deleted, "whoever is gone loses access")
	l.access = nil
	require.EqualValues(t, 1, r.sync(protocol.AccessControl).Deleted)
	require.Zero(t, r.count(protocol.AccessPrefix+r.index("c1")))
}

func TestAccessControlWithoutTheLicenseSaysSo(t *testing.T) {
	r, l, _ := licensedRig(t, "basic")
	l.access = []string{"user:ann"}
	j := r.wait(r.start("c1", protocol.AccessControl).ID, job.Failed, job.Completed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, "the cluster's is basic")
	there, err := r.client.Index(protocol.AccessPrefix + r.index("c1")).Exists(t.Context())
	require.NoError(t, err)
	require.False(t, there)
	r.sync(protocol.Full)
	require.Equal(t, "user:ann", r.reader("a"), "documents carry their lists whatever the license is")
}

// reader is the first of those who may read a document.
func (r *rig) reader(id string) string {
	r.t.Helper()
	raw, _, _, err := r.client.Documents().Get(r.t.Context(), r.index("c1"), id)
	require.NoError(r.t, err)
	var doc struct {
		Access []string `json:"_allow_access_control"`
	}
	require.NoError(r.t, json.Unmarshal(raw, &doc))
	require.NotEmpty(r.t, doc.Access)
	return doc.Access[0]
}

func TestEveryDocumentSaysWhoMayReadIt(t *testing.T) {
	r, l, _ := ledgerRig(t)
	access := r.reader
	r.sync(protocol.Full)
	require.Equal(t, connector.Nobody, access("a"), "nobody is named, so nobody may")
	l.access = []string{"user:ann"}
	r.sync(protocol.Full)
	require.Equal(t, "user:ann", access("a"))
	l.access = []string{}
	l.put("a", 7)
	r.sync(protocol.Incremental)
	require.Equal(t, connector.Nobody, access("a"))
}

func TestRulesThatAreNotValidEndTheJob(t *testing.T) {
	r, _, _ := ledgerRig(t)
	r.patch("c1", protocol.Patch{"filtering": json.RawMessage(`[{"domain":"DEFAULT","active":{"rules":[` +
		`{"id":"r7","policy":"exclude","field":"n","rule":"nonsense","value":"1","order":0}],"advanced_snippet":{"value":{}},"validation":{"state":"valid","errors":[]}}}]`)})
	j := r.wait(r.start("c1", protocol.Full).ID, job.Failed, job.Completed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, "the sync rules of this job are not valid: ")
	require.Contains(t, j.Error, "r7")
}

func TestTooManyDeletesNeedALeave(t *testing.T) {
	r, l, _ := ledgerRig(t)
	r.sync(protocol.Full)
	for id := range map[string]int{"a": 0, "b": 0, "c": 0} {
		l.drop(id)
	}
	j := r.wait(r.start("c1", protocol.Full).ID, job.Failed, job.Completed)
	require.Contains(t, j.Error, "tributary job start --allow-deletes")
	require.Equal(t, 3, r.count(r.index("c1")))
	j, err := r.protocol.CreateJob(t.Context(), r.reload("c1"), protocol.Full, protocol.OnDemand, protocol.JobOptions{AllowDeletes: true})
	require.NoError(t, err)
	r.wait(j.ID, job.Completed)
	require.Zero(t, r.count(r.index("c1")))
}

package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// at is a write that was done within a millisecond.
func at(second float64, who string) ledger.Write {
	received := time.Duration(second * float64(time.Second))
	return ledger.Write{Who: who, Received: received, Answered: received + time.Millisecond, Status: 200, Delivered: true}
}

func jobWrite(second float64, who string, j ledger.JobDoc) ledger.Write {
	w := at(second, who)
	j.Connector, j.Type, j.SeqNo = "c", "full", int64(second*1000)
	w.Job = &j
	return w
}

func bulkWrite(second float64, who string, items ...ledger.Item) ledger.Write {
	w := at(second, who)
	w.Bulk = &ledger.Bulk{Connector: "c", Items: items}
	return w
}

func connectorWrite(second float64, who, status string) ledger.Write {
	w := at(second, who)
	w.Connector = &ledger.Connector{ID: "c", SyncStatus: status}
	return w
}

// orderly is two jobs, one after the other; the first is taken over once.
func orderly() []ledger.Write {
	created := ledger.Item{Action: "create", ID: "1", Result: "created", Status: 201}
	deleted := ledger.Item{Action: "delete", ID: "2", Result: "deleted", Status: 200}
	return []ledger.Write{
		jobWrite(1, "user", ledger.JobDoc{ID: "a", Status: "pending"}),
		connectorWrite(1.9, "1.1", "in_progress"),
		jobWrite(2, "1.1", ledger.JobDoc{ID: "a", Status: "in_progress", Claim: "x"}),
		bulkWrite(3, "1.1", created),
		jobWrite(6, "2.1", ledger.JobDoc{ID: "a", Status: "suspended", Requeued: 1}),
		connectorWrite(6.1, "2.1", "suspended"),
		jobWrite(7, "2.1", ledger.JobDoc{ID: "a", Status: "in_progress", Claim: "y", Requeued: 1}),
		bulkWrite(8, "2.1", deleted),
		jobWrite(9, "2.1", ledger.JobDoc{ID: "a", Status: "completed", Claim: "y", Requeued: 1, Deleted: 1}),
		connectorWrite(9.1, "2.1", "completed"),
		jobWrite(10, "4.1", ledger.JobDoc{ID: "b", Status: "pending"}),
		jobWrite(11, "3.1", ledger.JobDoc{ID: "b", Status: "in_progress", Claim: "z"}),
		jobWrite(12, "3.1", ledger.JobDoc{ID: "b", Status: "completed", Claim: "z"}),
	}
}

func TestWhatTheLogShows(t *testing.T) {
	require.Empty(t, ledger.Judge(orderly(), nil).Violations)
	for name, c := range map[string]struct {
		writes []ledger.Write
		want   string
	}{
		"two workers on a connector": {[]ledger.Write{
			jobWrite(7.4, "user", ledger.JobDoc{ID: "d", Status: "pending"}),
			jobWrite(7.5, "3.1", ledger.JobDoc{ID: "d", Status: "in_progress", Claim: "w"}),
			jobWrite(9.5, "3.1", ledger.JobDoc{ID: "d", Status: "completed", Claim: "w"}),
		}, "connector c: replica 3.1 claimed job d at 7.500 s while replica 2.1 still had job a"},
		"a write after a takeover": {
			[]ledger.Write{bulkWrite(8.5, "1.1", ledger.Item{Action: "index", ID: "1"})},
			"replica 1.1 wrote 1 documents of connector c at 8.500 s without a claim; its claim of job a had been ended by 2.1 (suspended) 2.499 s before",
		},
		"a write of nobody": {[]ledger.Write{bulkWrite(8.5, "4.1")}, "replica 4.1 wrote 0 documents"},
		"a lock that was another's": {
			[]ledger.Write{connectorWrite(8.5, "1.1", "completed")}, "1.1 gave connector c free (completed) at 8.500 s while replica 2.1 ran job a",
		},
		"an end that was not one": {
			[]ledger.Write{jobWrite(13, "2.1", ledger.JobDoc{ID: "a", Status: "in_progress", Claim: "v", Requeued: 1})},
			`made job a, which was "completed", "in_progress"`,
		},
		"a job that is removed": {[]ledger.Write{jobWrite(13, "2.1", ledger.JobDoc{ID: "b", Removed: true})}, "2.1 removed job b"},
		"documents too many": {
			[]ledger.Write{bulkWrite(8.5, "2.1", ledger.Item{Action: "index", ID: "3", Result: "updated", Status: 200})},
			"job a (claim of replica 2.1, completed) says that it indexed 0 documents, and the node indexed 1 for it",
		},
		"a cancel that nobody asked for": {[]ledger.Write{
			jobWrite(13, "user", ledger.JobDoc{ID: "e", Status: "pending"}),
			jobWrite(14, "user", ledger.JobDoc{ID: "e", Status: "canceled"}),
		}, "job e of connector c ended as canceled"},
		"a job that did not end": {
			[]ledger.Write{jobWrite(13, "user", ledger.JobDoc{ID: "e", Status: "pending"})}, "job e of connector c ended as pending",
		},
		"too few requeues counted": {[]ledger.Write{
			jobWrite(13, "user", ledger.JobDoc{ID: "e", Status: "pending", Requeued: 2}),
			jobWrite(14, "3.1", ledger.JobDoc{ID: "e", Status: "in_progress", Claim: "u", Requeued: 2}),
			jobWrite(15, "3.1", ledger.JobDoc{ID: "e", Status: "completed", Claim: "u", Requeued: 2}),
		}, "job e was requeued 0 times and says 2"},
	} {
		t.Run(name, func(t *testing.T) {
			found := ledger.Judge(append(orderly(), c.writes...), nil).Violations
			require.NotEmpty(t, found)
			require.Contains(t, found[0], c.want)
		})
	}
}

// A worker that was stopped may not know of its last answer; a document whose
// content could not be read counts as failed though it is there.
func TestWhatCountersMayLack(t *testing.T) {
	lost := bulkWrite(11.5, "3.1", ledger.Item{Action: "index", ID: "3", Result: "updated", Status: 200})
	lost.Delivered = false
	log := orderly()
	log[len(log)-1].Job.Status = "suspended"
	require.Len(t, ledger.Judge(append(log, lost), nil).Violations, 1, "only that it did not end")
	log = orderly()
	log[len(log)-1].Job.Failed = 1
	require.Empty(t, ledger.Judge(append(log, lost), nil).Violations)
}

func TestWhatRequestsWrite(t *testing.T) {
	w, ok := ledger.Read("POST", "/search-c-1/_bulk", []byte(`{"create":{"_id":"a"}}
{"create":{"_id":"not an action"}}
{"delete":{"_id":"b"}}
`))
	require.True(t, ok)
	w.Answer(200, []byte(`{"items":[{"create":{"status":201,"result":"created"}},{"delete":{"status":404,"result":"not_found"}}]}`))
	require.Equal(t, &ledger.Bulk{Connector: "c-1", Items: []ledger.Item{
		{Action: "create", ID: "a", Result: "created", Status: 201}, {Action: "delete", ID: "b", Result: "not_found", Status: 404},
	}}, w.Bulk)

	w, ok = ledger.Read("PUT", "/.elastic-connectors-sync-jobs/_doc/j?if_seq_no=1", []byte(
		`{"connector":{"id":"c"},"job_type":"full","status":"completed","indexed_document_count":2,"metadata":{"tributary":{"claim":"x","counters":{"failed":3}}}}`))
	require.True(t, ok)
	w.Answer(200, []byte(`{"_seq_no":7}`))
	require.Equal(t, &ledger.JobDoc{ID: "j", Connector: "c", Type: "full", Status: "completed", Claim: "x", Indexed: 2, Failed: 3, SeqNo: 7}, w.Job)

	w, ok = ledger.Read("PUT", "/.elastic-connectors/_doc/c", []byte(`{"last_sync_status":"in_progress"}`))
	require.True(t, ok)
	require.Equal(t, &ledger.Connector{ID: "c", SyncStatus: "in_progress"}, w.Connector)

	for _, path := range []string{"/.elastic-connectors/_search", "/.elastic-connectors/_bulk", "/_license"} {
		_, ok = ledger.Read("POST", path, nil)
		require.False(t, ok, path)
	}
}

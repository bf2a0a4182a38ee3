package protocol_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

var update = flag.Bool("update", false, "write the goldens anew")

// golden compares a whole document, field by field, with one on file.
func (w world) golden(t *testing.T, index, id, name string, replace ...string) {
	t.Helper()
	got := strings.NewReplacer(replace...).Replace(w.source(t, index, id))
	path := "testdata/golden/" + name + ".json"
	if *update {
		var doc any
		require.NoError(t, json.Unmarshal([]byte(got), &doc))
		text, err := json.MarshalIndent(doc, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.JSONEq(t, string(want), got)
}

func (w world) goldens(t *testing.T, l *protocol.Lease, name string) {
	t.Helper()
	j := l.Job()
	replace := []string{j.ID, "JOB", j.Claim, "CLAIM"}
	w.golden(t, protocol.ConnectorsIndex, "life", name+"-connector", replace...)
	w.golden(t, protocol.JobsIndex, j.ID, name+"-job", replace...)
}

// The life of a connector and of a full sync, every document whole.
func TestLife(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		ctx := t.Context()
		conn, err := w.CreateConnector(ctx, protocol.NewConnector{
			ID: "life", Name: "Notes", Description: "All notes", ServiceType: "notes", IndexName: "search-notes",
		})
		require.NoError(t, err)
		w.golden(t, protocol.ConnectorsIndex, "life", "created")

		w.clock.add(time.Second)
		conn, problems, err := w.Prepare(ctx, conn, notes())
		require.NoError(t, err)
		require.Empty(t, problems)
		w.golden(t, protocol.ConnectorsIndex, "life", "prepared")

		// a user fills in the form, as Kibana stores it
		w.must(t, "POST", "/"+protocol.ConnectorsIndex+"/_update/life?refresh=true",
			`{"doc":{"configuration":{"path":{"value":"/srv/notes"}},"status":"configured"}}`)
		conn, err = w.Connected(ctx, conn)
		require.NoError(t, err)
		require.NoError(t, w.Beat(ctx, []string{"life", "nobody"}))
		w.golden(t, protocol.ConnectorsIndex, "life", "connected")

		conn, err = w.Update(ctx, conn, func(c protocol.Connector) (protocol.Patch, error) {
			s, err := protocol.Merge(c.RawScheduling(), map[string]any{"full": map[string]any{"enabled": true, "interval": "0 0 * * * ?"}})
			return protocol.Patch{"scheduling": s}, err
		})
		require.NoError(t, err)
		occurrence := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
		made, err := w.ScheduleJob(ctx, conn, protocol.Full, occurrence)
		require.NoError(t, err)
		require.True(t, made)
		w.golden(t, protocol.ConnectorsIndex, "life", "scheduled-connector")
		w.golden(t, protocol.JobsIndex, protocol.ScheduledID("life", protocol.Full, occurrence), "scheduled-job")

		live, err := w.LiveJobs(ctx, protocol.Selection{All: true}, nil)
		require.NoError(t, err)
		require.Len(t, live, 1)
		w.clock.add(time.Minute)
		l, err := w.Claim(ctx, conn, live[0])
		require.NoError(t, err)
		w.goldens(t, l, "claimed")

		w.clock.add(10 * time.Second)
		require.NoError(t, l.Renew(ctx, protocol.Stats{Indexed: 7, Deleted: 1, Total: 7, VolumeMiB: protocol.MiB(3 << 19),
			Metadata: map[string]any{"counters": map[string]int{"created": 7}}}))
		w.goldens(t, l, "running")

		w.clock.add(10 * time.Second)
		require.NoError(t, l.Finish(ctx, protocol.Result{
			Status: job.Completed, Cursor: json.RawMessage(`{"tributary":1,"source":{"page":9}}`),
			Stats: protocol.Stats{Indexed: 12, Deleted: 2, Total: 10, VolumeMiB: 3,
				Metadata: map[string]any{"counters": map[string]int{"created": 12}}},
		}))
		w.goldens(t, l, "completed")
	})
}

// The other ends of a job.
func TestEnds(t *testing.T) {
	stats := protocol.Stats{Indexed: 3, Deleted: 1, Total: 5, VolumeMiB: 1}
	for name, test := range map[string]struct {
		kind   protocol.JobType
		cancel bool
		result protocol.Result
	}{
		"error":     {protocol.Full, false, protocol.Result{Status: job.Failed, Error: "the folder is gone; mount it", Stats: stats}},
		"canceled":  {protocol.Full, true, protocol.Result{Status: job.Canceled, Stats: stats}},
		"suspended": {protocol.Incremental, false, protocol.Result{Status: job.Suspended, Stats: stats}},
		"access":    {protocol.AccessControl, false, protocol.Result{Status: job.Completed, Stats: stats}},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				ctx := t.Context()
				conn := w.connected(t, "life")
				conn, err := w.Update(ctx, conn, func(protocol.Connector) (protocol.Patch, error) {
					return protocol.Patch{"sync_cursor": map[string]any{"tributary": 1, "source": 4}}, nil
				})
				require.NoError(t, err)
				l := w.claimed(t, conn, test.kind)
				w.clock.add(time.Minute)
				if test.cancel {
					j, err := w.CancelJob(ctx, l.Job().ID)
					require.NoError(t, err)
					require.Equal(t, job.Canceling, j.Status)
					w.clock.add(time.Second)
					require.ErrorIs(t, l.Renew(ctx, stats), job.ErrCanceled)
					require.ErrorIs(t, l.Renew(ctx, stats), job.ErrCanceled)
					w.goldens(t, l, "canceling")
				}
				w.clock.add(time.Second)
				require.NoError(t, l.Finish(ctx, test.result))
				w.goldens(t, l, name)
			})
		})
	}
}

// A worker that has seen elsewhere that its job is to be canceled ends it,
// though its own copy says otherwise.
func TestCanceledAsSeenElsewhere(t *testing.T) {
	w := here(t)
	l := w.claimed(t, w.connected(t, "seen"), protocol.Full)
	require.ErrorIs(t, l.Finish(t.Context(), protocol.Result{Status: job.Canceled}), protocol.ErrTransition, "nobody asked for it")
	_, err := w.CancelJob(t.Context(), l.Job().ID)
	require.NoError(t, err)
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Canceled, Stats: protocol.Stats{Indexed: 3}}))
	j, err := w.Job(t.Context(), l.Job().ID)
	require.NoError(t, err)
	require.Equal(t, job.Canceled, j.Status)
	require.EqualValues(t, 3, j.Indexed)
}

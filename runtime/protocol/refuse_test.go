package protocol_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// A hit that is no document is passed over and told once, however often it is
// met.
func TestUnreadableIsToldOnce(t *testing.T) {
	var log bytes.Buffer
	client := protocol.New(&canned{n: 1, doc: nil}, protocol.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		conns, err := client.Connectors(t.Context(), protocol.Selection{All: true}, -1)
		require.NoError(t, err)
		require.Empty(t, conns)
		jobs, err := client.LiveJobs(t.Context(), protocol.Selection{All: true}, nil)
		require.NoError(t, err)
		require.Empty(t, jobs)
	}
	require.Equal(t, 2, strings.Count(log.String(), "passed over"), log.String())
}

func TestJobsThatCannotBeMade(t *testing.T) {
	client := protocol.New(&canned{}, protocol.Options{})
	for doc, problem := range map[string]string{
		`{"service_type":"notes"}`: "connector c has no index; attach one to it first",
		`{"index_name":"i"}`:       "connector c has no service type; set one first",
		`{"deleted":true}`:         "connector c is deleted: not found",
	} {
		conn, err := protocol.ParseConnector("c", protocol.Version{}, []byte(doc))
		require.NoError(t, err)
		_, err = client.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		require.EqualError(t, err, problem)
		_, err = client.ScheduleJob(t.Context(), conn, protocol.Full, at("2026-03-01T11:00:00Z"))
		require.EqualError(t, err, problem)
	}
}

// A connector that was deleted after it was seen is not locked.
func TestClaimOfADeletedConnector(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "c")
	j := w.pending(t, conn)
	require.NoError(t, w.DeleteConnector(t.Context(), "c"))
	_, err := w.Claim(t.Context(), conn, j)
	require.ErrorIs(t, err, protocol.ErrNotFound)
}

// An error that is longer than an index takes is cut, and the rest of the
// document is stored.
func TestLongErrors(t *testing.T) {
	w := here(t)
	l := w.claimed(t, w.connected(t, "c"), protocol.Full)
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Failed, Error: strings.Repeat("ü", 40_000)}))
	j, err := w.Job(t.Context(), l.Job().ID)
	require.NoError(t, err)
	conn, err := w.Connector(t.Context(), "c")
	require.NoError(t, err)
	require.Less(t, len(j.Error), 8100)
	require.True(t, strings.HasSuffix(j.Error, "ü…"))
	require.Equal(t, []string{j.Error, j.Error}, []string{conn.Error, conn.LastSyncError})
	conn, err = w.Connected(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, protocol.Errored, conn.Status, "it is the job's error")
}

func TestPatchesThatAreRefused(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "c")
	stop := errors.New("no")
	for problem, patch := range map[string]func(protocol.Connector) (protocol.Patch, error){
		"no": func(protocol.Connector) (protocol.Patch, error) { return nil, stop },
		"name: it is no JSON": func(protocol.Connector) (protocol.Patch, error) {
			return protocol.Patch{"name": json.RawMessage(`{`)}, nil
		},
		"name: json": func(protocol.Connector) (protocol.Patch, error) { return protocol.Patch{"name": func() {}}, nil },
	} {
		got, err := w.Update(t.Context(), conn, patch)
		require.ErrorContains(t, err, problem)
		require.Equal(t, conn.Version, got.Version)
	}
	_, err := w.Update(context.Background(), protocol.Connector{ID: "nobody"}, func(protocol.Connector) (protocol.Patch, error) { return protocol.Patch{"name": "x"}, nil })
	require.ErrorIs(t, err, protocol.ErrNotFound)
}

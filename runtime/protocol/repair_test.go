package protocol_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// A job whose worker is silent is resumed by others, as often as is allowed.
func TestRequeue(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		conn := w.connected(t, "silent")
		l := w.claimed(t, conn, protocol.Full)
		id := l.Job().ID
		for round := 1; round <= 2; round++ {
			w.clock.add(time.Minute)
			require.NoError(t, w.Requeue(t.Context(), w.live(t, id), 2))
			conn, err := w.Connector(t.Context(), "silent")
			require.NoError(t, err)
			require.Equal(t, job.Suspended, conn.LastSyncStatus)
			require.Equal(t, protocol.Connected, conn.Status)
			j := w.live(t, id)
			require.Equal(t, job.Suspended, j.Status)
			require.Equal(t, round, j.Requeued)
			require.Empty(t, j.Claim)
			w.clock.add(time.Second)
			_, err = w.Claim(t.Context(), conn, j)
			require.NoError(t, err)
		}
		w.clock.add(time.Minute)
		require.NoError(t, w.Requeue(t.Context(), w.live(t, id), 2))
		j, err := w.Job(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, job.Failed, j.Status)
		require.Contains(t, j.Error, `fell silent 3 times, last on host "worker-1"`)
		conn, err = w.Connector(t.Context(), "silent")
		require.NoError(t, err)
		require.Equal(t, protocol.Errored, conn.Status)
		require.Equal(t, j.Error, conn.Error)
		require.Equal(t, j.Error, conn.LastSyncError)
	})
}

// What an earlier run told of itself is not said of the next one; how far it
// came and what was allowed stays.
func TestAResumedJobStartsAnew(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "again")
	l := w.claimed(t, conn, protocol.Full)
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Suspended, Stats: protocol.Stats{
		Metadata: map[string]any{"phase": job.Done, "counters": job.Counters{Created: 5}, "position": map[string]any{"source": 7}},
	}}))
	conn, err := w.Connector(t.Context(), "again")
	require.NoError(t, err)
	l, err = w.Claim(t.Context(), conn, w.live(t, l.Job().ID))
	require.NoError(t, err)
	var told struct{ Tributary map[string]any }
	require.NoError(t, json.Unmarshal(l.Job().Metadata, &told))
	require.Nil(t, told.Tributary["phase"])
	require.Nil(t, told.Tributary["counters"])
	require.Equal(t, map[string]any{"source": 7.0}, told.Tributary["position"])
}

// What moved since it was seen belongs to somebody.
func TestRequeueOfALiveJob(t *testing.T) {
	w := here(t)
	l := w.claimed(t, w.connected(t, "alive"), protocol.Full)
	seen := w.live(t, l.Job().ID)
	require.NoError(t, l.Renew(t.Context(), protocol.Stats{}))
	require.ErrorIs(t, w.Requeue(t.Context(), seen, 3), protocol.ErrTaken)
	require.ErrorIs(t, w.FailJob(t.Context(), seen, "gone"), protocol.ErrTaken)
	require.NoError(t, l.Renew(t.Context(), protocol.Stats{}))
}

func TestRequeueOfACanceledJob(t *testing.T) {
	w := here(t)
	l := w.claimed(t, w.connected(t, "stop"), protocol.Full)
	_, err := w.CancelJob(t.Context(), l.Job().ID)
	require.NoError(t, err)
	require.NoError(t, w.Requeue(t.Context(), w.live(t, l.Job().ID), 3))
	j, err := w.Job(t.Context(), l.Job().ID)
	require.NoError(t, err)
	require.Equal(t, job.Canceled, j.Status)
	require.False(t, j.CanceledAt.IsZero())
}

func TestFailJobThatNobodyCanRun(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "unknown")
	j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	require.NoError(t, w.FailJob(t.Context(), w.live(t, j.ID), "no such source"))
	j, err = w.Job(t.Context(), j.ID)
	require.NoError(t, err)
	require.Equal(t, job.Failed, j.Status)
	require.Equal(t, "no such source", j.Error)
	require.False(t, j.CompletedAt.IsZero())
}

func TestCancel(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "cancel")
	j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	j, err = w.CancelJob(t.Context(), j.ID)
	require.NoError(t, err)
	require.Equal(t, job.Canceled, j.Status)
	require.Equal(t, w.clock.now(), j.CancelationRequestedAt)
	require.Equal(t, w.clock.now(), j.CanceledAt)
	_, err = w.CancelJob(t.Context(), j.ID)
	require.ErrorIs(t, err, protocol.ErrTransition)

	l := w.claimed(t, conn, protocol.Full)
	for range 2 { // twice is once
		j, err = w.CancelJob(t.Context(), l.Job().ID)
		require.NoError(t, err)
		require.Equal(t, job.Canceling, j.Status)
	}
	_, err = w.CancelJob(t.Context(), "nobody")
	require.ErrorIs(t, err, protocol.ErrNotFound)
	require.NoError(t, w.DeleteJob(t.Context(), j.ID))
	require.NoError(t, w.DeleteJob(t.Context(), j.ID))
}

// A connector that says it is syncing, and no job does: a worker died between
// its two locks.
func TestFree(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "stuck")
	conn, err := w.Update(t.Context(), conn, func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"last_sync_status": job.InProgress}, nil
	})
	require.NoError(t, err)
	require.NoError(t, w.Beat(t.Context(), []string{"stuck"}))
	require.ErrorIs(t, w.Free(t.Context(), conn, protocol.Full, job.Suspended, ""), protocol.ErrTaken, "it moved")
	conn, err = w.Connector(t.Context(), "stuck")
	require.NoError(t, err)
	require.NoError(t, w.Free(t.Context(), conn, protocol.Full, job.Suspended, ""))
	got, err := w.Connector(t.Context(), "stuck")
	require.NoError(t, err)
	require.Equal(t, job.Suspended, got.LastSyncStatus)
	require.NoError(t, w.Free(t.Context(), got, protocol.Full, job.Suspended, ""), "it is free")

	// somebody freed it and a new job took it: what was seen is too old
	w.claimed(t, got, protocol.Full)
	require.ErrorIs(t, w.Free(t.Context(), conn, protocol.Full, job.Suspended, ""), protocol.ErrTaken)
}

func TestLeaseAge(t *testing.T) {
	w := here(t)
	l := w.claimed(t, w.connected(t, "age"), protocol.Full)
	w.clock.add(-time.Hour) // clocks that jump decide nothing
	first := l.Age()
	require.Less(t, first, time.Minute)
	require.GreaterOrEqual(t, l.Age(), first)
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	require.ErrorIs(t, l.Renew(t.Context(), protocol.Stats{}), job.ErrLost)
}

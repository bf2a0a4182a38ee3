package protocol_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// slowly runs a worker that is stopped before its write to an index, the
// nth: longer than it takes others to believe that it is gone. They free its
// connector and claim another job of it.
func (w world) slowly(t *testing.T, index string, nth int, work func(*protocol.Client)) *protocol.Lease {
	t.Helper()
	var other *protocol.Lease
	store := &faulty{Store: w.docs}
	store.before = func(_, at string) {
		if at != index {
			return
		}
		if nth--; nth != 0 {
			return
		}
		conn, err := w.Connector(t.Context(), "slow")
		require.NoError(t, err)
		w.clock.add(time.Minute)
		require.NoError(t, w.Free(t.Context(), conn, protocol.Full, job.Failed, "freed"))
		conn, err = w.Connector(t.Context(), "slow")
		require.NoError(t, err)
		other = w.claimed(t, conn, protocol.Full)
		time.Sleep(1100 * time.Millisecond)
	}
	work(protocol.New(store, protocol.Options{Now: w.clock.now}))
	require.NotNil(t, other, "the worker never came to its write")
	return other
}

// undisturbed makes sure that a job still has its connector.
func (w world) undisturbed(t *testing.T, l *protocol.Lease) {
	t.Helper()
	conn, err := w.Connector(t.Context(), "slow")
	require.NoError(t, err)
	require.Equal(t, job.InProgress, conn.LastSyncStatus)
	require.NoError(t, l.Renew(t.Context(), protocol.Stats{}))
	w.clock.add(time.Second)
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	conn, err = w.Connector(t.Context(), "slow")
	require.NoError(t, err)
	require.Equal(t, job.Completed, conn.LastSyncStatus)
}

// A worker that was stopped between its two locks gives the job back when
// others have freed the first one.
func TestSlowClaim(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	j := w.pending(t, conn)
	other := w.slowly(t, protocol.JobsIndex, 1, func(c *protocol.Client) {
		_, err := c.Claim(t.Context(), conn, j)
		require.ErrorIs(t, err, protocol.ErrTaken)
	})
	w.undisturbed(t, other)
	j = w.live(t, j.ID)
	require.Equal(t, job.Suspended, j.Status)
	require.Empty(t, j.Claim)
	conn, err := w.Connector(t.Context(), "slow")
	require.NoError(t, err)
	_, err = w.Claim(t.Context(), conn, j)
	require.NoError(t, err)
}

// A claim that only took long is as good as any.
func TestSlowClaimThatNobodyNoticed(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	j := w.pending(t, conn)
	store := &faulty{Store: w.docs}
	store.before = func(_, at string) {
		if at == protocol.JobsIndex {
			time.Sleep(1100 * time.Millisecond)
		}
	}
	l, err := protocol.New(store, protocol.Options{Now: w.clock.now}).Claim(t.Context(), conn, j)
	require.NoError(t, err)
	seen, err := w.Connector(t.Context(), "slow")
	require.NoError(t, err)
	require.Equal(t, seen.Version, l.Connector().Version)
	w.undisturbed(t, l)
}

// A worker that was stopped between the end of its job and that of its
// connector does not end the lock of another one.
func TestSlowFinish(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	j := w.pending(t, conn)
	other := w.slowly(t, protocol.ConnectorsIndex, 2, func(c *protocol.Client) {
		l, err := c.Claim(t.Context(), conn, j)
		require.NoError(t, err)
		require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	})
	w.undisturbed(t, other)
}

// Nor does one that takes a job from a worker that fell silent.
func TestSlowRequeue(t *testing.T) {
	w := here(t)
	silent := w.claimed(t, w.connected(t, "slow"), protocol.Full)
	other := w.slowly(t, protocol.ConnectorsIndex, 1, func(c *protocol.Client) {
		require.NoError(t, c.Requeue(t.Context(), w.live(t, silent.Job().ID), 3))
	})
	w.undisturbed(t, other)
}

// A job that waits holds no connector.
func TestFailingAWaitingJobLeavesTheConnector(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	l := w.claimed(t, conn, protocol.Full)
	require.NoError(t, w.FailJob(t.Context(), w.live(t, w.pending(t, conn).ID), "no such source"))
	w.undisturbed(t, l)
}

// A repair whose answer is lost is not done once more: by then another worker
// may have the connector.
func TestRequeueWhoseAnswerIsLost(t *testing.T) {
	w := here(t)
	w.clock.step = time.Microsecond
	silent := w.claimed(t, w.connected(t, "slow"), protocol.Full)
	var other *protocol.Lease
	store := &faulty{Store: w.docs}
	store.lose = func(kind, index string) bool {
		if kind != "conflict" || index != protocol.ConnectorsIndex || other != nil {
			return false
		}
		conn, err := w.Connector(t.Context(), "slow")
		require.NoError(t, err)
		other, err = w.Claim(t.Context(), conn, w.live(t, silent.Job().ID))
		require.NoError(t, err)
		return true
	}
	require.NoError(t, protocol.New(store, protocol.Options{Now: w.clock.now}).Requeue(t.Context(), w.live(t, silent.Job().ID), 3))
	require.NotNil(t, other)
	w.undisturbed(t, other)
}

// Nor is a lock taken back twice.
func TestUnlockWhoseAnswerIsLost(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	j := w.pending(t, conn)
	var other *protocol.Lease
	store := &faulty{Store: w.docs}
	store.before = func(_, index string) {
		if index == protocol.JobsIndex {
			store.before = nil
			_, err := w.CancelJob(t.Context(), j.ID)
			require.NoError(t, err)
			store.lose = func(kind, index string) bool {
				if kind != "conflict" || index != protocol.ConnectorsIndex || other != nil {
					return false
				}
				conn, err := w.Connector(t.Context(), "slow")
				require.NoError(t, err)
				other = w.claimed(t, conn, protocol.Full)
				return true
			}
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	_, err := protocol.New(store, protocol.Options{Now: w.clock.now, Log: quiet}).Claim(t.Context(), conn, j)
	require.ErrorIs(t, err, protocol.ErrTaken)
	require.NotNil(t, other)
	w.undisturbed(t, other)
}

// A claim that came to light when the connector was another job's already: that
// one keeps it.
func TestRequeueBesideAnotherJob(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	late := w.claimed(t, conn, protocol.Full)
	conn, err := w.Connector(t.Context(), "slow")
	require.NoError(t, err)
	_, err = w.Update(t.Context(), conn, func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"last_sync_status": nil}, nil
	})
	require.NoError(t, err)
	other := w.claimed(t, conn, protocol.Full)
	require.NoError(t, w.Requeue(t.Context(), w.live(t, late.Job().ID), 3))
	require.Equal(t, job.Suspended, w.live(t, late.Job().ID).Status)
	w.undisturbed(t, other)
}

// A worker that was stopped when its job's end was stored and the answer was
// lost learns of the end late: the connector may be another job's.
func TestSlowFinishWhoseAnswerIsLost(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "slow")
	store := &faulty{Store: w.docs}
	l, err := protocol.New(store, protocol.Options{Now: w.clock.now}).Claim(t.Context(), conn, w.pending(t, conn))
	require.NoError(t, err)
	var other *protocol.Lease
	store.lose = func(kind, index string) bool {
		if kind != "conflict" || index != protocol.JobsIndex || other != nil {
			return false
		}
		conn, err := w.Connector(t.Context(), "slow")
		require.NoError(t, err)
		w.clock.add(time.Minute)
		require.NoError(t, w.Free(t.Context(), conn, protocol.Full, job.Completed, ""))
		conn, err = w.Connector(t.Context(), "slow")
		require.NoError(t, err)
		other = w.claimed(t, conn, protocol.Full)
		time.Sleep(1100 * time.Millisecond)
		return true
	}
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	require.NotNil(t, other)
	w.undisturbed(t, other)
}

package protocol_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// Of many workers that claim one job, one gets it.
func TestOneClaimWins(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		conn := w.connected(t, "race")
		j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		require.NoError(t, err)
		var won, lost atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, err := w.replica("w").Claim(t.Context(), conn, j)
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, protocol.ErrTaken):
					lost.Add(1)
				default:
					t.Errorf("claim: %v", err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, won.Load())
		require.EqualValues(t, 7, lost.Load())
		conn, err = w.Connector(t.Context(), "race")
		require.NoError(t, err)
		require.Equal(t, job.InProgress, conn.LastSyncStatus)
	})
}

// A connector runs one content job and one access control job at once.
func TestOneJobOfAKindPerConnector(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "busy")
	first := w.claimed(t, conn, protocol.Full)
	second, err := w.CreateJob(t.Context(), conn, protocol.Incremental, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	_, err = w.Claim(t.Context(), conn, second)
	require.ErrorIs(t, err, protocol.ErrTaken)
	w.claimed(t, conn, protocol.AccessControl)
	require.NoError(t, first.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	_, err = w.Claim(t.Context(), conn, second)
	require.NoError(t, err)
}

// A job that was canceled after it was seen is not started, and the
// connector's lock is taken back.
func TestClaimOfWhatWasCanceled(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "late")
	j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	store := &faulty{Store: w.docs}
	store.before = func(call, index string) {
		if call == "replace" && index == protocol.JobsIndex {
			store.before = nil
			_, err := w.CancelJob(context.Background(), j.ID)
			require.NoError(t, err)
		}
	}
	before := w.source(t, protocol.ConnectorsIndex, "late")
	_, err = protocol.New(store, protocol.Options{Now: w.clock.now}).Claim(t.Context(), conn, j)
	require.ErrorIs(t, err, protocol.ErrTaken)
	require.JSONEq(t, before, w.source(t, protocol.ConnectorsIndex, "late"))
	got, err := w.Job(t.Context(), j.ID)
	require.NoError(t, err)
	require.Equal(t, job.Canceled, got.Status)
}

// What happens to a job while its worker writes.
func TestMeanwhile(t *testing.T) {
	done := protocol.Result{Status: job.Completed, Stats: protocol.Stats{Indexed: 1}}
	for name, test := range map[string]struct {
		meanwhile func(*testing.T, world, *protocol.Lease)
		renew     error
		finish    error
		status    job.Status // "" when the job is gone
	}{
		"canceled": {func(t *testing.T, w world, l *protocol.Lease) {
			_, err := w.CancelJob(t.Context(), l.Job().ID)
			require.NoError(t, err)
		}, job.ErrCanceled, nil, job.Canceled},
		"deleted": {func(t *testing.T, w world, l *protocol.Lease) {
			require.NoError(t, w.DeleteJob(t.Context(), l.Job().ID))
		}, job.ErrLost, job.ErrLost, ""},
		"touched": {func(t *testing.T, w world, l *protocol.Lease) {
			w.must(t, "POST", "/"+protocol.JobsIndex+"/_update/"+l.Job().ID+"?refresh=true", `{"doc":{"note":"of somebody"}}`)
		}, nil, nil, job.Completed},
		"requeued": {func(t *testing.T, w world, l *protocol.Lease) {
			require.NoError(t, w.Requeue(t.Context(), l.Job(), 3))
		}, job.ErrLost, job.ErrLost, job.Suspended},
		"requeued and claimed": {func(t *testing.T, w world, l *protocol.Lease) {
			require.NoError(t, w.Requeue(t.Context(), l.Job(), 3))
			conn, err := w.Connector(t.Context(), l.Connector().ID)
			require.NoError(t, err)
			_, err = w.replica("worker-2").Claim(t.Context(), conn, l.Job())
			require.NoError(t, err)
		}, job.ErrLost, job.ErrLost, job.InProgress},
		"failed by the cleanup of another service": {func(t *testing.T, w world, l *protocol.Lease) {
			w.must(t, "POST", "/"+protocol.JobsIndex+"/_update/"+l.Job().ID+"?refresh=true", `{"doc":{"status":"error","error":"idle"}}`)
		}, job.ErrLost, job.ErrLost, job.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w := here(t)
			l := w.claimed(t, w.connected(t, "renew"), protocol.Full)
			test.meanwhile(t, w, l)
			require.ErrorIs(t, l.Renew(t.Context(), protocol.Stats{}), test.renew)

			l = w.claimed(t, w.connected(t, "finish"), protocol.Full)
			test.meanwhile(t, w, l)
			err := l.Finish(t.Context(), done)
			require.ErrorIs(t, err, test.finish)
			j, err := w.Job(t.Context(), l.Job().ID)
			if test.status == "" {
				require.ErrorIs(t, err, protocol.ErrNotFound)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.status, j.Status)
		})
	}
}

// live is a job as the search for live ones shows it.
func (w world) live(t *testing.T, id string) protocol.Job {
	t.Helper()
	jobs, err := w.LiveJobs(t.Context(), protocol.Selection{All: true}, nil)
	require.NoError(t, err)
	for _, j := range jobs {
		if j.ID == id {
			return j
		}
	}
	t.Fatalf("job %s is not live", id)
	return protocol.Job{}
}

// A connector that is deleted while its job runs does not keep the job from
// its end.
func TestFinishWithoutConnector(t *testing.T) {
	w := here(t)
	l := w.claimed(t, w.connected(t, "gone"), protocol.Full)
	w.must(t, "DELETE", "/"+protocol.ConnectorsIndex+"/_doc/gone?refresh=true", "")
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	j, err := w.Job(t.Context(), l.Job().ID)
	require.NoError(t, err)
	require.Equal(t, job.Completed, j.Status)
}

// Heartbeats, a user's change and an access control job meet the end of a
// content job: nothing of any is lost.
func TestConcurrentWriters(t *testing.T) {
	w := here(t)
	w.clock.step = time.Microsecond
	conn := w.connected(t, "all")
	content, access := w.claimed(t, conn, protocol.Full), w.claimed(t, conn, protocol.AccessControl)
	var group sync.WaitGroup
	for _, write := range []func() error{
		func() error { return w.Beat(context.Background(), []string{"all"}) },
		func() error { return content.Finish(context.Background(), protocol.Result{Status: job.Completed}) },
		func() error { return access.Finish(context.Background(), protocol.Result{Status: job.Completed}) },
		func() error {
			_, err := w.Update(context.Background(), conn, func(protocol.Connector) (protocol.Patch, error) {
				return protocol.Patch{"name": "Renamed"}, nil
			})
			return err
		},
	} {
		group.Go(func() {
			for range 2 {
				if err := write(); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	group.Wait()
	conn, err := w.Connector(t.Context(), "all")
	require.NoError(t, err)
	require.Equal(t, "Renamed", conn.Name)
	require.Equal(t, job.Completed, conn.LastSyncStatus)
	require.Equal(t, job.Completed, conn.LastAccessSyncStatus)
	require.False(t, conn.LastSeen.IsZero())
}

// A worker that is stopped between its two locks takes the first one back.
func TestClaimIsStopped(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "stopped")
	j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	before := w.source(t, protocol.ConnectorsIndex, "stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	store := &faulty{Store: w.docs}
	store.before = func(_, index string) {
		if index == protocol.JobsIndex {
			cancel(job.ErrShutdown)
		}
	}
	_, err = protocol.New(store, protocol.Options{Now: w.clock.now, Log: slog.New(slog.DiscardHandler)}).Claim(ctx, conn, j)
	require.ErrorIs(t, err, job.ErrShutdown)
	require.JSONEq(t, before, w.source(t, protocol.ConnectorsIndex, "stopped"))
	again, err := w.Job(t.Context(), j.ID)
	require.NoError(t, err)
	require.Equal(t, job.Pending, again.Status)
}

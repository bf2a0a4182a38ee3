package protocol_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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
			require.NoError(t, w.Requeue(t.Context(), w.live(t, l.Job().ID), 3))
		}, job.ErrLost, job.ErrLost, job.Suspended},
		"requeued and claimed": {func(t *testing.T, w world, l *protocol.Lease) {
			require.NoError(t, w.Requeue(t.Context(), w.live(t, l.Job().ID), 3))
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

// faulty loses answers, or lets something happen before a call.
type faulty struct {
	protocol.Store
	before func(call, index string)
	lose   func(call, index string) bool
}

type unanswered struct{}

func (unanswered) Error() string   { return "no answer" }
func (unanswered) HTTPStatus() int { return 0 }

// repeated is what the retry of a write that was done is answered.
type repeated struct{}

func (repeated) Error() string   { return "another version" }
func (repeated) HTTPStatus() int { return http.StatusConflict }

func (f *faulty) Replace(ctx context.Context, index, id string, source []byte, seqNo, term int64) (int64, int64, error) {
	if f.before != nil {
		f.before("replace", index)
	}
	newSeqNo, newTerm, err := f.Store.Replace(ctx, index, id, source, seqNo, term)
	switch {
	case err == nil && f.lose != nil && f.lose("replace", index):
		return 0, 0, unanswered{}
	case err == nil && f.lose != nil && f.lose("conflict", index):
		return 0, 0, repeated{}
	}
	return newSeqNo, newTerm, err
}

// A write that was done and whose answer was lost counts once, whether the
// attempt failed or its repetition met its own result.
func TestLostAnswers(t *testing.T) {
	for _, kind := range []string{"replace", "conflict"} {
		for _, index := range []string{protocol.ConnectorsIndex, protocol.JobsIndex} {
			t.Run(kind+" "+index, func(t *testing.T) {
				w := here(t)
				conn := w.connected(t, "lost")
				store := &faulty{Store: w.docs}
				client := protocol.New(store, protocol.Options{Now: w.clock.now})
				j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
				require.NoError(t, err)
				l, err := client.Claim(t.Context(), conn, j)
				require.NoError(t, err)
				once := func(call, where string) bool {
					if call != kind || where != index {
						return false
					}
					store.lose = nil
					return true
				}
				if index == protocol.JobsIndex {
					store.lose = once
					err = l.Renew(t.Context(), protocol.Stats{Indexed: 4})
					require.Equal(t, kind == "conflict", err == nil, "%v", err)
					require.NoError(t, l.Renew(t.Context(), protocol.Stats{Indexed: 5}))
				}
				w.clock.add(time.Second)
				store.lose = once
				done := protocol.Result{Status: job.Completed, Cursor: json.RawMessage(`{"a":1}`)}
				err = l.Finish(t.Context(), done)
				require.Equal(t, kind == "replace" && index == protocol.JobsIndex, err != nil, "%v", err)

				// another worker starts the next job before the end is told again
				w.clock.add(time.Second)
				if index == protocol.ConnectorsIndex {
					conn, err = w.Connector(t.Context(), "lost")
					require.NoError(t, err)
					w.claimed(t, conn, protocol.Full)
				}
				require.NoError(t, l.Finish(t.Context(), done))
				conn, err = w.Connector(t.Context(), "lost")
				require.NoError(t, err)
				require.JSONEq(t, `{"a":1}`, string(conn.SyncCursor))
				if index == protocol.ConnectorsIndex {
					require.Equal(t, job.InProgress, conn.LastSyncStatus)
				} else {
					require.Equal(t, job.Completed, conn.LastSyncStatus)
				}
			})
		}
	}
}

// The answer to a claim is lost: the worker has the job all the same.
func TestLostAnswerToAClaim(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "lost")
	j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	store := &faulty{Store: w.docs}
	store.lose = func(call, index string) bool {
		if call != "conflict" || index != protocol.JobsIndex {
			return false
		}
		store.lose = nil
		return true
	}
	l, err := protocol.New(store, protocol.Options{Now: w.clock.now}).Claim(t.Context(), conn, j)
	require.NoError(t, err)
	require.NoError(t, l.Renew(t.Context(), protocol.Stats{}))
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
}

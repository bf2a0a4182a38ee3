package protocol_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

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

func (f *faulty) Replace(ctx context.Context, index, id string, source []byte, seqNo, term int64, refresh bool) (int64, int64, error) {
	if f.before != nil {
		f.before("replace", index)
	}
	newSeqNo, newTerm, err := f.Store.Replace(ctx, index, id, source, seqNo, term, refresh)
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

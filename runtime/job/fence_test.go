package job_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// TestALostRunSendsNothingMore loses the job while much is collected, and counts
// requests that write.
func TestALostRunSendsNothingMore(t *testing.T) {
	endless := func(lose func(i int)) func(emit func(connector.Document) error) error {
		return func(emit func(connector.Document) error) error {
			for i := 0; ; i++ {
				lose(i)
				if err := emit(connector.NewDocument(fmt.Sprint(i))); err != nil {
					return err
				}
			}
		}
	}
	for name, run := range map[string]func(x *index, ctx context.Context, docs func(func(connector.Document) error) error) (job.Runner, error){
		"full": func(x *index, ctx context.Context, docs func(func(connector.Document) error) error) (job.Runner, error) {
			s := x.new(emitter(func(_ context.Context, emit func(connector.Document) error) error { return docs(emit) }))
			return s, s.Run(ctx)
		},
		"incremental": func(x *index, ctx context.Context, docs func(func(connector.Document) error) error) (job.Runner, error) {
			c := x.changes(endlessly(docs), at(0))
			_, err := c.Run(ctx)
			return c, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := newIndex(t)
			var lost atomic.Bool
			var late atomic.Int64
			x.through(t, func(r *http.Request) {
				if lost.Load() && (strings.HasSuffix(r.URL.Path, "/_bulk") || r.Method == http.MethodDelete) {
					late.Add(1)
				}
			})
			x.fence = func(bool) error {
				if lost.Load() {
					return job.ErrLost
				}
				return nil
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			runner, err := run(x, ctx, endless(func(i int) {
				if i == 7777 {
					x.settled(t)
					lost.Store(true)
					cancel(job.ErrLost)
				}
			}))
			require.ErrorIs(t, err, job.ErrLost)
			requireSum(t, runner.Counters())
			x.close()
			require.Zero(t, late.Load(), "requests after the job was lost")
		})
	}
}

// settled waits until nothing is on its way to the server.
func (x *index) settled(t *testing.T) {
	t.Helper()
	require.NoError(t, x.bulk.Flush(t.Context()))
}

// endlessly is an incremental source of one function.
type endlessly func(emit func(connector.Document) error) error

func (endlessly) Position(context.Context) (connector.Cursor, error) { return at(0), nil }

func (e endlessly) Changes(_ context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	return since, e(func(d connector.Document) error { return emit(connector.Change{Document: d}) })
}

// TestNoDeletionWithoutAFreshLease has a fence that lets writes pass only.
func TestNoDeletionWithoutAFreshLease(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one"})
	x.fence = func(deletes bool) error {
		if deletes {
			return job.ErrLost
		}
		return nil
	}
	c, err := x.run(t, docs{"a": "two"})
	require.ErrorIs(t, err, job.ErrLost)
	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, c)
	_, _, err = x.apply(t, &changelog{steps: []step{del("a")}}, at(0))
	require.ErrorIs(t, err, job.ErrLost)
	require.Equal(t, map[string]string{"a": "two", "b": "one"}, x.values(t))
}

// TestALostWorkersLateRequest holds a worker's request up until its successor
// has looked at the index, and lets it pass then.
func TestALostWorkersLateRequest(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"old": "one"})
	lost := *x
	lost.flushers = 1 // one request
	held, release, passed := make(chan bool), make(chan bool), make(chan bool)
	lost.through(t, func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			close(held)
			<-release
			context.AfterFunc(r.Context(), func() { close(passed) }) // the answer is on its way back
		}
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	s := lost.new(docs{"old": "one", "same": "one", "other": "stale", "gone": "stale"})
	over := make(chan error)
	go func() { over <- s.Run(ctx) }()
	<-held
	cancel(job.ErrLost)
	require.ErrorIs(t, <-over, job.ErrLost)

	now := docs{"old": "one", "same": "one", "other": "new"}
	c := x.sync(t, emitter(func(ctx context.Context, emit func(connector.Document) error) error {
		close(release)
		<-passed
		return now.GetDocs(ctx, connector.Filter{}, emit)
	}))
	lost.close()
	require.Equal(t, job.Counters{Emitted: 3, Unchanged: 1, Updated: 2}, c, "what the lost worker wrote is replaced")
	want := map[string]string{"old": "one", "same": "one", "other": "new", "gone": "stale"}
	require.Equal(t, want, x.values(t))
	require.Equal(t, job.Counters{Emitted: 3, Unchanged: 3, Deleted: 1}, x.sync(t, now), "the next run deletes what came back")
}

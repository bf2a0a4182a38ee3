package job_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

func TestGuard(t *testing.T) {
	guard := job.Guard{Share: 0.2, Few: 100}
	for _, c := range []struct {
		own, gone int
		refused   bool
	}{
		{0, 0, false},
		{1000, 0, false},
		{1000, 200, false}, // the share itself is allowed
		{1000, 201, true},  // one more is not
		{300, 100, false},  // few documents may go, whatever their share
		{300, 101, true},   //
		{100, 99, false},   //
		{100, 100, true},   // but never all
		{1, 1, true},       //
		{10_000, 2000, false},
		{10_000, 2001, true},
	} {
		err := guard.Check(c.own, c.gone)
		require.Equal(t, c.refused, err != nil, "%d of %d", c.gone, c.own)
		if err != nil {
			var g *job.GuardError
			require.ErrorAs(t, err, &g)
			require.Contains(t, err.Error(), "--allow-deletes")
		}
	}
}

func TestBudget(t *testing.T) {
	fail := func(b *job.Budget, n int) error {
		for i := range n {
			if err := b.Failed(connector.Rejection{ID: fmt.Sprint("doc-", i), Reason: "mapper_parsing: no"}); err != nil {
				return err
			}
		}
		return nil
	}
	t.Run("in a row", func(t *testing.T) {
		b := job.NewBudget()
		require.NoError(t, fail(b, 10))
		err := fail(b, 1)
		require.ErrorContains(t, err, "11 documents in a row")
		require.ErrorContains(t, err, "the first is doc-0: mapper_parsing: no; then doc-1, doc-2")
	})
	t.Run("success ends the row, not the window", func(t *testing.T) {
		b := job.NewBudget()
		require.NoError(t, fail(b, 10))
		b.Succeeded(1)
		require.NoError(t, fail(b, 5))
		require.ErrorContains(t, fail(b, 1), "16 of the last")
	})
	t.Run("a long success empties the window", func(t *testing.T) {
		b := job.NewBudget()
		for range 50 {
			require.NoError(t, fail(b, 10))
			b.Succeeded(500)
		}
	})
	t.Run("what the index holds as it is counts as taken", func(t *testing.T) {
		b := job.NewBudget()
		for range 950 {
			b.Unchanged()
		}
		require.NoError(t, fail(b, 50), "5 % of 1000")
		require.NoError(t, fail(b, 100))
		require.ErrorContains(t, fail(b, 100), "16 of the last", "more than 15 %")
	})
	t.Run("total", func(t *testing.T) {
		b := job.NewBudget()
		b.Consecutive, b.Rate = 0, 0
		require.NoError(t, fail(b, 1000))
		require.ErrorContains(t, fail(b, 1), "1001 documents")
	})
	t.Run("names a rejection, not what the source could not read", func(t *testing.T) {
		b := job.NewBudget()
		b.Unreadable("locked", "permission denied")
		require.NoError(t, fail(b, 10))
		err := fail(b, 1)
		require.ErrorContains(t, err, "the first is doc-0: mapper_parsing: no")
		require.Equal(t, "locked", b.Failures()[0].ID)
	})
	t.Run("names the first ten", func(t *testing.T) {
		b := &job.Budget{}
		require.NoError(t, fail(b, 20))
		require.Len(t, b.Failures(), 10)
		require.Equal(t, 20, b.Noted())
		require.Equal(t, job.Failure{ID: "doc-0", Reason: "mapper_parsing: no"}, b.Failures()[0])
	})
}

func TestOutcome(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		cause, err error
		want       job.Status
	}{
		{nil, nil, job.Completed},
		{nil, broken, job.Failed},
		{job.ErrCanceled, nil, job.Completed}, // it was done before the cancel
		{job.ErrCanceled, broken, job.Canceled},
		{job.ErrShutdown, broken, job.Suspended},
		{job.ErrLost, broken, job.Failed},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		if c.cause != nil {
			cancel(c.cause)
		}
		require.Equal(t, c.want, job.Outcome(ctx, c.err))
		cancel(nil)
	}
}

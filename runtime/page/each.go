package page

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

// Each calls do for every item of a list, for at most limit of them at once, and
// returns when all calls have. The first error, of a call or of the list, ends
// the rest: their context is canceled, and no other item is taken.
func Each[T any](ctx context.Context, limit int, list iter.Seq2[T, error], do func(context.Context, T) error) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, limit))
	var broken error
	for item, err := range list {
		if broken = err; err != nil || inner.Err() != nil {
			break
		}
		group.Go(func() error { return do(inner, item) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if broken == nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return broken
}

package job

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// gate is where what a source emits comes in.
type gate struct {
	downloads *downloads
	closed    atomic.Bool
	first     chan error // the first error that emit returned
}

// errEmitAfter is returned by emit when the source has returned already.
var errEmitAfter = errors.New("emit was called after the source had returned")

// refuses returns an error for what comes too late.
func (g *gate) refuses(ctx context.Context) error {
	switch {
	case g.closed.Load():
		return errEmitAfter
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return nil
}

// keep remembers the first error and returns every one.
func (g *gate) keep(err error) error {
	if err != nil {
		select {
		case g.first <- err:
		default:
		}
	}
	return err
}

// read runs a source and the downloads of what it emits. The source calls emit
// through the gate, with the context that it is given. What emit returned ends
// the run whatever the source makes of it.
func (r *road) read(ctx context.Context, source func(context.Context, *gate) error) error {
	g := &gate{first: make(chan error, 1)}
	var dctx context.Context
	g.downloads, dctx = r.startDownloads(ctx)
	err := source(dctx, g)
	g.closed.Store(true)
	failed := g.downloads.wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case failed != nil:
		return failed // err is only the cancellation it provoked
	case len(g.first) > 0:
		return <-g.first
	case err != nil:
		return fmt.Errorf("read the source: %w", err)
	}
	return nil
}

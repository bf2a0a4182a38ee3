package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Changes brings an index up to date with what happened in a source since a
// cursor: an incremental sync. Make one for each run.
//
// Changes are taken in windows, one after the other: the ids of a window are
// looked up in the index, the last change of each id is carried out, and
// everything is confirmed by Elasticsearch before the next window begins. So
// no change overtakes an earlier one of the same document, and a cursor is
// given out only when everything before it is in the index.
//
// A window is at most [windowChanges] changes or [windowBytes] bytes of fields;
// that is the memory a run takes beside the sink's.
type Changes struct {
	Source connector.Incremental
	// Since is where the last sync ended: what the source called its position.
	Since   connector.Cursor
	Filter  connector.Filter
	Index   Index
	Sink    Sink
	Rules   Rules     // nil: every document is kept
	Extract Extractor // nil: attachments are not read
	Budget  *Budget   // the one that the Sink reports to
	// Letters keeps the documents that failed; nil keeps none.
	Letters Letters
	Owner   string // see [Owner]
	// Settings are those of the full sync: see [Sync].
	Settings []byte
	Options  Options
	Log      *slog.Logger
	Now      func() time.Time
	// Checkpoint, when set, is given each cursor that the source names with a
	// change, once that change is in the index. Its error ends the run. The
	// last cursor is returned by Run instead.
	Checkpoint func(ctx context.Context, at connector.Cursor) error

	road

	mu     sync.Mutex // guards what follows
	window window
	safe   connector.Cursor // the last one that a flush covers
	failed error            // of a window
}

const (
	windowChanges = 1000
	windowBytes   = 4 << 20
)

// Run applies the changes and returns the cursor of the next run when all of
// them are in the index. With an error it returns the last cursor that is
// safe to resume from, or nil when there is none after Since.
//
// [connector.ErrPositionLost] is passed on, wrapped; it is also the error when
// there was no index, since what came before the cursor is not in a new one. Documents that failed are
// counted and named, and are no error; the copy that the index holds of them
// stays.
func (c *Changes) Run(ctx context.Context) (connector.Cursor, error) {
	c.equip(gear{
		sink: c.Sink, rules: c.Rules, extract: c.Extract, budget: c.Budget, letters: c.Letters, options: c.Options, log: c.Log,
		print: newFingerprinter(c.Owner, c.Settings),
	}, c.Now())
	next, err := c.run(ctx)
	c.arrive(ctx, err)
	if err != nil {
		return c.safe, err
	}
	return next, nil
}

func (c *Changes) run(ctx context.Context) (next connector.Cursor, err error) {
	c.enter(Scanning)
	if c.window.indexed, err = c.prepareForChanges(ctx); err != nil {
		return nil, err
	}
	c.enter(Reading)
	err = c.road.read(ctx, func(ctx context.Context, g *gate) error {
		next, err = c.Source.Changes(ctx, c.Since, c.Filter, func(ch connector.Change) error {
			if err := g.refuses(ctx); err != nil {
				return err
			}
			return g.keep(c.take(ctx, ch, g.downloads))
		})
		g.closed.Store(true)
		if len(g.first) == 0 && ctx.Err() == nil { // what came before an error of the source holds
			_ = g.keep(c.finish(ctx, g.downloads))
		}
		return err
	})
	if err == nil {
		err = checkCursor(next)
	}
	return next, err
}

func (c *Changes) prepareForChanges(ctx context.Context) (there bool, err error) {
	there, err = c.prepare(ctx, c.Index, c.Source)
	switch {
	case err != nil:
		return false, fmt.Errorf("prepare the index: %w", err)
	case !there && !c.Options.DryRun:
		return false, errIndexGone // what came before the cursor is not in the new one
	}
	return there, nil
}

// errIndexGone makes the caller read everything.
var errIndexGone = fmt.Errorf("%w: the index was gone and has been made anew", connector.ErrPositionLost)

// Counters returns what became of the documents so far. Deletions are no
// documents: they count as Deleted once they are confirmed, and as Foreign
// when the document is another owner's.
func (c *Changes) Counters() Counters { return c.counters(c.Sink) }

// Progress returns where the run stands.
func (c *Changes) Progress() Progress { return c.progress(c.Sink) }

// take puts a change in the window, and carries the window out when it is full.
func (c *Changes) take(ctx context.Context, ch connector.Change, downloads *downloads) error {
	if len(ch.Cursor) > 0 {
		if err := checkCursor(ch.Cursor); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return c.failed // the window was carried out in part
	}
	c.add(ch)
	if len(c.window.changes) < windowChanges && c.window.size < windowBytes {
		return nil
	}
	if c.failed = c.settle(ctx, downloads); c.failed == nil {
		c.failed = c.checkpoint(ctx)
	}
	return c.failed
}

func (c *Changes) finish(ctx context.Context, downloads *downloads) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settle(ctx, downloads)
}

// checkpoint gives out the cursor of the window that was carried out.
func (c *Changes) checkpoint(ctx context.Context) error {
	if c.Checkpoint == nil || c.safe == nil {
		return nil
	}
	if err := c.Checkpoint(ctx, c.safe); err != nil {
		return fmt.Errorf("store the position: %w", err)
	}
	return nil
}

var errCursor = errors.New("the source's cursor is no JSON value: this is a defect of the source")

// checkCursor refuses what can't be stored.
func checkCursor(at connector.Cursor) error {
	switch {
	case len(at) > connector.MaxCursor:
		return fmt.Errorf("the source's cursor has %d bytes, %d may be stored: this is a defect of the source", len(at), connector.MaxCursor)
	case !json.Valid(at):
		return errCursor
	}
	return nil
}

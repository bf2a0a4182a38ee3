package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// changes makes an incremental sync ready to run.
func (p parts) changes(source connector.Incremental, since connector.Cursor) (*job.Changes, func() error) {
	sink, done := p.sink()
	c := &job.Changes{
		Source: source, Since: since, Filter: p.Filter, Index: p.index, Sink: sink, Extract: p.extract,
		Budget: p.budget, Owner: p.Owner, Settings: p.shaping, Options: p.Options, Log: p.Log, Now: p.Now,
	}
	if p.Rules != nil {
		c.Rules = p.Rules
	}
	if p.letters != nil {
		c.Letters = p.letters
	}
	return c, done
}

// incremental brings the index up to date with what happened since the last
// sync. Where that can't be told, it reads everything, and says why.
func (w *work) incremental(ctx context.Context, p parts, settings string) (json.RawMessage, error) {
	source, able := p.Source.(connector.Incremental)
	at, why := w.since(ctx, p, settings)
	switch {
	case !able:
		why = "the source keeps no history of its changes"
	case why == "":
		cursor, err := w.applyChanges(ctx, p, source, at)
		if !errors.Is(err, connector.ErrPositionLost) || ctx.Err() != nil {
			return cursor, err
		}
		why = err.Error()
		w.settle()
	}
	w.log.Info("everything is read", "because", why)
	w.note("full_because", why)
	return w.full(ctx, p, settings)
}

// settle keeps the counters of a run that another one follows in the same job.
func (w *work) settle() {
	c := w.counters()
	w.runner.Store(nil)
	w.past.Store(&c)
}

// since is where the last sync ended, or why nothing can be told from that. A
// job that was interrupted goes on from what it had confirmed.
func (w *work) since(ctx context.Context, p parts, settings string) (job.Position, string) {
	at, ok := job.ParsePosition(w.job.SyncCursor)
	switch {
	case !ok || at.Source == nil:
		return at, "no position of an earlier sync is stored"
	case at.Settings != settings:
		return at, "the settings have changed since the last sync"
	}
	if own, interrupted := job.ParsePosition(checkpoint(w.job.Metadata)); interrupted && own.Settings == settings {
		at = own
	}
	switch identity, err := p.index.Identity(ctx); {
	case err != nil:
		return at, "the index can't be looked at: " + err.Error()
	case identity == "" || identity != at.Index:
		return at, "the index is not the one of the last sync"
	}
	return at, ""
}

// checkpoint is the position that an interrupted run of the job confirmed.
func checkpoint(metadata json.RawMessage) json.RawMessage {
	var m struct {
		Tributary struct{ Position json.RawMessage }
	}
	_ = json.Unmarshal(metadata, &m) // malformed metadata holds no position
	return m.Tributary.Position
}

func (w *work) applyChanges(ctx context.Context, p parts, source connector.Incremental, since job.Position) (json.RawMessage, error) {
	var c *job.Changes
	var next connector.Cursor
	err := w.drive(ctx, p, func(p parts) (job.Runner, func(context.Context) error, func() error) {
		var done func() error
		c, done = p.changes(source, since.Source)
		c.Checkpoint = func(_ context.Context, at connector.Cursor) error {
			w.note("position", since.After(at, c.Counters()).JSON())
			return nil
		}
		return c, func(ctx context.Context) (err error) {
			next, err = c.Run(ctx)
			return err
		}, done
	})
	if err != nil {
		return nil, err
	}
	w.note("position", nil)
	return w.positionAfter(ctx, p, since, next, c.Counters())
}

// positionAfter is the sync_cursor behind changes, and counts the index.
func (w *work) positionAfter(ctx context.Context, p parts, since job.Position, next connector.Cursor, c job.Counters) (json.RawMessage, error) {
	if w.job.Requeued > 0 || checkpoint(w.job.Metadata) != nil { // what was sent before is not known
		c.Failed += since.Failed // they are still not in the index
		return w.position(ctx, p, since.Settings, next, c)
	}
	if err := p.index.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("refresh the index: %w", err)
	}
	return since.After(next, c).JSON(), w.countAll(ctx, p)
}

package service

import (
	"context"
	"encoding/json"
	"errors"

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
	return c, done
}

// incremental brings the index up to date with what happened since the last
// sync. Where that can't be told, it reads everything, and says why.
func (w *work) incremental(ctx context.Context, p parts, settings string) (json.RawMessage, error) {
	source, able := p.Source.(connector.Incremental)
	at, why := w.since(settings)
	switch {
	case !able:
		why = "the source keeps no history of its changes"
	case why == "":
		cursor, err := w.applyChanges(ctx, p, source, at, settings)
		if !errors.Is(err, connector.ErrPositionLost) || ctx.Err() != nil {
			return cursor, err
		}
		why = err.Error()
	}
	w.log.Info("everything is read", "because", why)
	w.note("full_because", why)
	return w.full(ctx, p, settings)
}

// since is where the last sync ended, or why nothing can be told from that. A
// job that was interrupted goes on from what it had confirmed.
func (w *work) since(settings string) (connector.Cursor, string) {
	stored := w.job.SyncCursor
	if own := checkpoint(w.job.Metadata); own != nil {
		stored = own
	}
	at, ok := job.ParsePosition(stored)
	switch {
	case !ok || at.Source == nil:
		return nil, "no position of an earlier sync is stored"
	case at.Settings != settings:
		return nil, "the settings have changed since the last sync"
	}
	return at.Source, ""
}

// checkpoint is the position that an interrupted run of the job confirmed.
func checkpoint(metadata json.RawMessage) json.RawMessage {
	var m struct {
		Tributary struct{ Position json.RawMessage }
	}
	_ = json.Unmarshal(metadata, &m) // malformed metadata holds no position
	return m.Tributary.Position
}

func (w *work) applyChanges(ctx context.Context, p parts, source connector.Incremental, since connector.Cursor, settings string) (json.RawMessage, error) {
	var c *job.Changes
	var next connector.Cursor
	err := w.drive(ctx, p, func(p parts) (job.Runner, func(context.Context) error, func() error) {
		var done func() error
		c, done = p.changes(source, since)
		c.Checkpoint = func(_ context.Context, at connector.Cursor) error {
			w.note("position", job.Position{Source: at, Settings: settings}.JSON())
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
	return w.position(ctx, p, settings, next, c.Counters())
}

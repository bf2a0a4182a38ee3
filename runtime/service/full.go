package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
)

// content runs a job that writes documents and returns the new sync_cursor; nil
// keeps the stored one.
func (w *work) content(ctx context.Context, source connector.Source) (json.RawMessage, error) {
	filter, set, err := w.rules(ctx, source)
	if err != nil {
		return nil, err
	}
	p, err := w.compose(ctx, source, filter, set)
	if err != nil {
		return nil, err
	}
	settings := job.HashSettings(w.job.Configuration, w.job.Filtering, p.shaping, fmt.Append(nil, p.Options.Access, p.NoContent))
	if w.job.Type == protocol.Incremental {
		if !w.conn.Features.Incremental {
			return nil, errors.New("incremental syncs are switched off for this connector; start a full sync, or switch them on")
		}
		return w.incremental(ctx, p, settings)
	}
	skip, why := job.Skip(ctx, job.Due{
		Source: source, Stored: w.conn.SyncCursor, Settings: settings, Last: w.conn.LastSyncStatus,
		OnDemand: w.job.Trigger != protocol.Scheduled, Owner: p.Owner, Index: p.index,
	})
	if skip {
		w.note("skipped", why)
		return nil, w.countAll(ctx, p)
	}
	w.log.Debug("the sync is not skipped", "because", why)
	return w.full(ctx, p, settings)
}

// rules are those that the job was made with: they must be valid.
func (w *work) rules(ctx context.Context, source connector.Source) (connector.Filter, *rules.Set, error) {
	features := w.conn.Features.Rules()
	f := w.job.Filter()
	v := f.Validate(ctx, features, rules.ValidatorsOf(w.kind, source))
	for _, warning := range v.Warnings {
		w.log.Warn("sync rules", "warning", warning.Messages)
	}
	if v.State == rules.Invalid {
		return connector.Filter{}, nil, errors.New(invalid(v))
	}
	set, err := f.Compile(features)
	if err != nil {
		return connector.Filter{}, nil, fmt.Errorf("sync rules: %w", err)
	}
	w.set = set
	return f.Source(features), set, nil
}

// invalid names the rules that a job can't run with.
func invalid(v rules.Validation) string {
	var b strings.Builder
	b.WriteString("the sync rules of this job are not valid: ")
	for _, e := range v.Errors {
		b.WriteString(strings.Join(e.Messages, "; "))
		if len(e.IDs) > 0 && e.IDs[0] != rules.AdvancedID {
			fmt.Fprintf(&b, " (id %s)", strings.Join(e.IDs, ", "))
		}
		b.WriteString("; ")
	}
	b.WriteString("mend them and start the sync again")
	return b.String()
}

// compose puts the sync together.
func (w *work) compose(ctx context.Context, source connector.Source, filter connector.Filter, set *rules.Set) (parts, error) {
	if err := elastic.CheckContentName(w.job.IndexName); err != nil {
		return parts{}, err
	}
	client, err := w.client()
	if err != nil {
		return parts{}, err
	}
	pipeline := w.pipeline(ctx, client)
	return Content{
		Settings: w.Settings, Client: client, Index: w.job.IndexName, Pipeline: pipeline,
		Source: source, Filter: filter, Rules: set, Owner: job.Owner(w.conn.ID),
		NoContent: !w.job.Pipeline.ExtractBinaryContent && !switchedOn(w.job.Configuration, "use_text_extraction_service"),
		Options: job.Options{
			Adopt: true, AllowDeletes: w.job.AllowDeletes, Access: w.restricts(), Fields: flags(pipeline, w.job.Pipeline),
		},
		Failed: &Failed{Connector: w.conn.ID, Job: w.job.ID},
		Redact: w.redact, Log: w.log, Now: w.Now,
	}.parts(ctx)
}

// full makes the index equal to the source.
func (w *work) full(ctx context.Context, p parts, settings string) (json.RawMessage, error) {
	if err := w.distrust(ctx, settings); err != nil {
		return nil, err
	}
	at, err := job.PositionOf(ctx, p.Source) // before the first document is read
	if err != nil {
		return nil, err
	}
	var s *job.Sync
	err = w.drive(ctx, p, func(p parts) (job.Runner, func(context.Context) error, func() error) {
		var done func() error
		s, done = p.sync()
		return s, s.Run, done
	})
	if err != nil {
		return nil, err
	}
	return w.position(ctx, p, settings, at, s.Counters())
}

// distrust makes the stored position one that no later job goes on from, when it
// was made with other settings: should this run end early, the index holds some
// documents by these and some by those, and a return to the old settings must
// not take the position for theirs.
func (w *work) distrust(ctx context.Context, settings string) error {
	lease := w.keeper.lease
	at, known := job.ParsePosition(lease.Connector().SyncCursor)
	if !known || at.Settings == settings || at.Settings == job.MixedSettings {
		return nil
	}
	at.Settings = job.MixedSettings
	if err := lease.StoreCursor(ctx, at.JSON()); err != nil {
		return fmt.Errorf("store that the position of the last sync can't be used: %w", err)
	}
	return nil
}

// position is the sync_cursor after a sync, and counts the index.
func (w *work) position(ctx context.Context, p parts, settings string, at connector.Cursor, c job.Counters) (json.RawMessage, error) {
	position, err := job.NewPosition(ctx, p.index, p.Owner, settings, at, c)
	if err != nil {
		return nil, err
	}
	return position.JSON(), w.countAll(ctx, p)
}

// countAll notes how many documents the index holds.
func (w *work) countAll(ctx context.Context, p parts) error {
	n, err := p.index.Count(ctx)
	if err != nil {
		return fmt.Errorf("count the documents in the index: %w", err)
	}
	w.total.Store(n)
	return nil
}

package cli

import (
	"context"
	"errors"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/service"
)

// run is a sync that is ready to run.
type run struct {
	sync   *job.Sync
	target *target
	failed *service.Failed
	finish func() error   // ends what the sync wrote with
	opened []func() error // what close closes, last first
}

func (r *run) onClose(f func() error) { r.opened = append(r.opened, f) }

func (r *run) close() error {
	var errs []error
	for i := len(r.opened) - 1; i >= 0; i-- {
		errs = append(errs, r.opened[i]())
	}
	r.opened = nil
	return errors.Join(errs...)
}

// prepare opens the source, connects to the index and puts the sync together.
func (a *app) prepare(ctx context.Context, r request) (_ *run, err error) {
	out := &run{}
	defer func() {
		if err != nil {
			_ = out.close()
		}
	}()
	c, err := a.content(ctx, r, out)
	if err != nil {
		return nil, err
	}
	out.failed = c.Failed
	if r.flags.dryRun {
		c.Sink = newDrySink(nil)
	}
	sync, closeSink, err := c.Sync(ctx)
	if err != nil {
		return nil, err
	}
	out.sync, out.finish = sync, closeSink
	return out, nil
}

// content opens the source and connects to the index, for what is made of the
// two; out closes them.
func (a *app) content(ctx context.Context, r request, out *run) (service.Content, error) {
	source, closeSource, err := a.open(ctx, r)
	if err != nil {
		return service.Content{}, err
	}
	out.onClose(closeSource)
	if out.target, err = a.connect(ctx); err != nil {
		return service.Content{}, err
	}
	out.onClose(out.target.close)
	return service.Content{
		Settings: a.lettersSettings(), Client: out.target.Client, Index: r.index, Pipeline: r.flags.pipeline,
		Source: source, Filter: r.rules.filter, Rules: r.rules.basic, Owner: r.owner,
		Options: job.Options{
			Resend: r.flags.resend, AllowDeletes: r.flags.allowDeletes, Adopt: r.flags.adopt, DryRun: r.flags.dryRun,
			Access: service.Restricts(r.kind, r.raw),
		},
		Failed: &service.Failed{Connector: r.owner}, Redact: a.redact, Log: a.log, Now: time.Now,
	}, nil
}

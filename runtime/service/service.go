package service

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/runtime/telemetry"
)

// Service works on connectors until it is told to stop. Any number of them
// share the work through the documents in Elasticsearch alone.
type Service struct {
	// Protocol is what the loops read and write with.
	Protocol *protocol.Client
	// Leases is what running jobs are claimed and confirmed with. It has
	// connections of its own, so that no bulk request can hold it up, and
	// gives up on a request early.
	Leases *protocol.Client
	// Connect returns a client for content indices. With an empty key it has
	// the credentials of the settings, else that key's.
	Connect func(apiKey connector.Secret) (*elastic.Client, error)
	Kinds   []connector.Kind
	// Selection is the connectors to work on; see [Select].
	Selection protocol.Selection
	Settings  settings.Settings
	Log       *slog.Logger
	Metrics   *telemetry.Metrics // nil: nothing is counted
	Health    *telemetry.Health  // nil: nobody asks
	// Now is the clock of schedules; nil is time.Now. How long something took
	// is measured by a clock that nobody can set.
	Now func() time.Time
}

// Run works until ctx ends. Running jobs are suspended then, within 5 s, and
// go on in another process or the next one. The error is nil unless the
// service can't work at all; what goes wrong meanwhile is logged and tried
// again.
func (s *Service) Run(ctx context.Context) error {
	return s.with(ctx, func(ctx context.Context, l *loop) error { return l.run(ctx, nil) })
}

// ErrJobsFailed says that a drained job ended in an error.
var ErrJobsFailed = errors.New("a sync job failed")

// Drain runs the jobs that are due or wait, and returns when none is left that
// this service can run. The error is [ErrJobsFailed] when one of them failed,
// and [job.ErrShutdown] when ctx ended first.
func (s *Service) Drain(ctx context.Context) error {
	return s.with(ctx, func(ctx context.Context, l *loop) error {
		if err := l.run(ctx, l.drained); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if l.failed > 0 {
			return ErrJobsFailed
		}
		return nil
	})
}

// with runs work with a context that ends with [job.ErrShutdown], and tidies
// up behind it.
func (s *Service) with(ctx context.Context, work func(context.Context, *loop) error) error {
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := context.AfterFunc(ctx, func() { cancel(job.ErrShutdown) })
	defer release()
	l := newLoop(s.completed())
	err := work(inner, l)
	cancel(job.ErrShutdown)
	l.close()
	l.Log.Info("the service has stopped")
	return err
}

// completed is a copy of the service with what may be left out.
func (s *Service) completed() *Service {
	c := *s
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Health == nil {
		c.Health = new(telemetry.Health)
	}
	return &c
}

// kind finds the kind of a service type.
func (s *Service) kind(serviceType string) (connector.Kind, bool) {
	i := slices.IndexFunc(s.Kinds, func(k connector.Kind) bool { return k.Is(serviceType) })
	if i < 0 || serviceType == "" {
		return connector.Kind{}, false
	}
	return s.Kinds[i], true
}

// listed is what the settings say about a connector.
func (s *Service) listed(id string) settings.Connector {
	i := slices.IndexFunc(s.Settings.Connectors, func(c settings.Connector) bool { return c.ConnectorID == id })
	if i < 0 {
		return settings.Connector{ConnectorID: id}
	}
	return s.Settings.Connectors[i]
}

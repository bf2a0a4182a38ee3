package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/schema"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/telemetry"
)

func (a *app) serveCommand() *cobra.Command {
	var once bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the connector service",
		Long: "Keeps connectors up to date, and runs their sync jobs when they are due or asked\n" +
			"for, until it is stopped. Any number of replicas share the work.\n\n" +
			"On Elasticsearch the settings say which connectors it works on: connectors, or\n" +
			"service.service_types. On the embedded node it works on all of them.\n\n" +
			"A signal suspends running jobs, which go on later or elsewhere; a second one ends\n" +
			"the program at once. With --once it runs the jobs that are due or wait and ends;\n" +
			"the exit code is 1 when one of them failed.",
		Example: "  tributary serve\n  ELASTICSEARCH_URL=https://localhost:9200 tributary serve --set service.service_types=directory",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.load(); err != nil {
				return err
			}
			a.obeyGroup(os.DirFS("/"))
			return a.serve(cmd.Context(), once)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "run the jobs that are due or wait, and end")
	return cmd
}

// servingLine is the first line of `serve --json`.
type servingLine struct {
	Type         string   `json:"type"`   // "serving"
	Target       string   `json:"target"` // address, or "embedded"
	Connectors   []string `json:"connectors"`
	ServiceTypes []string `json:"service_types"`
	Metrics      string   `json:"metrics"` // address, or empty
}

// stoppedLine is the last line of `serve --json`.
type stoppedLine struct {
	Type  string  `json:"type"` // "stopped"
	Error *string `json:"error"`
}

func (a *app) serve(ctx context.Context, once bool) (err error) {
	p, err := a.place()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	s, closeClients, err := a.service(p)
	if err != nil {
		return err
	}
	defer closeClients()
	address, closeMetrics, err := a.metrics(ctx, s)
	if err != nil {
		return err
	}
	defer closeMetrics()
	if err := a.begin(ctx, s, p, address); err != nil {
		return a.stopped(ended(err, once))
	}
	if once {
		err = s.Drain(ctx)
	} else {
		err = s.Run(ctx)
	}
	return a.stopped(ended(err, once))
}

// ended is the error of a service that was stopped: to stop is what it is told
// to do, unless it was to do its work first.
func ended(err error, once bool) error {
	switch stopped := errors.Is(err, job.ErrShutdown) || errors.Is(err, job.ErrCanceled); {
	case stopped && once:
		return job.ErrCanceled
	case stopped:
		return nil
	}
	return err
}

// begin waits for Elasticsearch, chooses the connectors and says so.
func (a *app) begin(ctx context.Context, s *service.Service, p *place, metrics string) error {
	if err := a.await(ctx, s, p); err != nil {
		return err
	}
	sel, err := service.Select(ctx, s.Protocol, a.settings)
	if err != nil {
		return usageError{err}
	}
	s.Selection = sel
	a.warnTypes(sel.ServiceTypes)
	if a.json {
		line := servingLine{"serving", cmp.Or(p.address(), "embedded"), list(sel.IDs), list(sel.ServiceTypes), metrics}
		if err := a.printJSON(line); err != nil {
			return err
		}
	}
	a.log.Info("the service runs", "target", cmp.Or(p.address(), "the embedded node"), "connectors", sel.IDs,
		"service_types", sel.ServiceTypes, "all", sel.All, "metrics", metrics, "version", version().Version)
	return nil
}

// warnTypes tells about service types that nothing here knows.
func (a *app) warnTypes(types []string) {
	var known []string
	for _, k := range a.Kinds {
		known = append(append(known, k.ServiceType), k.Aliases...)
	}
	for _, name := range types {
		if !slices.Contains(known, name) {
			a.warn("service.service_types: no source has the service type %q%s", name, schema.DidYouMean(name, known))
		}
	}
}

// list is never null.
func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

func (a *app) stopped(err error) error {
	if !a.json {
		return err
	}
	line := stoppedLine{Type: "stopped"}
	if err != nil {
		text := err.Error()
		line.Error = &text
	}
	return errors.Join(err, a.printJSON(line))
}

// service puts the service together. Its loops, its leases and its jobs have
// connections of their own.
func (a *app) service(p *place) (*service.Service, func(), error) {
	s := &service.Service{
		Kinds: a.Kinds, Settings: a.lettersSettings(), Log: a.log, Health: new(telemetry.Health),
		Connect: func(key connector.Secret) (*elastic.Client, error) {
			cfg := p.config
			cfg.Retry = service.Patient(cfg.Retry)
			if !key.Empty() {
				cfg.APIKey, cfg.Username, cfg.Password = key.Reveal(), "", ""
			}
			return elastic.New(cfg)
		},
	}
	loops, err := elastic.New(brief(p.config))
	if err != nil {
		return nil, nil, usageError{err}
	}
	leases, err := elastic.New(a.hasty(p.config))
	if err != nil {
		return nil, nil, usageError{err}
	}
	s.Protocol = protocol.New(loops.Documents(), protocol.Options{Log: a.log})
	s.Leases = protocol.New(leases.Documents(), protocol.Options{Lease: time.Duration(a.settings.Service.Lease), Log: a.log})
	return s, func() { loops.Close(); leases.Close() }, nil
}

// brief is a configuration for requests about single documents: none of them
// takes long.
func brief(cfg elastic.Config) elastic.Config {
	cfg.Timeout = min(cfg.Timeout, time.Minute)
	cfg.Retry = elastic.Retry{Attempts: 2}
	return cfg
}

// hasty is a configuration with which a request fails early enough to be tried
// again within a lease.
func (a *app) hasty(cfg elastic.Config) elastic.Config {
	cfg.Timeout = max(time.Second, time.Duration(a.settings.Service.Lease)/3)
	cfg.Retry = elastic.Retry{Attempts: 2, Base: 50 * time.Millisecond, Max: 200 * time.Millisecond}
	return cfg
}

// metrics serves what the service tells about itself, if an address is set.
func (a *app) metrics(ctx context.Context, s *service.Service) (address string, done func(), err error) {
	if a.settings.Service.MetricsAddress == "" {
		return "", func() {}, nil
	}
	s.Metrics = telemetry.NewMetrics(version().Version)
	server, err := telemetry.Serve(ctx, a.settings.Service.MetricsAddress, telemetry.Handler(s.Health, s.Metrics))
	if err != nil {
		return "", nil, usageError{err}
	}
	return server.Address(), func() { _ = server.Close() }, nil
}

const (
	// firstWait and lastWait bound the time between two attempts to reach
	// Elasticsearch; it is told about once in tellEvery.
	firstWait, lastWait = time.Second, 15 * time.Second
	tellEvery           = time.Minute
)

// await waits until Elasticsearch answers and has the connector indices. That
// it refuses the credentials is an error at once.
func (a *app) await(ctx context.Context, s *service.Service, p *place) error {
	var told time.Time
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := s.Protocol.Ensure(ctx)
		if err == nil { // an index that was just made may take its time
			_, err = s.Protocol.Connectors(ctx, protocol.Selection{}, -1)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case refused(err):
			return err
		}
		s.Health.Ready(fmt.Errorf("waiting for Elasticsearch: %w", err))
		if time.Since(told) >= tellEvery {
			told = time.Now()
			a.log.Warn("waiting for Elasticsearch", "address", p.address(), "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

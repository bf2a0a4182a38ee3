package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/service"
)

// syncFlags are the flags of sync and, in part, of preview.
type syncFlags struct {
	index, rules, pipeline              string
	resend, allowDeletes, adopt, dryRun bool
	limit                               int
}

func (a *app) syncCommand() *cobra.Command {
	var f syncFlags
	cmd := &cobra.Command{
		Use:   "sync SOURCE key=value...",
		Short: "Make an index equal to a source",
		Long: "Reads everything from a source and sends what is new or changed; deletes what\n" +
			"the source no longer has. What is unchanged is neither downloaded nor sent, so a\n" +
			"sync that was stopped is resumed by running it again.\n\n" +
			"A value is text, key=@FILE, key=env:NAME or key=- (asks without echo).",
		Example: "  tributary sync directory directory=/srv/documents 'exclude=**/.git/**'\n" +
			"  tributary sync directory directory=/srv/documents --index documents --dry-run",
		Args:              needs("SOURCE"),
		ValidArgsFunction: a.completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.load(); err != nil {
				return a.conclude(cmd.Context(), outcome{request: request{flags: f}, err: err})
			}
			return a.sync(cmd.Context(), args, f)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&f.allowDeletes, "allow-deletes", false, "delete however much the source no longer has")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "change nothing; report what would be done")
	return cmd
}

func (f *syncFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.index, "index", "", "index (default search-<service type>-<owner>)")
	flags.StringVar(&f.rules, "rules", "", "file of sync rules")
	flags.StringVar(&f.pipeline, "pipeline", "", "ingest pipeline for every document")
	flags.BoolVar(&f.resend, "resend", false, "send unchanged documents too")
	flags.BoolVar(&f.adopt, "adopt", false, "take over documents of the index that carry no owner; those that the source lacks are deleted")
}

// request is a sync as the command line asks for it, with everything checked
// that can be without a connection.
type request struct {
	kind  connector.Kind
	raw   json.RawMessage
	rules syncRules
	owner string
	index string
	flags syncFlags
}

func (a *app) request(ctx context.Context, args []string, f syncFlags) (r request, err error) {
	r.flags = f
	if r.kind, err = a.kind(args[0]); err != nil {
		return r, err
	}
	if f.index != "" {
		if err := elastic.CheckContentName(f.index); err != nil {
			return r, usagef("--index: %w", err)
		}
	}
	if r.raw, err = a.configuration(r.kind, args[1:]); err != nil {
		return r, err
	}
	if r.rules, err = a.rules(ctx, r.kind, f.rules); err != nil {
		return r, err
	}
	identity, problems := r.kind.Identity(r.raw)
	if err := problems.Err(); err != nil {
		return r, configError(r.kind, err)
	}
	r.owner = job.Owner(append([]string{r.kind.ServiceType}, identity...)...)
	r.index = f.index
	if r.index == "" {
		r.index = "search-" + r.kind.ServiceType + "-" + r.owner
	}
	return r, nil
}

// open makes the source and asks it once whether it answers.
func (a *app) open(ctx context.Context, r request) (connector.Source, func() error, error) {
	source, closeSource, err := a.openSource(ctx, r.kind, "", r.raw)
	if err != nil {
		return nil, nil, configError(r.kind, err)
	}
	if err := a.ready(ctx, source, r); err != nil {
		_ = closeSource()
		return nil, nil, err
	}
	return source, closeSource, nil
}

// openSource makes a source, for a connector with an id or for none. From here
// on nothing that is written for people or logged holds a secret of its
// configuration.
func (a *app) openSource(ctx context.Context, kind connector.Kind, id string, raw json.RawMessage) (source connector.Source, done func() error, err error) {
	a.redact = kind.Redactor(raw)
	a.log = a.redact.Logger(a.log)
	err = service.Guard(a.log, kind, func() (err error) {
		source, done, err = service.Open(ctx, a.settings.Service, kind, id, raw, a.log.With("source", kind.ServiceType))
		return err
	})
	return source, done, err
}

// ready makes the checks that need the live system.
func (a *app) ready(ctx context.Context, source connector.Source, r request) error {
	err := service.Guard(a.log, r.kind, func() error { return service.Check(ctx, source) })
	if err = configError(r.kind, err); err != nil {
		return err
	}
	return a.rulesReady(ctx, source, r)
}

func (a *app) sync(ctx context.Context, args []string, f syncFlags) error {
	r, err := a.request(ctx, args, f)
	if err != nil {
		return a.conclude(ctx, outcome{request: r, err: err})
	}
	run, err := a.prepare(ctx, r)
	if err != nil {
		return a.conclude(ctx, outcome{request: r, err: err})
	}
	a.announce(r, run)
	started := time.Now()
	stop := a.watch(run.sync)
	o := outcome{request: r, run: run, err: service.Guard(a.log, r.kind, func() error { return run.sync.Run(ctx) })}
	o.took = time.Since(started)
	if o.err == nil && !f.dryRun {
		o.err = run.target.searchable(ctx, r.index)
		o.searchable = time.Since(started) - o.took
	}
	stop()
	finished := run.finish()
	concluded := a.conclude(ctx, o)
	if closed := run.close(); o.err == nil {
		return errors.Join(concluded, finished, closed)
	}
	return concluded // what failed once says the same again when it is closed
}

package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
	"github.com/tributary-search/tributary/runtime/service"
)

// verifyFlags are the flags of verify.
type verifyFlags struct {
	syncFlags
	fast, repair, noContent bool
}

func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify CONNECTOR|SOURCE [key=value...]",
		Short: "Compare an index with its source, and mend it",
		Long: "Reads everything from a source and from the index, and names the documents that\n" +
			"are missing, surplus or different, with the fields that differ. It computes anew\n" +
			"what a sync would send, so that a document which somebody edited in the index is\n" +
			"found as well. Contents are read for that; --no-content leaves them out.\n\n" +
			"A connector, named by its id or its name, is compared with what a service would\n" +
			"sync: its configuration, rules, pipeline and index. No sync of it may run.\n\n" +
			"What an ingest pipeline may have made or changed can't be judged, and is named.\n" +
			"The exit code is 0 when the two are equal, or with --repair equal now, and 3 when\n" +
			"they differ.",
		Example: "  tributary verify Documents\n" +
			"  tributary verify directory directory=/srv/documents --repair",
		Args:              needs("CONNECTOR|SOURCE"),
		ValidArgsFunction: a.completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.load(); err != nil {
				return a.concludeVerify(cmd.Context(), comparison{flags: f}, err)
			}
			return a.verify(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.index, "index", "", "index of a source (default search-<service type>-<owner>)")
	flags.StringVar(&f.rules, "rules", "", "file of the sync rules of a source")
	flags.StringVar(&f.pipeline, "pipeline", "", "ingest pipeline of a source")
	flags.BoolVar(&f.adopt, "adopt", false, "count documents of a source's index that carry no owner as its own")
	flags.BoolVar(&f.fast, "fast", false, "compare fingerprints only; edits in the index are not seen")
	flags.BoolVar(&f.noContent, "no-content", false, "leave contents out, which need not be read then")
	flags.BoolVar(&f.repair, "repair", false, "send what is missing or different, delete what is surplus")
	flags.BoolVar(&f.allowDeletes, "allow-deletes", false, "delete however much is surplus")
	return cmd
}

// check refuses flags that contradict each other.
func (f verifyFlags) check(ofConnector bool) error {
	switch {
	case f.fast && f.repair:
		return usagef("--fast and --repair: mending what fingerprints tell is what a sync does; leave one of the two out, or run tributary sync")
	case f.noContent && f.repair:
		return usagef("--no-content and --repair: a repair needs the contents of what it sends; leave one of the two out")
	case f.allowDeletes && !f.repair:
		return usagef("--allow-deletes: nothing is deleted without --repair")
	case ofConnector && (f.index != "" || f.rules != "" || f.pipeline != "" || f.adopt):
		return usagef("--index, --rules, --pipeline and --adopt are for sources; a connector has its own")
	}
	return nil
}

// comparison is one that is ready, or was made.
type comparison struct {
	*job.Verify
	flags       verifyFlags
	name        string // what is compared, for people
	connector   string // empty for a source
	serviceType string
	index       string
	pipeline    string
	rules       *rules.Set
	target      *target
	disturbed   func(context.Context) (bool, error) // nil: nobody knows

	took  time.Duration
	other bool // a sync ran meanwhile
	shown shownDifferences
}

func (a *app) verify(ctx context.Context, args []string, f verifyFlags) error {
	c := &comparison{flags: f}
	_, isSource := a.kindOf(args[0])
	ofConnector := !isSource && len(args) == 1
	if err := f.check(ofConnector); err != nil {
		return a.concludeVerify(ctx, *c, err)
	}
	opened := &run{}
	prepare := a.verifySource
	if ofConnector {
		prepare = a.verifyConnector
	}
	err := prepare(ctx, args, c, opened)
	if err == nil {
		err = a.compare(ctx, c)
	}
	concluded := a.concludeVerify(ctx, *c, err)
	if closed := opened.close(); err == nil {
		return errors.Join(concluded, closed)
	}
	return concluded
}

// verification is what the flags ask for.
func (a *app) verification(c *comparison) job.Verification {
	return job.Verification{Fast: c.flags.fast, Repair: c.flags.repair, NoContent: c.flags.noContent, Report: func(d job.Difference) error {
		c.shown.add(d)
		if a.json {
			return a.printJSON(differenceLine{"difference", d})
		}
		return nil
	}}
}

func (a *app) verifySource(ctx context.Context, args []string, c *comparison, opened *run) error {
	r, err := a.request(ctx, args, c.flags.syncFlags)
	if err != nil {
		return err
	}
	c.name, c.serviceType, c.index, c.pipeline, c.rules = r.kind.Name, r.kind.ServiceType, r.index, r.flags.pipeline, r.rules.basic
	content, err := a.content(ctx, r, opened)
	if err != nil {
		return err
	}
	c.target = opened.target
	v, done, err := content.Verify(ctx, a.verification(c))
	if err != nil {
		return err
	}
	opened.onClose(done)
	c.Verify = v
	return nil
}

func (a *app) verifyConnector(ctx context.Context, args []string, c *comparison, opened *run) error {
	p, err := a.place()
	if err != nil {
		return err
	}
	opened.onClose(p.close)
	s, closeClients, err := a.service(p)
	if err != nil {
		return err
	}
	opened.onClose(func() error { closeClients(); return nil })
	client, err := elastic.New(p.config)
	if err != nil {
		return usageError{err}
	}
	opened.onClose(func() error { client.Close(); return nil })
	c.target = &target{Client: client, embedded: p.node != nil}
	if _, err := client.Info(ctx); err != nil {
		return err
	}
	conn, err := (&desk{c.target, s.Protocol}).connector(ctx, args[0])
	if err != nil {
		return err
	}
	return a.openConnector(ctx, s, conn, c, opened)
}

func (a *app) openConnector(ctx context.Context, s *service.Service, conn protocol.Connector, c *comparison, opened *run) error {
	if err := a.startable(conn, protocol.Full); err != nil {
		return err
	}
	kind, err := a.neededKind(conn)
	if err != nil {
		return err
	}
	a.redact = kind.Redactor(conn.Configuration)
	a.log = a.redact.Logger(a.log)
	var v *service.Verification
	err = service.Guard(a.log, kind, func() (err error) {
		v, err = s.Verify(ctx, conn, kind, c.flags.allowDeletes, a.verification(c))
		return err
	})
	if err != nil {
		return err
	}
	opened.onClose(v.Close)
	c.Verify, c.disturbed, c.pipeline = v.Verify, v.Disturbed, v.Pipeline
	c.name, c.connector, c.serviceType, c.index, c.rules = "connector "+called(conn), conn.ID, kind.ServiceType, v.Index, v.Rules
	return nil
}

// compare makes the comparison.
func (a *app) compare(ctx context.Context, c *comparison) error {
	a.announceVerify(c)
	started := time.Now()
	stop := a.watch(c.Verify)
	err := service.Guard(a.log, connector.Kind{ServiceType: c.serviceType}, func() error { return c.Run(ctx) })
	if err == nil && c.flags.repair {
		err = c.target.searchable(ctx, c.index)
	}
	stop()
	c.took = time.Since(started)
	if err == nil && c.disturbed != nil {
		c.other, err = c.disturbed(ctx)
	}
	return err
}

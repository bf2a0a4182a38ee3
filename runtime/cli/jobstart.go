package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// startFlags are the flags of job start.
type startFlags struct {
	jobType             string
	allowDeletes, watch bool
}

func (a *app) jobStartCommand() *cobra.Command {
	var f startFlags
	cmd := &cobra.Command{
		Use:     "start CONNECTOR",
		Short:   "Ask for a sync; a running service does it",
		Example: "  tributary job start Documents --watch",
		Args:    exactly("CONNECTOR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.jobStart(cmd.Context(), d, args[0], f) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.jobType, "type", string(protocol.Full), "full, incremental or access_control")
	flags.BoolVar(&f.allowDeletes, "allow-deletes", false, "delete however much the source no longer has")
	flags.BoolVar(&f.watch, "watch", false, "show the progress until the job ends")
	return cmd
}

func (a *app) jobStart(ctx context.Context, d *desk, word string, f startFlags) error {
	t, err := jobType(f.jobType)
	if err != nil {
		return err
	}
	conn, err := d.connector(ctx, word)
	if err != nil {
		return err
	}
	if err := a.startable(conn, t); err != nil {
		return err
	}
	j, err := d.protocol.CreateJob(ctx, conn, t, protocol.OnDemand, protocol.JobOptions{AllowDeletes: f.allowDeletes})
	if err != nil {
		return err
	}
	if f.watch {
		if !a.json {
			a.inform("job %s of connector %s\n", j.ID, called(conn))
		}
		return a.jobWatch(ctx, d, j)
	}
	if conn.LastSeen.IsZero() {
		a.warn("no service has looked at connector %s yet; the job waits for one: tributary serve", conn.ID)
	}
	if a.json {
		return a.printJSON(newJobLine(j))
	}
	return a.print("job %s of connector %s waits for a service\nnext: tributary job watch %s\n", j.ID, called(conn), j.ID)
}

// startable refuses a sync that no service would run.
func (a *app) startable(conn protocol.Connector, t protocol.JobType) error {
	switch status(conn) {
	case protocol.Created, protocol.NeedsConfiguration:
		return usagef("connector %s waits for its configuration: tributary connector configure %s key=value", conn.ID, conn.ID)
	case protocol.Errored:
		a.warn("connector %s: %s", conn.ID, conn.Error)
	}
	if conn.IndexName == "" {
		return usagef("connector %s has no index; attach one to it in Kibana", conn.ID)
	}
	return a.able(conn, t)
}

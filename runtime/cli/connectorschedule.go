package cli

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/cron"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func (a *app) connectorScheduleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schedule CONNECTOR full|incremental|access_control EXPR|off",
		Short: "Say when a connector's syncs are due",
		Long: "Sets the schedule of one type of sync. EXPR is a Quartz expression by UTC; off stops\n" +
			"the schedule. `tributary schedule next` tries expressions.",
		Example: "  tributary connector schedule Documents full \"0 0 * * * ?\"\n  tributary connector schedule Documents full off",
		Args:    needs("CONNECTOR", "full|incremental|access_control", "EXPR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorSchedule(cmd.Context(), d, args) })
		},
	}
}

// scheduledLine is the one line of `connector schedule --json`.
type scheduledLine struct {
	Type    string           `json:"type"` // "scheduled"
	ID      string           `json:"id"`
	JobType protocol.JobType `json:"job_type"`
	scheduleDoc
	Next []string `json:"next"` // three at most
}

func (a *app) connectorSchedule(ctx context.Context, d *desk, args []string) error {
	t, err := jobType(args[1])
	if err != nil {
		return err
	}
	expr := strings.Join(args[2:], " ")
	off := strings.EqualFold(expr, "off")
	var s cron.Schedule
	if !off {
		if s, err = cron.Parse(expr); err != nil {
			return usageError{pointed(err)}
		}
		expr = s.String()
	}
	conn, err := d.connector(ctx, args[0])
	if err == nil && !off {
		err = a.able(conn, t)
	}
	if err != nil {
		return err
	}
	if conn, err = d.setSchedule(ctx, conn, t, protocol.Schedule{Enabled: !off, Interval: expr}); err != nil {
		return err
	}
	line := scheduledLine{"scheduled", conn.ID, t, scheduleDoc(conn.Scheduling[t]), upcoming(s)}
	if a.json {
		return a.printJSON(line)
	}
	switch {
	case off:
		return a.print("connector %s: %s syncs are not scheduled\n", conn.ID, t)
	case len(line.Next) == 0:
		return a.print("connector %s: %s syncs will never be due: the years of the expression are over\n", conn.ID, t)
	}
	return a.print("connector %s: %s syncs are due by %s:\n  %s\n", conn.ID, t, expr, strings.Join(line.Next, "\n  "))
}

// setSchedule stores the schedule of one type. One that is switched off keeps
// its expression.
func (d *desk) setSchedule(ctx context.Context, conn protocol.Connector, t protocol.JobType, s protocol.Schedule) (protocol.Connector, error) {
	return d.protocol.Update(ctx, conn, func(c protocol.Connector) (protocol.Patch, error) {
		if !s.Enabled {
			s.Interval = cmp.Or(c.Scheduling[t].Interval, protocol.NoSchedule)
		}
		change := map[string]any{"enabled": s.Enabled, "interval": s.Interval}
		all, err := protocol.Merge(c.RawScheduling(), map[string]any{string(t): change})
		return protocol.Patch{"scheduling": all}, err
	})
}

// upcoming is when a schedule is due next, three times.
func upcoming(s cron.Schedule) []string {
	next := []string{}
	for o := range s.Occurrences(time.Now().UTC()) {
		if next = append(next, o.Time.Format(time.RFC3339)); len(next) == 3 {
			break
		}
	}
	return next
}

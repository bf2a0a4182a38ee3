package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // --zone and schedules work where the machine has no zones, as in a bare container

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/cron"
)

func (a *app) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "schedule", Short: "Read schedules of connectors"}
	cmd.AddCommand(a.scheduleNextCommand())
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
	return cmd
}

// mostOccurrences is how many occurrences one command lists at most.
const mostOccurrences = 10000

func (a *app) scheduleNextCommand() *cobra.Command {
	n, from, zone := 5, "", "UTC"
	cmd := &cobra.Command{
		Use:   "next EXPR",
		Short: "Say when a schedule is due next",
		Long: "Say when a schedule is due next. EXPR is a Quartz expression: second, minute,\n" +
			"hour, day of month, month, day of week and, if you like, year. Connectors run\n" +
			"by UTC.",
		Example: "  tributary schedule next \"0 0/15 9-17 ? * MON-FRI\"\n" +
			"  tributary schedule next \"0 30 2 * * ?\" --zone Europe/Berlin --from 2026-03-28 -n 3",
		Args: needs("EXPR"),
		RunE: func(_ *cobra.Command, args []string) error {
			if n < 1 || n > mostOccurrences {
				return usagef("--count must be between 1 and %d", mostOccurrences)
			}
			return a.scheduleNext(strings.Join(args, " "), n, from, zone)
		},
	}
	cmd.Flags().IntVarP(&n, "count", "n", n, "how many occurrences")
	cmd.Flags().StringVar(&from, "from", "", "date or time from which to look on, such as 2026-03-28 or 2026-03-28T12:00 (default now)")
	cmd.Flags().StringVar(&zone, "zone", zone, "time zone by whose clock the expression is read, such as Europe/Berlin, or Local")
	return cmd
}

// occurrenceLine is an occurrence of `schedule next --json`.
type occurrenceLine struct {
	Type     string `json:"type"` // "occurrence"
	Time     string `json:"time"`
	Change   string `json:"change"`   // what a change of the clock did
	Selected string `json:"selected"` // the clock time that the expression names
}

// scheduleLine is the last line of `schedule next --json`.
type scheduleLine struct {
	Type       string `json:"type"` // "schedule"
	Expression string `json:"expression"`
	Zone       string `json:"zone"`
	From       string `json:"from"`
	Count      int    `json:"count"`
	Ends       bool   `json:"ends"` // there is no other occurrence
}

func (a *app) scheduleNext(expr string, n int, fromText, zone string) error {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return usagef("--zone %q is not known; names are like Europe/Berlin, UTC or Local", zone)
	}
	from, err := moment(fromText, loc)
	if err != nil {
		return err
	}
	s, err := cron.Parse(expr)
	if err != nil {
		return usageError{pointed(err)}
	}
	if s.BothDays() {
		a.warn("day of month and day of week are both given: only days that are right by both count, where Unix cron takes either")
	}
	count, ends := 0, true
	for o := range s.In(loc).Occurrences(from) {
		if ends = count < n; !ends {
			break
		}
		if err := a.printOccurrence(o); err != nil {
			return err
		}
		count++
	}
	if a.json {
		return a.printJSON(scheduleLine{"schedule", s.String(), loc.String(), from.Format(time.RFC3339Nano), count, ends})
	}
	switch {
	case count == 0:
		return a.print("never after %s: the years go to %d\n", from.Format(peopleTime), cron.LastYear)
	case ends:
		return a.print("none after that: the years go to %d\n", cron.LastYear)
	}
	return nil
}

// peopleTime is a time with the weekday, for people.
const peopleTime = "Mon 2006-01-02 15:04:05 -07:00"

func (a *app) printOccurrence(o cron.Occurrence) error {
	if a.json {
		change := map[cron.Change]string{cron.Unchanged: "none", cron.Skipped: "skipped", cron.FirstTime: "first_time", cron.Again: "again"}[o.Change]
		return a.printJSON(occurrenceLine{"occurrence", o.Time.Format(time.RFC3339), change, o.Selected.Format("2006-01-02T15:04:05")})
	}
	remark := map[cron.Change]string{
		cron.Skipped:   "  the clock skips " + o.Selected.Format(time.TimeOnly) + ": the first instant after the gap",
		cron.FirstTime: "  the clock shows this time twice: the first time",
		cron.Again:     "  the clock shows this time twice: the second time",
	}[o.Change]
	return a.print("%s%s\n", o.Time.Format(peopleTime), remark)
}

// moment reads a date or a time; one without an offset is by the clock of loc.
func moment(text string, loc *time.Location) (time.Time, error) {
	if text == "" {
		return time.Now().In(loc), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t.In(loc), nil
		}
	}
	return time.Time{}, usagef("--from %q is no date or time; write it like 2026-03-28, 2026-03-28T12:00 or 2026-03-28T12:00:00+01:00", text)
}

// pointed adds the expression to its error, with a caret below the place.
func pointed(err error) error {
	var e *cron.Error
	if !errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("%w\n  %s\n  %s^", err, printable(e.Expr), strings.Repeat(" ", e.Column-1))
}

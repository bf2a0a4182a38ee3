package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/schema"
)

func (a *app) jobCommand() *cobra.Command {
	return group("job", "Start sync jobs of connectors, and look at them",
		a.jobStartCommand(), a.jobListCommand(), a.jobShowCommand(), a.jobCancelCommand(), a.jobWatchCommand())
}

// jobLine is a sync job in JSON.
type jobLine struct {
	Type            string           `json:"type"` // "job"
	ID              string           `json:"id"`
	ConnectorID     string           `json:"connector_id"`
	ServiceType     string           `json:"service_type"`
	Index           string           `json:"index"`
	JobType         protocol.JobType `json:"job_type"`
	Trigger         protocol.Trigger `json:"trigger"`
	Status          job.Status       `json:"status"`
	Error           *string          `json:"error"`
	Created         *time.Time       `json:"created_at"`
	Started         *time.Time       `json:"started_at"`
	Seen            *time.Time       `json:"last_seen"`
	Completed       *time.Time       `json:"completed_at"`
	CancelRequested *time.Time       `json:"cancelation_requested_at"`
	Host            string           `json:"worker_hostname"`
	Indexed         int64            `json:"indexed_document_count"`
	Deleted         int64            `json:"deleted_document_count"`
	Total           int64            `json:"total_document_count"`
	VolumeMiB       int64            `json:"indexed_document_volume"`
	Requeued        int              `json:"requeued"`
	AllowDeletes    bool             `json:"allow_deletes"`
	report
}

// report is what a job of Tributary tells besides; empty for those of others.
type report struct {
	Phase    string        `json:"phase"`
	Skipped  string        `json:"skipped"` // why there was nothing to do
	Counters *job.Counters `json:"counters"`
	RuleHits []struct {
		ID   string `json:"id"`
		Hits int64  `json:"hits"`
	} `json:"rule_hits"`
	FullBecause string        `json:"full_because"` // why an incremental sync read everything
	Failures    []job.Failure `json:"failures"`     // the first documents that failed
	// DeadLetters is where documents waited that failed, when the job ended.
	DeadLetters *letters.Summary `json:"dead_letters"`
}

func newJobLine(j protocol.Job) jobLine {
	line := jobLine{
		Type: "job", ID: j.ID, ConnectorID: j.ConnectorID, ServiceType: j.ServiceType, Index: j.IndexName, JobType: j.Type, Trigger: j.Trigger,
		Status: j.Status, Error: orNull(j.Error), Created: timeOrNull(j.CreatedAt), Started: timeOrNull(j.StartedAt), Seen: timeOrNull(j.LastSeen),
		Completed: timeOrNull(j.CompletedAt), CancelRequested: timeOrNull(j.CancelationRequestedAt), Host: j.WorkerHostname,
		Indexed: j.Indexed, Deleted: j.Deleted, Total: j.Total, VolumeMiB: j.VolumeMiB, Requeued: j.Requeued, AllowDeletes: j.AllowDeletes,
	}
	_ = json.Unmarshal(members(j.Metadata)["tributary"], &line.report) // that of another program is not looked at
	return line
}

// sent is how many documents were written, and failed how many could not be.
func (l jobLine) sent() (written, failed int64) {
	if l.Counters == nil {
		return l.Indexed, 0
	}
	return l.Counters.Created + l.Counters.Updated, l.Counters.Failed
}

// shownJobs is how many jobs are listed unless a flag says otherwise.
const shownJobs = 20

func (a *app) jobListCommand() *cobra.Command {
	n := shownJobs
	cmd := &cobra.Command{
		Use:   "list [CONNECTOR]",
		Short: "List sync jobs, the newest first",
		Args:  exactly("[CONNECTOR]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if n < 1 || n > 10000 {
				return usagef("--limit must be between 1 and 10000")
			}
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.jobList(cmd.Context(), d, args, n) })
		},
	}
	cmd.Flags().IntVar(&n, "limit", n, "most jobs that are listed")
	return cmd
}

func (a *app) jobList(ctx context.Context, d *desk, args []string, n int) error {
	id := ""
	if len(args) > 0 {
		conn, err := d.connector(ctx, args[0])
		if err != nil {
			return err
		}
		id = conn.ID
	}
	jobs, err := d.protocol.Jobs(ctx, id, n)
	if err != nil {
		return err
	}
	if a.json {
		for _, j := range jobs {
			if err := a.printJSON(newJobLine(j)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(jobs) == 0 {
		return a.print("there are no sync jobs; tributary job start makes one\n")
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tCONNECTOR\tTYPE\tTRIGGER\tSTATUS\tCREATED\tTOOK\tSENT\tDELETED")
	for _, j := range jobs {
		written, _ := newJobLine(j).sent()
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(j.ID), printable(j.ConnectorID), j.Type, cmp.Or(j.Trigger, "-"),
			j.Status, ago(j.CreatedAt), took(j), count(written), count(j.Deleted))
	}
	_ = table.Flush()
	return a.print("%s", b.String())
}

// took is how long a job ran, by the clock of its worker.
func took(j protocol.Job) string {
	end := j.CompletedAt
	if end.IsZero() {
		end = j.LastSeen
	}
	if j.StartedAt.IsZero() || end.Before(j.StartedAt) {
		return "-"
	}
	return elapsed(end.Sub(j.StartedAt))
}

func (a *app) jobShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show JOB",
		Short: "Show a sync job",
		Args:  exactly("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error {
				j, err := d.job(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showJob(newJobLine(j), j)
			})
		},
	}
}

func (a *app) showJob(line jobLine, j protocol.Job) error {
	if a.json {
		return a.printJSON(line)
	}
	var b strings.Builder
	writeTable(&b, line.rows(j))
	return a.print("%s", b.String())
}

// rows are a job for people.
func (l jobLine) rows(j protocol.Job) [][2]string {
	written, failed := l.sent()
	rows := [][2]string{
		{"job", l.ID}, {"connector", printable(l.ConnectorID)}, {"type", string(l.JobType) + ", " + string(l.Trigger)},
		{"index", l.Index}, {"status", string(l.Status)}, {"created", ago(j.CreatedAt)},
	}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	add("error", printable(j.Error))
	add("host", printable(l.Host))
	if !j.StartedAt.IsZero() {
		add("took", took(j))
	}
	add("skipped", printable(l.Skipped))
	add("read everything", printable(l.FullBecause))
	add("sent", counted(written, "document"))
	if failed > 0 {
		add("failed", counted(failed, "document"))
	}
	for _, f := range l.Failures {
		add("", printable(f.ID+": "+f.Reason))
	}
	if at := l.DeadLetters; at != nil {
		add("dead letters", strings.TrimSpace(waitingText("", l.ConnectorID, at)))
	}
	add("deleted", counted(l.Deleted, "document"))
	if c := l.Counters; c != nil {
		add("unchanged", counted(c.Unchanged, "document"))
	}
	if l.Total > 0 {
		add("in the index", counted(l.Total, "document"))
	}
	for _, h := range l.RuleHits {
		add("rule "+printable(h.ID), counted(h.Hits, "hit"))
	}
	if l.Requeued > 0 {
		add("taken over", counted(int64(l.Requeued), "time"))
	}
	return rows
}

func (a *app) jobCancelCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel JOB",
		Short: "Cancel a sync job; what it has written stays",
		Args:  exactly("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.jobCancel(cmd.Context(), d, args[0]) })
		},
	}
}

func (a *app) jobCancel(ctx context.Context, d *desk, id string) error {
	j, err := d.job(ctx, id)
	if err != nil {
		return err
	}
	if j.Ended() {
		return fmt.Errorf("sync job %s has ended: it is %s", j.ID, j.Status)
	}
	if j, err = d.protocol.CancelJob(ctx, j.ID); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(newJobLine(j))
	}
	if j.Ended() {
		return a.print("sync job %s is canceled\n", j.ID)
	}
	return a.print("sync job %s is being canceled by its worker on %s\n", j.ID, cmp.Or(printable(j.WorkerHostname), "another host"))
}

// job finds a job by its id.
func (d *desk) job(ctx context.Context, id string) (protocol.Job, error) {
	if id == "" {
		return protocol.Job{}, usagef("the id of the job is empty")
	}
	j, err := d.protocol.Job(ctx, id)
	if !errors.Is(err, protocol.ErrNotFound) {
		return j, err
	}
	newest, err := d.protocol.Jobs(ctx, "", 100)
	if err != nil {
		return j, err
	}
	var ids []string
	for _, other := range newest {
		ids = append(ids, other.ID)
	}
	return j, usagef("there is no sync job %q%s", id, cmp.Or(schema.DidYouMean(id, ids), "; tributary job list shows those on "+d.name()))
}

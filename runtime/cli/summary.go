package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
	"github.com/tributary-search/tributary/runtime/rules"
)

// outcome is how a sync ended. run is nil when it did not begin.
type outcome struct {
	request request
	run     *run
	err     error
	took    time.Duration
	// searchable is how long it took after that until the embedded node had
	// made everything searchable.
	searchable time.Duration
}

func (o outcome) counters() (c job.Counters) {
	if o.run != nil {
		c = o.run.sync.Counters()
	}
	return c
}

// startLine is the first line of `sync --json`.
type startLine struct {
	Type        string `json:"type"` // "start"
	ServiceType string `json:"service_type"`
	Owner       string `json:"owner"`
	Index       string `json:"index"`
	Target      string `json:"target"` // address, or "embedded"
}

// failureLine names a document that failed; `sync --json` prints the first.
type failureLine struct {
	Type string `json:"type"` // "failure"
	job.Failure
}

// resultLine is the last line of `sync --json`.
type resultLine struct {
	Type     string           `json:"type"`   // "result"
	Status   string           `json:"status"` // "completed", "failed" or "canceled"
	Index    string           `json:"index"`
	DryRun   bool             `json:"dry_run"`
	Counters job.Counters     `json:"counters"`
	RuleHits []rules.RuleHits `json:"rule_hits"`
	// DeadLetters is where documents wait that failed; null when none does.
	DeadLetters *letters.Summary `json:"dead_letters"`
	Seconds     float64          `json:"seconds"`
	Error       *string          `json:"error"`
}

// announce says what is about to be synced.
func (a *app) announce(r request, run *run) {
	if a.json {
		name := run.target.Address()
		if run.target.embedded {
			name = "embedded"
		}
		_ = a.printJSON(startLine{"start", r.kind.ServiceType, r.owner, r.index, name})
	}
	a.inform("%s → index %s on %s\n", r.kind.Name, r.index, run.target.name())
}

// conclude reports how a sync ended and returns the command's error.
func (a *app) conclude(ctx context.Context, o outcome) error {
	status := job.Outcome(ctx, o.err)
	if o.run != nil {
		a.summarize(o, status)
	}
	if a.json {
		if err := a.printResult(o, status); err != nil {
			return errors.Join(o.err, err)
		}
	}
	if failed := o.counters().Failed; o.err == nil && failed > 0 {
		return partialError{failed}
	}
	return o.err
}

func (a *app) printResult(o outcome, status job.Status) error {
	line := resultLine{Type: "result", Index: o.request.index, DryRun: o.request.flags.dryRun,
		Counters: o.counters(), RuleHits: o.request.rules.basic.Tally(), Seconds: o.took.Seconds(), Status: "completed"}
	if o.err != nil {
		text := a.redact.Text(o.err.Error())
		line.Error, line.Status = &text, "failed"
	}
	if status == job.Canceled {
		line.Status = "canceled"
	}
	if o.run != nil {
		line.DeadLetters = waiting(o.run.failed.Summary)
		for _, f := range o.run.sync.Budget.Failures() {
			if err := a.printJSON(failureLine{"failure", f}); err != nil {
				return err
			}
		}
	}
	return a.printJSON(line)
}

// summarize tells people what became of the documents.
func (a *app) summarize(o outcome, status job.Status) {
	c := o.counters()
	var b strings.Builder
	fmt.Fprintf(&b, "created %d updated %d unchanged %d deleted %d", c.Created, c.Updated, c.Unchanged, c.Deleted)
	for _, more := range []struct {
		name string
		n    int64
	}{{"filtered", c.Filtered}, {"failed", c.Failed}, {"duplicate", c.Duplicate}, {"foreign", c.Foreign}, {"no_text", c.NoText}} {
		if more.n > 0 {
			fmt.Fprintf(&b, " %s %d", more.name, more.n)
		}
	}
	b.WriteByte('\n')
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, row := range o.rows(c, status) {
		fmt.Fprintf(table, "  %s\t%s\n", row[0], row[1])
	}
	_ = table.Flush()
	for line := range strings.Lines(hitsText(o.request.rules.basic)) {
		b.WriteString("  " + line)
	}
	for _, f := range o.run.sync.Budget.Failures() {
		fmt.Fprintf(&b, "  failed: %s: %s\n", printable(f.ID), printable(f.Reason))
	}
	b.WriteString(waitingText("  dead letters: ", o.run.failed.Connector, waiting(o.run.failed.Summary)))
	a.inform("%s", b.String())
}

// rows is the details of a summary.
func (o outcome) rows(c job.Counters, status job.Status) [][2]string {
	sent := c.Created + c.Updated
	rows := [][2]string{{"sent", fmt.Sprintf("%s, %s", counted(sent, "document"), size(c.Bytes))}}
	switch {
	case o.request.flags.dryRun:
		rows[0] = [2]string{"dry run", fmt.Sprintf("nothing was changed; %s would be sent", counted(sent, "document"))}
	case status == job.Completed && sent+c.Deleted+c.Failed == 0:
		rows[0][1] = "0 documents: the index is up to date"
	}
	if status == job.Canceled {
		rows = append(rows, [2]string{"canceled", "what was sent stays; the next sync goes on from there"})
	}
	rows = append(rows, [2]string{"time", fmt.Sprintf("%s, %s documents/s", elapsed(o.took), count(int64(rate(c.Emitted, o.took))))})
	if o.searchable > time.Second {
		rows = append(rows, [2]string{"searchable", "after another " + elapsed(o.searchable)})
	}
	if c.Foreign > 0 {
		rows = append(rows, [2]string{"foreign", counted(c.Foreign, "document") + " of the index not of this source, left alone"})
	}
	if c.NoText > 0 {
		rows = append(rows, [2]string{"no_text", counted(c.NoText, "document") + " with content in which there is no text"})
	}
	return rows
}

package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// Verdict is what a log shows.
type Verdict struct {
	// Violations say what went wrong. There must be none.
	Violations []string
	// Jobs counts jobs by how they ended.
	Jobs map[string]int
	// Documents are those of bulk requests; Takeovers are claims that another
	// worker ended.
	Documents, Takeovers int
}

// Judge says what a log shows. Canceled are the jobs that a user wanted to stop.
func Judge(log []Write, canceled map[string]bool) Verdict {
	all := claims(log)
	v := Verdict{Documents: documents(log)}
	v.Violations = append(v.Violations, alone(all)...)
	v.Violations = append(v.Violations, fenced(log, all)...)
	v.Violations = append(v.Violations, locked(log, all)...)
	v.Violations = append(v.Violations, steps(log)...)
	v.Violations = append(v.Violations, counted(log, all)...)
	jobs, wrong := ends(log, canceled)
	v.Jobs, v.Violations = jobs, append(v.Violations, wrong...)
	for _, c := range all {
		if c.end != nil && c.end.Who != c.who {
			v.Takeovers++
		}
	}
	return v
}

// alone finds jobs of one connector that were run at once.
func alone(all []*claim) (wrong []string) {
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.connector == b.connector && (a.endless || b.first < a.last) && a.used && b.used {
				wrong = append(wrong, fmt.Sprintf("connector %s: replica %s claimed job %s at %s while replica %s still had job %s",
					a.connector, b.who, b.job, short(b.begun), a.who, a.job))
			}
		}
	}
	return wrong
}

// fenced finds documents that were written by somebody who had no claim.
func fenced(log []Write, all []*claim) (wrong []string) {
	for i := range log {
		w := &log[i]
		if w.Bulk == nil || holder(all, w) != nil {
			continue
		}
		text := fmt.Sprintf("replica %s wrote %d documents of connector %s at %s without a claim", w.Who, len(w.Bulk.Items), w.Bulk.Connector, short(w.Received))
		for _, c := range all {
			if c.who == w.Who && c.connector == w.Bulk.Connector && c.over(w.Received) {
				text += fmt.Sprintf("; its claim of job %s had been ended by %s (%s) %s before", c.job, c.end.Who, c.end.Job.Status, short(w.Received-c.ended))
			}
		}
		wrong = append(wrong, text)
	}
	return wrong
}

// holder finds the claim that a bulk request was written under.
func holder(all []*claim, w *Write) *claim {
	for _, c := range all {
		if c.who == w.Who && c.connector == w.Bulk.Connector && c.begun <= w.Received && !c.over(w.Received) {
			return c
		}
	}
	return nil
}

// locked finds connectors that somebody gave free while another one's job ran.
func locked(log []Write, all []*claim) (wrong []string) {
	for i := range log {
		w := &log[i]
		if w.Connector == nil || !w.done() || w.Connector.SyncStatus == string(job.InProgress) {
			continue
		}
		for _, c := range all {
			if c.used && c.connector == w.Connector.ID && c.who != w.Who && c.begun < w.Received && (c.endless || c.ending > w.Answered) && !beginning(log, c, w.Received) {
				wrong = append(wrong, fmt.Sprintf("%s gave connector %s free (%s) at %s while replica %s ran job %s",
					w.Who, c.connector, w.Connector.SyncStatus, short(w.Received), c.who, c.job))
			}
		}
	}
	return wrong
}

// beginning reports whether a claim had not been answered yet at a time.
func beginning(log []Write, c *claim, at time.Duration) bool {
	for i := range log {
		if j := log[i].Job; j != nil && j.SeqNo == c.first && j.ID == c.job {
			return log[i].Answered > at
		}
	}
	return false
}

// steps finds changes of a job's status that the protocol does not know.
func steps(log []Write) (wrong []string) {
	legal := map[[2]string]bool{}
	for _, t := range protocol.JobTransitions() {
		legal[[2]string{string(t.From), string(t.To)}] = true
	}
	status := map[string]string{}
	for _, w := range jobWrites(log) {
		from, to := status[w.Job.ID], w.Job.Status
		status[w.Job.ID] = to
		switch {
		case w.Job.Removed:
			wrong = append(wrong, fmt.Sprintf("%s removed job %s", w.Who, w.Job.ID))
		case from != to && !legal[[2]string{from, to}]:
			wrong = append(wrong, fmt.Sprintf("%s made job %s, which was %q, %q", w.Who, w.Job.ID, from, to))
		}
	}
	return wrong
}

// ends counts how jobs ended, and finds those that did not, or not rightly.
func ends(log []Write, canceled map[string]bool) (counts map[string]int, wrong []string) {
	counts = map[string]int{}
	last, requeued := map[string]*JobDoc{}, map[string]int{}
	for _, w := range jobWrites(log) {
		if before := last[w.Job.ID]; before != nil && w.Job.Requeued > before.Requeued {
			requeued[w.Job.ID]++
		}
		last[w.Job.ID] = w.Job
	}
	for id, j := range last {
		counts[j.Status]++
		switch {
		case j.Requeued != requeued[id]:
			wrong = append(wrong, fmt.Sprintf("job %s was requeued %d times and says %d", id, requeued[id], j.Requeued))
		case j.Status == string(job.Completed), j.Status == string(job.Canceled) && canceled[id]:
		case j.Status == string(job.Failed) && requeued[id] > maxRequeues: // bad luck, and told so
		default:
			wrong = append(wrong, fmt.Sprintf("job %s of connector %s ended as %s: %s", id, j.Connector, j.Status, j.Error))
		}
	}
	slices.Sort(wrong)
	return counts, wrong
}

// maxRequeues is the service's default.
const maxRequeues = 3

func documents(log []Write) (n int) {
	for i := range log {
		if log[i].Bulk != nil {
			n += len(log[i].Bulk.Items)
		}
	}
	return n
}

func short(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

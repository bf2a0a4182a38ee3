package ledger

import (
	"cmp"
	"slices"
	"time"
)

// claim is the time in which one worker had one job.
type claim struct {
	job, connector, kind, who, id string

	begun time.Duration // when the write that took the job was received
	// ending is when the write that ended the claim was received, ended when
	// it was answered; endless: there is none.
	ending, ended time.Duration
	endless       bool
	end           *Write // that write
	first, last   int64  // sequence numbers of the first and the ending write
	// used: the worker went on to run the job. One that finds out that it was
	// too slow gives the job back at once.
	used bool
}

// over reports whether the claim was surely over at a time.
func (c *claim) over(at time.Duration) bool { return !c.endless && c.ended < at }

// jobWrites are the writes of jobs that were done, in the order of the index.
func jobWrites(log []Write) (list []*Write) {
	for i := range log {
		if w := &log[i]; w.Job != nil && w.done() {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b *Write) int { return cmp.Compare(a.Job.SeqNo, b.Job.SeqNo) })
	return list
}

// claims finds out of the log who had which job when.
func claims(log []Write) (all []*claim) {
	current := map[string]*claim{}
	for _, w := range jobWrites(log) {
		c := current[w.Job.ID]
		held := w.Job.Status == "in_progress" || w.Job.Status == "canceling"
		if c != nil && w.Who == c.who && w.Job.Claim == c.id {
			c.used = true
		}
		if c != nil && (!held || w.Job.Claim != c.id) {
			c.ending, c.ended, c.end, c.last, c.endless = w.Received, w.Answered, w, w.Job.SeqNo, false
			delete(current, w.Job.ID)
			c = nil
		}
		if c == nil && held && w.Job.Claim != "" {
			c = &claim{
				job: w.Job.ID, connector: w.Job.Connector, kind: w.Job.Type, who: w.Who, id: w.Job.Claim,
				begun: w.Received, endless: true, first: w.Job.SeqNo,
			}
			current[w.Job.ID] = c
			all = append(all, c)
		}
	}
	for i := range log {
		if w := &log[i]; w.Bulk != nil {
			if c := holder(all, w); c != nil {
				c.used = true
			}
		}
	}
	return all
}

package ledger

import (
	"fmt"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// effect is what a claim did to the index, by the node's answers.
type effect struct {
	indexed, deleted done
	// changes: an id counts each time that it is written, as it may change
	// more than once in an incremental sync. A full one has each id once.
	changes bool
	said    map[string]int // how often an id was written with an answer that arrived
}

// done are documents.
type done struct {
	sure, maybe map[string]bool
	// unsure counts documents of answers that did not arrive.
	unsure int64
}

func newDone() done { return done{sure: map[string]bool{}, maybe: map[string]bool{}} }

// most is how many documents were written if all that may have been were.
func (d done) most() (n int64) {
	for key := range d.maybe {
		if !d.sure[key] {
			n++
		}
	}
	return n + int64(len(d.sure))
}

func newEffect(c *claim) *effect {
	return &effect{indexed: newDone(), deleted: newDone(), changes: c.kind == string(protocol.Incremental), said: map[string]int{}}
}

// counted finds jobs whose counters are not what the node did. A job that
// completed has had every answer; one that was stopped may lack the last. A
// document whose content could not be read is written without it, and counts as
// failed.
func counted(log []Write, all []*claim) (wrong []string) {
	effects := map[*claim]*effect{}
	for i := range log {
		if w := &log[i]; w.Bulk != nil {
			if c := holder(all, w); c != nil {
				if effects[c] == nil {
					effects[c] = newEffect(c)
				}
				effects[c].add(w)
			}
		}
	}
	for _, c := range all {
		if c.end == nil || c.end.Who != c.who || !c.used {
			continue // a worker that is gone counts for nothing, nor one that never ran the job
		}
		e := effects[c]
		if e == nil {
			e = newEffect(c)
		}
		if c.end.Job.Status == string(job.Completed) {
			e.indexed.unsure, e.deleted.unsure = c.end.Job.Failed, 0
		}
		wrong = append(wrong, compare(c, "indexed", c.end.Job.Indexed, e.indexed)...)
		wrong = append(wrong, compare(c, "deleted", c.end.Job.Deleted, e.deleted)...)
	}
	return wrong
}

func (e *effect) add(w *Write) {
	for _, it := range w.Bulk.Items {
		key := e.key(w, it.ID)
		switch {
		case w.Unknown && it.Action == "delete":
			e.deleted.maybe[key] = true
		case w.Unknown:
			e.indexed.maybe[key] = true
		case it.Status < 200 || it.Status >= 300:
		case it.Result == "deleted":
			e.deleted.sure[key] = true
			e.deleted.unsure += missed(w)
		case it.Result == "created", it.Result == "updated":
			e.indexed.sure[key] = true
			e.indexed.unsure += missed(w)
		}
	}
}

// key tells apart what counts on its own. What had no answer is sent again.
func (e *effect) key(w *Write, id string) string {
	if !e.changes {
		return id
	}
	key := fmt.Sprint(e.said[id], " ", id)
	if w.Delivered {
		e.said[id]++
	}
	return key
}

func missed(w *Write) int64 {
	if w.Delivered {
		return 0
	}
	return 1
}

// compare allows for documents of which the job could not know.
func compare(c *claim, what string, says int64, d done) []string {
	did := int64(len(d.sure))
	if says <= d.most() && did <= says+d.unsure {
		return nil
	}
	return []string{fmt.Sprintf("job %s (claim of replica %s, %s) says that it %s %d documents, and the node %s %d for it",
		c.job, c.who, c.end.Job.Status, what, says, what, did)}
}

package ledger

import (
	"fmt"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// effect is what a claim did to the index, by the node's answers.
type effect struct {
	indexed, deleted map[string]bool
	// changes: an id counts each time that it is written, as it may change
	// more than once in an incremental sync. A full one has each id once.
	changes bool
	said    map[string]int // how often an id was written with an answer that arrived
	// unsure counts documents of answers that did not arrive.
	unsureIndexed, unsureDeleted int64
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
					effects[c] = &effect{indexed: map[string]bool{}, deleted: map[string]bool{}, changes: c.kind == string(protocol.Incremental), said: map[string]int{}}
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
			e = &effect{}
		}
		if c.end.Job.Status == string(job.Completed) {
			e.unsureIndexed, e.unsureDeleted = c.end.Job.Failed, 0
		}
		wrong = append(wrong, compare(c, "indexed", c.end.Job.Indexed, int64(len(e.indexed)), e.unsureIndexed)...)
		wrong = append(wrong, compare(c, "deleted", c.end.Job.Deleted, int64(len(e.deleted)), e.unsureDeleted)...)
	}
	return wrong
}

func (e *effect) add(w *Write) {
	for _, it := range w.Bulk.Items {
		switch {
		case it.Status < 200 || it.Status >= 300:
		case it.Result == "deleted":
			e.deleted[e.key(w, it.ID)] = true
			e.unsureDeleted += missed(w)
		case it.Result == "created", it.Result == "updated":
			e.indexed[e.key(w, it.ID)] = true
			e.unsureIndexed += missed(w)
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
func compare(c *claim, what string, says, did, unsure int64) []string {
	if says <= did && did <= says+unsure {
		return nil
	}
	return []string{fmt.Sprintf("job %s (claim of replica %s, %s) says that it %s %d documents, and the node %s %d for it",
		c.job, c.who, c.end.Job.Status, what, says, what, did)}
}

package simulation

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/simulation/model"
)

// jobDocument is what the oracle reads of a job.
type jobDocument struct {
	Status    job.Status      `json:"status"`
	Type      string          `json:"job_type"`
	Error     string          `json:"error"`
	Indexed   int64           `json:"indexed_document_count"`
	Deleted   int64           `json:"deleted_document_count"`
	Connector json.RawMessage `json:"connector"`
	Metadata  struct {
		Tributary struct {
			Claim    string       `json:"claim"`
			Counters job.Counters `json:"counters"`
			Position *position    `json:"position"`
			Skipped  string       `json:"skipped"`
			Requeued int          `json:"requeued"`
		} `json:"tributary"`
	} `json:"metadata"`
}

// position is what the runtime stores of the source's cursor.
type position struct {
	Source *int `json:"source"`
}

// wroteJob follows claims, confirmations and ends.
func (o *oracle) wroteJob(from sender, w model.Write) {
	var before, now jobDocument
	_ = json.Unmarshal(w.Before, &before) // none before
	if json.Unmarshal(w.After, &now) != nil {
		o.find("job %s is no JSON: %s", w.ID, w.After)
		return
	}
	own, earlier := now.Metadata.Tributary, before.Metadata.Tributary
	if now.Status == job.InProgress && own.Claim != earlier.Claim {
		o.claimed(from, w, now)
	}
	r := o.runs[own.Claim]
	if r == nil && earlier.Claim != "" { // taken from its worker, or ended
		if r = o.runs[earlier.Claim]; r != nil && (r.process != from.process || own.Requeued > earlier.Requeued) {
			o.note("%s takes job %s from %s", from.process, w.ID, r.process)
			r.lost = true
			return
		}
	}
	if r == nil || r.process != from.process {
		return
	}
	r.confirmed = from.sent
	if p := own.Position; p != nil && p.Source != nil && (earlier.Position == nil || *p.Source != *earlier.Position.Source) {
		o.reached(r, "the checkpoint of job "+w.ID, *p.Source)
	}
	if now.Status != job.InProgress && now.Status != job.Canceling && !r.ended {
		o.endedRun(r, now)
	}
}

func (o *oracle) claimed(from sender, w model.Write, now jobDocument) {
	b, content := o.content, string(now.Connector)
	if now.Type == string(protocol.AccessControl) {
		b, content = o.people, ""
	}
	if b.holder != nil && !b.holder.ended {
		b.holder.lost = b.holder.process != from.process
	}
	r := &run{
		job: w.ID, claim: now.Metadata.Tributary.Claim, process: from.process, book: b, started: from.sent, confirmed: from.sent,
		hides: strings.Contains(content, `"hidden"`), restricts: strings.Contains(content, restriction), created: map[string]bool{}, updated: map[string]bool{},
	}
	o.runs[r.claim], b.latest[r.process], b.holder = r, r, r
	o.note("%s claims %s job %s", from.process, now.Type, w.ID)
}

// endedRun judges the end of a job.
func (o *oracle) endedRun(r *run, now jobDocument) {
	r.ended, r.status = true, string(now.Status)
	o.seen.Ended[r.status]++
	c := now.Metadata.Tributary.Counters
	o.note("%s ends job %s: %s %s %+v", r.process, r.job, now.Status, now.Error, c)
	if sum := c.Created + c.Updated + c.Unchanged + c.Filtered + c.Failed + c.Duplicate; sum != c.Emitted {
		o.find("job %s: counters %+v add up to %d", r.job, c, sum)
	}
	if now.Indexed != c.Created+c.Updated || now.Deleted != c.Deleted {
		o.find("job %s: indexed %d deleted %d do not agree with %+v", r.job, now.Indexed, now.Deleted, c)
	}
	if now.Status != job.Completed {
		r.book.fail(o.pass(r)) // what it may leave behind
		return
	}
	if r.book.people() {
		o.seen.People++
	}
	o.counted(r, c)
	o.completed(r, now)
}

// completed judges what a completed job leaves in the index.
func (o *oracle) completed(r *run, now jobDocument) {
	b, pass := r.book, o.pass(r)
	skipped := now.Metadata.Tributary.Skipped != ""
	if !skipped && (pass == nil || pass.started.After(time.Now())) {
		o.find("job %s is completed without a pass over the source", r.job)
		return
	}
	if now.Type == string(protocol.Full) || pass != nil && pass.full && !skipped {
		o.note("full: forgets %d failing, %d late", len(b.failing), len(b.late))
		clear(b.failing)
		if !skipped {
			maps.DeleteFunc(b.late, func(_ string, at time.Time) bool { return at.Before(r.started) })
		}
	}
	if !skipped {
		b.fail(pass)
	}
	o.compare(r, "completed job "+r.job, r.started)
	o.open(r, "completed job "+r.job)
}

// open demands that no document is left for everybody to read, also none that could not be brought up to date.
func (o *oracle) open(r *run, what string) {
	if !r.restricts || r.emptied {
		return
	}
	for id, s := range r.book.image {
		_, foreign := r.book.foreign[id]
		if _, late := r.book.late[id]; !late && !foreign && s.readers() == "" {
			o.find("%s: document %s is for everybody to read: %s", what, id, s.source)
		}
	}
}

// counted compares the counters of a completed job with what took effect.
func (o *oracle) counted(r *run, c job.Counters) {
	if n := int(c.Created) - len(r.created); n < 0 || n > r.ambiguous {
		o.find("job %s: created %d are counted, %d took effect", r.job, c.Created, len(r.created))
	}
	if int(c.Deleted) != r.deleted {
		o.find("job %s: deleted %d are counted, %d took effect", r.job, c.Deleted, r.deleted)
	}
	if c.Duplicate == 0 && c.Failed == 0 && int(c.Updated) != len(r.updated) {
		o.find("job %s: updated %d are counted, %d took effect", r.job, c.Updated, len(r.updated))
	}
}

// wroteConnector looks at positions.
func (o *oracle) wroteConnector(from sender, w model.Write) {
	var before, now struct {
		Cursor *position `json:"sync_cursor"`
	}
	_ = json.Unmarshal(w.Before, &before) // none before
	if json.Unmarshal(w.After, &now) != nil || now.Cursor == nil || now.Cursor.Source == nil {
		return
	}
	if before.Cursor != nil && before.Cursor.Source != nil && *before.Cursor.Source == *now.Cursor.Source {
		return
	}
	if r := o.content.latest[from.process]; r != nil {
		o.reached(r, "the position of the connector", *now.Cursor.Source)
	}
}

// reached demands that everything before a position is in the index.
func (o *oracle) reached(r *run, what string, position int) {
	r.book.fail(o.pass(r))
	o.note("%s is %d", what, position)
	o.seen.Positions++
	o.compare(r, what, o.world.shelf.at(position))
}

// compare demands that each document is in the index as it was in the source at some time since.
func (o *oracle) compare(r *run, what string, since time.Time) {
	if r.emptied {
		return // what it wrote is gone; the next one must bring everything
	}
	b := r.book
	for _, id := range b.ids() {
		_, foreign := b.foreign[id]
		if _, late := b.late[id]; late || foreign || b.failing[id] {
			continue
		}
		if problem := r.differs(id, since); problem != "" {
			o.find("%s: document %s is %s; since %s the source had %v", what, id, problem, since.Sub(o.world.began), b.shelf.since(id, since))
		}
	}
}

// differs says how a document in the index is none of those that the source had.
func (r *run) differs(id string, since time.Time) string {
	s := r.book.image[id]
	for _, v := range r.book.shelf.since(id, since) {
		absent := !v.there() || r.excludes(v)
		switch {
		case absent && !s.there, v.bad || v.drop:
			return ""
		case !absent && s.there && s.N == v.n && s.Kind == v.kind && (!v.file || s.Body == v.text(id)) && s.readers() == r.readers(r.book, v):
			return ""
		}
	}
	if !s.there {
		return "missing"
	}
	return "stale: " + s.source
}

package simulation

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/tools/simulation/model"
)

// sender is who sent a request, and how.
type sender struct {
	process string
	sent    time.Time // when the last part of it was handed to the connection
	ghost   bool      // nobody waits for the answer
}

// oracle judges what happens. It sees every write in the order in which they take effect, and keeps an image of each index from that.
type oracle struct {
	world *World

	mu              sync.Mutex
	content, people *book
	runs            map[string]*run // by claim
	findings        []string
	events          []string
	seen            Outcome
}

func newOracle(w *World) *oracle {
	return &oracle{
		world: w, content: newBook(w.shelf), people: newBook(w.people), runs: map[string]*run{}, seen: Outcome{Ended: map[string]int{}},
	}
}

// maxEvents is how many events are kept to be shown.
const maxEvents = 400

// note keeps an event.
func (o *oracle) note(format string, args ...any) {
	line := time.Since(o.world.began).Round(time.Millisecond).String() + " " + fmt.Sprintf(format, args...)
	if o.events = append(o.events, line); len(o.events) > 2*maxEvents {
		o.events = append(o.events[:0], o.events[maxEvents:]...)
	}
}

// say notes an event from outside.
func (o *oracle) say(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.note(format, args...)
}

func (o *oracle) find(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	o.findings = append(o.findings, text)
	o.note("FOUND %s", text)
}

// over reports whether a job has come to its end.
func (o *oracle) over(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.content.holder
	return r != nil && r.job == id && r.ended && r.status != string(job.Suspended)
}

// wrote is told of every write.
func (o *oracle) wrote(w model.Write) {
	o.mu.Lock()
	defer o.mu.Unlock()
	from, _ := w.From.(sender)
	switch w.Index {
	case jobsIndex:
		o.wroteJob(from, w)
	case connectorsIndex:
		o.wroteConnector(from, w)
	case content:
		o.wroteDocument(o.content, from, w)
	case identities:
		o.wroteDocument(o.people, from, w)
	}
}

// wroteDocument judges one write to an index that jobs write.
func (o *oracle) wroteDocument(b *book, from sender, w model.Write) {
	if w.Action == model.DeleteIndex {
		o.note("%s is deleted", w.Index)
		b.emptied()
		return
	}
	s := parse(w.After)
	s.there = w.IsThere
	before := b.image[w.ID]
	b.image[w.ID] = s
	if !s.there {
		delete(b.image, w.ID)
	}
	o.note("%s %s %s: n=%d print=%.12s %s", from.process, w.Action, w.ID, s.N, s.Print, s.readers())
	if from.process == user {
		b.byUser(w, s)
		return
	}
	if text, there := b.foreign[w.ID]; there {
		o.find("foreign document %s was changed by %s to %s, from %s", w.ID, from.process, s.source, text)
	}
	r := b.latest[from.process]
	if r == nil {
		o.find("%s wrote %s without a job", from.process, w.ID)
		return
	}
	o.wroteBy(r, from, w, s, before)
}

// wroteBy judges what a run wrote.
func (o *oracle) wroteBy(r *run, from sender, w model.Write, s, before stored) {
	if r.lost || r.ended || from.ghost {
		r.book.late[w.ID] = w.At
		if h := r.book.holder; h != nil && h != r && w.Action == "create" {
			h.ambiguous++
		}
		if r.lost && from.sent.Sub(r.confirmed) > lease {
			o.find("%s wrote %s with a lease that is %s old and another worker's", from.process, w.ID, from.sent.Sub(r.confirmed))
		}
	} else {
		delete(r.book.late, w.ID)
		if r.restricts && s.there && s.readers() == "" {
			o.find("%s wrote %s for everybody to read: %s", from.process, w.ID, s.source)
		}
	}
	r.count(w, s)
	if w.Result == "deleted" {
		o.deleted(r, from, w.ID, before)
	}
	if pass := o.pass(r); pass != nil && !s.partly() {
		pass.refuse(w.ID, false)
	}
}

// pass is the last one over what the run's index is to hold.
func (o *oracle) pass(r *run) *reading { return o.world.reader(r.process).last(r.book.shelf) }

func (r *run) count(w model.Write, s stored) {
	switch {
	case w.Result == "deleted":
		r.deleted++
	case s.partly(): // it could not be read, or not wholly: it counts as failed
	case w.Action == "create":
		r.created[w.ID+" "+s.source] = true // it may be deleted and come again
	default:
		r.updated[w.ID+" "+s.source] = true
	}
}

// byUser keeps what a user's write leaves: documents with an owner of their own are foreign.
func (b *book) byUser(w model.Write, s stored) {
	delete(b.foreign, w.ID)
	if s.there && strings.HasPrefix(s.Print, foreignOwner) {
		b.foreign[w.ID] = s.source
	}
}

// refused is told of a request to an index of documents that was too large. A document that was alone in one stays out.
func (o *oracle) refused(process string, body []byte) {
	ids := model.BulkIDs(body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen.Large++
	if len(ids) != 1 {
		return
	}
	o.note("%s: %s is too large", process, ids[0])
	o.seen.TooLarge++
	if pass := o.world.reader(process).last(o.world.shelf); pass != nil {
		pass.refuse(ids[0], true)
	}
}

// deleted judges a deletion: the source must have been without the document at some time of the run, or a rule excluded it.
func (o *oracle) deleted(r *run, from sender, id string, before stored) {
	o.seen.Deletes++
	pass := o.pass(r)
	if pass == nil {
		o.find("%s deleted %s without having read the source", from.process, id)
		return
	}
	for _, v := range r.book.shelf.since(id, earlier(pass.started, r.started)) {
		if !v.there() || r.excludes(v) {
			return
		}
	}
	o.find("%s deleted %s (n=%d), which the source has had since %s", from.process, id, before.N, pass.started.Sub(o.world.began))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

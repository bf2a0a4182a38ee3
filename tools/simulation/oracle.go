package simulation

import (
	"encoding/json"
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

// oracle judges what happens. It sees every write in the order in which they take effect, and keeps an image of the index from that.
type oracle struct {
	world *World

	mu        sync.Mutex
	image     map[string]stored
	runs      map[string]*run      // by claim
	latest    map[string]*run      // by process
	holder    *run                 // the one whose job is in progress
	failing   map[string]bool      // ids that the last syncs could not bring up to date
	late      map[string]time.Time // when a lost worker or a ghost wrote an id last
	foreign   map[string]string
	findings  []string
	events    []string
	ended     map[job.Status]int
	deletes   int
	positions int
}

// stored is a document of the index.
type stored struct {
	N      int    `json:"n"`
	Kind   string `json:"kind"`
	Body   string `json:"body"`
	Print  string `json:"_fingerprint"`
	there  bool
	source string
}

// run is one claim of a job.
type run struct {
	job, claim, process string
	started             time.Time
	hides               bool // the rules exclude hidden documents
	lost                bool // another one has taken the job since
	emptied             bool // a user has deleted the index meanwhile
	ended               bool
	status              job.Status      // at the end
	created             map[string]bool // id and content
	updated             map[string]bool // the same
	deleted             int
	confirmed           time.Time // when the last confirmation of its lease was sent
}

func newOracle(w *World) *oracle {
	return &oracle{
		world: w, image: map[string]stored{}, runs: map[string]*run{}, latest: map[string]*run{}, failing: map[string]bool{},
		late: map[string]time.Time{}, foreign: map[string]string{}, ended: map[job.Status]int{},
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
	r := o.holder
	return r != nil && r.job == id && r.ended && r.status != job.Suspended
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
		if w.Action == model.DeleteIndex {
			o.emptied()
			return
		}
		o.wroteContent(from, w)
	}
}

// wroteContent judges one write to the content index.
func (o *oracle) wroteContent(from sender, w model.Write) {
	s := parse(w.After)
	s.there = w.IsThere
	before := o.image[w.ID]
	o.image[w.ID] = s
	if !s.there {
		delete(o.image, w.ID)
	}
	o.note("%s %s %s: n=%d print=%.12s", from.process, w.Action, w.ID, s.N, s.Print)
	if from.process == user {
		o.byUser(w, s)
		return
	}
	if text, there := o.foreign[w.ID]; there {
		o.find("foreign document %s was changed by %s to %s, from %s", w.ID, from.process, s.source, text)
	}
	r := o.latest[from.process]
	if r == nil {
		o.find("%s wrote %s without a job", from.process, w.ID)
		return
	}
	if r.lost || r.ended || from.ghost {
		o.late[w.ID] = w.At
		if r.lost && from.sent.Sub(r.confirmed) > lease {
			o.find("%s wrote %s with a lease that is %s old and another worker's", from.process, w.ID, from.sent.Sub(r.confirmed))
		}
	} else {
		delete(o.late, w.ID)
	}
	r.count(w, s)
	if w.Result == "deleted" {
		o.deleted(r, from, w.ID, before)
	}
}

func (r *run) count(w model.Write, s stored) {
	switch {
	case w.Result == "deleted":
		r.deleted++
	case strings.HasSuffix(s.Print, "."): // its content could not be read: it counts as failed
	case w.Action == "create":
		r.created[w.ID+" "+s.source] = true // it may be deleted and come again
	default:
		r.updated[w.ID+" "+s.source] = true
	}
}

// byUser keeps what a user's write leaves: documents with an owner of their own are foreign.
func (o *oracle) byUser(w model.Write, s stored) {
	delete(o.foreign, w.ID)
	if s.there && strings.HasPrefix(s.Print, foreignOwner) {
		o.foreign[w.ID] = s.source
	}
}

// deleted judges a deletion: the source must have been without the document at some time of the run, or a rule excluded it.
func (o *oracle) deleted(r *run, from sender, id string, before stored) {
	o.deletes++
	pass := o.world.reader(from.process).last()
	if pass == nil {
		o.find("%s deleted %s without having read the source", from.process, id)
		return
	}
	for _, v := range o.world.shelf.since(id, earlier(pass.started, r.started)) {
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

func (r *run) excludes(v version) bool { return r.hides && v.kind == "hidden" }

func parse(source json.RawMessage) stored {
	var s stored
	_ = json.Unmarshal(source, &s) // a document whose n is no number is refused before
	s.source = string(source)
	return s
}

// emptied says that a user has deleted the index.
func (o *oracle) emptied() {
	o.note("the index is deleted")
	if o.holder != nil { // even one that has ended may still have its position to store
		o.holder.emptied = true
	}
	clear(o.image)
	clear(o.foreign)
	clear(o.late)
}

package simulation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// heal ends the history: everything works, nothing changes, and a full sync makes the index equal to the source.
func (w *World) heal(ctx context.Context) {
	w.shelf.setTrouble(trouble{})
	w.jumped.Store(0)
	for _, id := range w.shelf.ids() {
		if v := w.shelf.current(id); v.bad || v.drop {
			v.bad, v.drop = false, false
			w.shelf.put(id, v)
		}
	}
	w.oracle.say("heal")
	time.Sleep(latest) // requests that are on their way arrive
	w.start()
	w.calm()
	w.completes(ctx, protocol.Full)
	w.equal(w.oracle.content)
	w.answered()
	w.completes(ctx, protocol.Incremental)
	w.quiet(content, w.oracle.content, func() { w.completes(ctx, protocol.Full) })
	if w.secured {
		w.completes(ctx, protocol.AccessControl)
		w.equal(w.oracle.people)
		w.quiet(identities, w.oracle.people, func() { w.completes(ctx, protocol.AccessControl) })
	}
	w.stop()
}

// completes runs a job and demands that it completes.
func (w *World) completes(ctx context.Context, t protocol.JobType) {
	conn, err := w.protocol.Connector(ctx, connectorID)
	if !w.must(err) {
		return
	}
	id, err := w.orderOf(ctx, conn, t, protocol.OnDemand, true)
	if !w.must(err) {
		return
	}
	if j := w.await(id, t); j.Status != job.Completed {
		w.found("job %s ended as %s although everything works: %s", id, j.Status, j.Error)
	}
}

// equal demands that an index is what the source has.
func (w *World) equal(b *book) {
	o := w.oracle
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(b.failing)
	clear(b.late)
	r := &run{book: b}
	if !b.people() {
		r.hides, r.restricts = w.hides, w.restricted
	}
	o.compare(r, "in the end", time.Now())
	o.open(r, "in the end")
}

// answered demands that no dead letter is left but those of documents that meet one of another owner.
func (w *World) answered() {
	o := w.oracle
	left := w.node.Documents(letters)
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, raw := range left {
		var letter struct{ ID string }
		_ = json.Unmarshal(raw, &letter) // then it is found below
		if _, meets := o.content.foreign[letter.ID]; !meets {
			o.find("in the end there is still a dead letter: %s", raw)
		}
	}
}

// quiet demands that nothing is written to an index.
func (w *World) quiet(index string, b *book, run func()) {
	before := w.node.Documents(index)
	o := w.oracle
	o.mu.Lock()
	r := b.holder
	o.mu.Unlock()
	run()
	o.mu.Lock()
	defer o.mu.Unlock()
	if b.holder == r || b.holder == nil {
		return
	}
	if n := len(b.holder.created) + len(b.holder.updated) + b.holder.deleted; n > 0 {
		o.find("a sync after a sync wrote %d documents of %d to %s", n, len(before), index)
	}
}

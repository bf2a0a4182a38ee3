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
	w.start()
	w.calm()
	w.completes(ctx, protocol.Full)
	w.equal()
	w.answered()
	w.completes(ctx, protocol.Incremental)
	w.quiet(func() { w.completes(ctx, protocol.Full) })
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
	if j := w.await(id); j.Status != job.Completed {
		w.found("job %s ended as %s although everything works: %s", id, j.Status, j.Error)
	}
}

// equal demands that the index is what the source has.
func (w *World) equal() {
	o := w.oracle
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.failing)
	clear(o.late)
	o.compare(&run{hides: w.hides}, "in the end", time.Now())
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
		if _, meets := o.foreign[letter.ID]; !meets {
			o.find("in the end there is still a dead letter: %s", raw)
		}
	}
}

// quiet demands that nothing is written to the index.
func (w *World) quiet(run func()) {
	before := w.node.Documents(content)
	o := w.oracle
	o.mu.Lock()
	r := o.holder
	o.mu.Unlock()
	run()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.holder == r || o.holder == nil {
		return
	}
	if n := len(o.holder.created) + len(o.holder.updated) + o.holder.deleted; n > 0 {
		o.find("a sync after a sync wrote %d documents of %d", n, len(before))
	}
}

package trial

import (
	"context"
	"encoding/json"

	"github.com/tributary-search/tributary/runtime/protocol"
	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
)

// compare compares the index with the world after a job, and the job's counters
// with each other. The log from a place on must not hold the deletion of a
// document that the world has: worlds give no id twice.
func (l *lane) compare(ctx context.Context, j protocol.Job, from int) error {
	d, err := l.differs(ctx, j.IndexName)
	if err != nil {
		return err
	}
	if j.Total != int64(d.Documents) {
		l.wrongCounter("job %s says that the index holds %d documents, and it holds %d", j.ID, j.Total, d.Documents)
	}
	if c := own(j); c.Emitted != c.Created+c.Updated+c.Unchanged+c.Filtered+c.Failed+c.Duplicate {
		l.wrongCounter("job %s: its counters do not add up: %+v", j.ID, c)
	}
	l.wronglyDeleted(from)
	return nil
}

// differs compares ids and contents.
func (l *lane) differs(ctx context.Context, index string) (ftest.Difference, error) {
	d, err := ftest.Compare(ctx, l.node.URL, index, l.World)
	if err != nil {
		return d, err
	}
	l.note(func(r *Report) {
		r.Syncs++
		r.Compared += d.Documents
		r.Lost += d.Missing
		r.Stale += d.Unexpected + d.Different
	})
	if d.Text != "" {
		l.violated("%s: index %s: %s", l.Name, index, d.Text)
	}
	return d, nil
}

func (l *lane) wrongCounter(format string, args ...any) {
	l.note(func(r *Report) { r.Counters++ })
	l.violated(l.Name+": "+format, args...)
}

// counters are those of a job or a command.
type counters struct {
	Emitted, Created, Updated, Unchanged, Filtered, Failed, Duplicate, Deleted int64
}

// own are the counters in a job's metadata.
func own(j protocol.Job) counters {
	var m struct{ Tributary struct{ Counters counters } }
	_ = json.Unmarshal(j.Metadata, &m) // what is not there is 0, and differs
	return m.Tributary.Counters
}

// wronglyDeleted finds deletions of documents that the world has.
func (l *lane) wronglyDeleted(from int) {
	there := map[string]bool{}
	for d := range l.World.Truth() {
		there[d.ID] = true
	}
	for _, w := range l.record.All()[from:] {
		if w.Bulk == nil {
			continue
		}
		for _, it := range w.Bulk.Items {
			if it.Result == "deleted" && there[it.ID] {
				l.note(func(r *Report) { r.Deleted++ })
				l.violated("%s: %s deleted %s, which the source has", l.Name, w.Who, it.ID)
			}
		}
	}
}

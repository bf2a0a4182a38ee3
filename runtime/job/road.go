package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// road is what every document takes from the source to the sink, be it read in
// a full sync or as a change.
type road struct {
	gear

	tally tally
	phase atomic.Pointer[Phase]
	end   atomic.Pointer[Counters] // those that the run ended with

	complete atomic.Bool // it ended without an error

	warning sync.Mutex      // guards warned
	warned  map[string]bool // names of renamed fields
}

// gear is what a run works with. It is set once, before the first document.
type gear struct {
	sink    Sink
	rules   Rules
	extract Extractor
	budget  *Budget
	letters Letters // nil: failed documents are not kept
	options Options
	log     *slog.Logger
	print   fingerprinter
	started []byte   // when the run began, as JSON
	nobody  []string // [connector.Nobody]
}

// equip makes the road ready at the start of a run.
func (r *road) equip(g gear, now time.Time) {
	g.started = connector.AppendTime(nil, now)
	g.nobody = []string{connector.Nobody}
	r.gear, r.warned = g, map[string]bool{}
}

// work is the memory that one document needs on its way; it is used again.
type work struct {
	print, hashed, source, content []byte
}

var works = sync.Pool{New: func() any { return new(work) }}

// maxKept keeps one huge document from staying in memory for ever.
const maxKept = 1 << 20

// release gives the work back for reuse.
func (w *work) release() {
	if cap(w.source)+cap(w.content) > maxKept {
		w.source, w.content = nil, nil
	}
	works.Put(w)
}

// prepare makes the index ready and reports whether it may hold documents.
func (r *road) prepare(ctx context.Context, index Index, source any) (there bool, err error) {
	if r.options.DryRun {
		return index.Exists(ctx)
	}
	fields := map[string]string{}
	if typer, ok := source.(connector.FieldTyper); ok {
		types, err := typer.Fields(ctx)
		if err != nil {
			return false, fmt.Errorf("types of the source's fields: %w", err)
		}
		for name, t := range types {
			fields[name] = string(t)
		}
	}
	if r.options.Access {
		fields[accessField] = string(connector.Text)
	}
	created, err := index.Prepare(ctx, fields)
	return !created, err
}

const accessField = "_allow_access_control"

// admit counts an emitted document and gives it what the runtime decides.
func (r *road) admit(d *connector.Document) {
	r.tally.emitted.Add(1)
	if d.ID == "" {
		d.Err = errNoID
	}
	d.ID = connector.DocumentID(d.ID)
	if len(d.Renamed()) > 0 {
		r.warnRenamed(d)
	}
	if len(d.Access) == 0 && (r.options.Access || d.Access != nil) {
		d.Access = r.nobody // an empty list would mean everybody
	}
}

var errNoID = errors.New("the source gave it no id")

// excludes reports whether a rule excludes a document, and counts it.
func (r *road) excludes(d *connector.Document) bool {
	if r.rules == nil || d.Err != nil {
		return false
	}
	if keep, _ := r.rules.Decide(d.ID, d.Fields()); keep {
		return false
	}
	r.tally.filtered.Add(1)
	return true
}

// owns reports whether a stored document is this run's to change, and the hash
// part of its fingerprint.
func (r *road) owns(print []byte) (hash []byte, own bool) {
	if len(print) == 0 {
		return nil, r.options.Adopt
	}
	return r.print.own(print)
}

// carry brings a document to the sink, by a download when its content must be
// read first.
func (r *road) carry(ctx context.Context, item download, downloads *downloads) error {
	if item.doc.Attachment == nil || r.extract == nil {
		return r.send(ctx, &item.doc, item.work, item.verdict, item.tally)
	}
	return downloads.add(ctx, item)
}

// send reads the content where there is any and puts the document in the sink.
func (r *road) send(ctx context.Context, d *connector.Document, w *work, v verdict, tally string) error {
	defer w.release()
	action := Create
	if v == replace {
		action = Replace
	}
	w.source = d.Take(w.source)
	var unread error
	if d.Attachment != nil && r.extract != nil {
		if err := r.addContent(ctx, d, w); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			unread = fmt.Errorf("its content could not be read: %w", err)
			action, tally = withoutContent(action), "failed"
			w.print = append(w.print[:0], r.print.prefix...)
		}
	}
	w.source = r.close(w.source, d, w.print)
	if unread != nil {
		r.noteContent(d, action, w.source, unread)
	}
	r.tally.bytes.Add(int64(len(w.source)))
	if err := r.put(ctx, action, d.ID, w, tally); err != nil {
		return fmt.Errorf("write to the index: %w", err)
	}
	return nil
}

// put puts a document in the sink. A large one is given away: it is in memory
// once, however long the sink takes.
func (r *road) put(ctx context.Context, action, id string, w *work, tally string) error {
	if cap(w.source) <= maxKept {
		return r.sink.Put(ctx, action, id, w.source, tally)
	}
	source := w.source
	w.source = nil
	return give(ctx, r.sink, action, id, source, tally)
}

// give lets a sink take the memory of a document over, if it can.
func give(ctx context.Context, sink Sink, action, id string, source []byte, tally string) error {
	if t, ok := sink.(Taker); ok {
		return t.Take(ctx, action, id, source, tally)
	}
	return sink.Put(ctx, action, id, source, tally)
}

// withoutContent is the action for a document whose content failed: a new one
// is created without it, a stored one keeps the content that it has.
func withoutContent(action string) string {
	if action == Replace {
		return Merge
	}
	return action
}

func (r *road) addContent(ctx context.Context, d *connector.Document, w *work) error {
	field, content, err := r.extract.Extract(ctx, d.Attachment, w.content[:0])
	if err != nil {
		return err
	}
	w.content = content
	if field == "" {
		r.tally.noText.Add(1)
		return nil
	}
	w.source = appendField(w.source, field)
	w.source = connector.AppendText(w.source, content)
	if cap(content) > maxKept {
		w.content = nil
	}
	return nil
}

// close adds the runtime's own fields to a source that is open at the end.
func (r *road) close(source []byte, d *connector.Document, print []byte) []byte {
	source = connector.AppendString(appendField(source, "id"), d.ID)
	source = appendField(source, "_timestamp")
	if d.UpdatedAt.IsZero() {
		source = append(source, r.started...)
	} else {
		source = connector.AppendTime(source, d.UpdatedAt)
	}
	if len(r.options.Fields) > 0 {
		source = append(append(source, ','), r.options.Fields...)
	}
	source = connector.AppendText(appendField(source, "_fingerprint"), print)
	if d.Access != nil {
		source = append(appendField(source, accessField), '[')
		for i, id := range d.Access {
			if i > 0 {
				source = append(source, ',')
			}
			source = connector.AppendString(source, id)
		}
		source = append(source, ']')
	}
	return append(source, '}')
}

// appendField appends a plain field name with its quotes and colon, and a
// comma before it unless the object is still empty.
func appendField(source []byte, name string) []byte {
	if source[len(source)-1] != '{' {
		source = append(source, ',')
	}
	source = append(append(source, '"'), name...)
	return append(source, '"', ':')
}

// fail counts and names a document that costs only itself.
func (r *road) fail(id string, err error) {
	r.tally.failed.Add(1)
	r.note(id, err)
	if r.letters != nil {
		r.letters.Unread(id)
	}
}

// noteContent keeps a document whose content could not be read.
func (r *road) noteContent(d *connector.Document, action string, source []byte, err error) {
	r.note(d.ID, err)
	if r.letters != nil {
		r.letters.Keep(connector.Rejection{
			ID: d.ID, Action: action, Class: connector.ClassContent, Reason: err.Error(), Source: source, Attachment: d.Attachment.Ref(),
		})
	}
}

// note keeps a failure. The first ones of a run are reported at its end; a line
// for each of them would drown everything else.
func (r *road) note(id string, err error) {
	r.budget.Unreadable(id, err.Error())
	r.log.Debug("document failed", "document", id, "error", err)
}

// maxWarned is of how many renamed fields a run warns: documents may name them
// after their data.
const maxWarned = 100

func (r *road) warnRenamed(d *connector.Document) {
	r.warning.Lock()
	defer r.warning.Unlock()
	for _, name := range d.Renamed() {
		if r.warned[name.From] || len(r.warned) == maxWarned {
			continue
		}
		r.warned[name.From] = true
		r.log.Warn("field renamed: its name is reserved", "field", name.From, "stored_as", name.To)
	}
}

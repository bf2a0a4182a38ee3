package job

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tributary-search/tributary/runtime/connector"
)

// verdict is what is to be done with an emitted document.
type verdict int

const (
	leave   verdict = iota // settled: nothing is sent
	create                 // new in the index
	replace                // in the index with other content, or sent before
)

// work is the memory that one document needs on its way; it is used again.
type work struct {
	print, hashed, source, content []byte
}

var works = sync.Pool{New: func() any { return new(work) }}

// emit decides about one document and sends it, or leaves that to a download
// when its content must be read first.
func (s *Sync) emit(ctx context.Context, d connector.Document, downloads *downloads) error {
	s.tally.emitted.Add(1)
	if d.ID == "" {
		d.Err = errors.New("the source gave it no id")
	}
	d.ID = connector.DocumentID(d.ID)
	if len(d.Renamed()) > 0 {
		s.warnRenamed(&d)
	}
	if s.excludes(&d) {
		d.Release()
		return nil
	}
	w := works.Get().(*work)
	w.print, w.hashed = s.print.append(w.print[:0], w.hashed, &d)
	v, tally, err := s.decide(&d, w.print)
	if err != nil {
		s.fail(d.ID, err)
	}
	if v == leave {
		d.Release()
		works.Put(w)
		return nil
	}
	if tally == "duplicate" {
		downloads.settle()
	}
	if d.Attachment == nil || s.Extract == nil {
		return s.send(ctx, &d, w, v, tally)
	}
	return downloads.add(ctx, download{d, w, v, tally})
}

// excludes reports whether a rule excludes a document, and counts it. What the
// index holds of it is deleted by decision, not because it is gone.
func (s *Sync) excludes(d *connector.Document) bool {
	if s.Rules == nil || d.Err != nil {
		return false
	}
	if keep, _ := s.Rules.Decide(d.ID, d.Fields()); keep {
		return false
	}
	s.tally.filtered.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, marks := s.stored.find(s.stored.hash(d.ID)); e != nil {
		*marks = *marks&^seen | excluded
	}
	return true
}

// decide compares a document with what is stored and with what this run did
// before, and settles the counters. The tally is the counter that a success
// adds to; empty leaves that to Elasticsearch's answer.
func (s *Sync) decide(d *connector.Document, print []byte) (v verdict, tally string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.stored.hash(d.ID)
	if e, marks := s.stored.find(id); e != nil {
		return s.decideStored(d, e, marks, print)
	}
	switch {
	case d.Err != nil:
		return leave, "", d.Err
	case s.foreign.has(id):
		return leave, "", errForeign
	case !s.fresh.add(id):
		return replace, "duplicate", nil
	}
	return create, "", nil
}

var errForeign = errors.New("the index holds a document with this id that belongs to another owner; use another index, or --adopt where it carries no owner")

func (s *Sync) decideStored(d *connector.Document, e *entry, marks *uint8, print []byte) (v verdict, tally string, err error) {
	before := *marks
	*marks = before&^excluded | seen
	if d.Err != nil {
		return leave, "", d.Err
	}
	hash := s.stored.printHash(print[ownerLength+1:])
	same := e.print == hash
	switch {
	case same && before&(sent|kept) != 0:
		s.tally.duplicate.Add(1)
		return leave, "", nil
	case same && !s.Options.Resend:
		*marks |= kept
		s.tally.unchanged.Add(1)
		return leave, "", nil
	}
	e.print = hash
	*marks = *marks&^kept | sent
	switch {
	case before&sent != 0:
		return replace, "duplicate", nil
	case before&kept != 0:
		s.tally.withdrawn.Add(1) // it counted as unchanged
	}
	return replace, "", nil
}

// send reads the content where there is any and puts the document in the sink.
func (s *Sync) send(ctx context.Context, d *connector.Document, w *work, v verdict, tally string) error {
	defer works.Put(w)
	defer d.Release()
	action := Create
	if v == replace {
		action = Replace
	}
	w.source = append(append(w.source[:0], '{'), d.Fields()...)
	if d.Attachment != nil && s.Extract != nil {
		if err := s.addContent(ctx, d, w); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			s.note(d.ID, fmt.Errorf("its content could not be read: %w", err))
			action, tally = withoutContent(action), "failed"
			w.print = append(w.print[:0], s.print.prefix...)
		}
	}
	w.source = s.close(w.source, d, w.print)
	s.tally.bytes.Add(int64(len(w.source)))
	if err := s.Sink.Put(ctx, action, d.ID, w.source, tally); err != nil {
		return fmt.Errorf("write to the index: %w", err)
	}
	return nil
}

// withoutContent is the action for a document whose content failed: a new one
// is created without it, a stored one keeps the content that it has.
func withoutContent(action string) string {
	if action == Replace {
		return Merge
	}
	return action
}

func (s *Sync) addContent(ctx context.Context, d *connector.Document, w *work) error {
	field, content, err := s.Extract.Extract(ctx, d.Attachment, w.content[:0])
	if err != nil {
		return err
	}
	w.content = content
	if field == "" {
		s.tally.noText.Add(1)
		return nil
	}
	w.source = appendField(w.source, field)
	w.source = connector.AppendText(w.source, content)
	return nil
}

// close adds the runtime's own fields to a source that is open at the end.
func (s *Sync) close(source []byte, d *connector.Document, print []byte) []byte {
	source = connector.AppendString(appendField(source, "id"), d.ID)
	source = appendField(source, "_timestamp")
	if d.UpdatedAt.IsZero() {
		source = append(source, s.started...)
	} else {
		source = connector.AppendTime(source, d.UpdatedAt)
	}
	source = connector.AppendText(appendField(source, "_fingerprint"), print)
	if d.Access != nil {
		source = append(appendField(source, "_allow_access_control"), '[')
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
func (s *Sync) fail(id string, err error) {
	s.tally.failed.Add(1)
	s.note(id, err)
}

// note keeps a failure. The first ones of a run are reported at its end; a line
// for each of them would drown everything else.
func (s *Sync) note(id string, err error) {
	s.Budget.Unreadable(id, err.Error())
	s.Log.Debug("document failed", "document", id, "error", err)
}

// maxWarned is of how many renamed fields a run warns: documents may name them
// after their data.
const maxWarned = 100

func (s *Sync) warnRenamed(d *connector.Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range d.Renamed() {
		if s.warned[r.From] || len(s.warned) == maxWarned {
			continue
		}
		s.warned[r.From] = true
		s.Log.Warn("field renamed: its name is reserved", "field", r.From, "stored_as", r.To)
	}
}

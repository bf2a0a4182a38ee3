package job

import (
	"context"
	"errors"

	"github.com/tributary-search/tributary/runtime/connector"
)

// verdict is what is to be done with an emitted document.
type verdict int

const (
	leave   verdict = iota // settled: nothing is sent
	create                 // new in the index
	replace                // in the index with other content, or sent before
)

// emit decides about one document and sends it, or leaves that to a download
// when its content must be read first.
func (s *Sync) emit(ctx context.Context, d connector.Document, downloads *downloads) error {
	s.admit(&d)
	if s.excludes(&d) {
		s.markExcluded(d.ID)
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
		w.release()
		return nil
	}
	if tally == "duplicate" {
		downloads.settle()
	}
	return s.carry(ctx, download{d, w, v, tally}, downloads)
}

// markExcluded notes that a rule excludes a document: what the index holds of
// it is deleted by decision, not because it is gone.
func (s *Sync) markExcluded(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, marks := s.stored.find(s.stored.hash(id)); e != nil {
		*marks = *marks&^seen | excluded
	}
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
		s.budget.Unchanged()
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

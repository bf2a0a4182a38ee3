package trial

import (
	"fmt"
	"iter"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// entry is what is remembered of an expected document.
type entry struct {
	sum    sum
	timed  bool // its time is compared
	failed bool
}

// truth is what an index must hold: about 100 bytes a document.
type truth map[string]entry

// remember reads expected documents.
func remember(documents iter.Seq[connectortest.Expected]) (truth, error) {
	all := truth{}
	for d := range documents {
		doc, err := members(d.Fields)
		if err != nil {
			return nil, fmt.Errorf("the fixture expects document %q to be %.80q: %w", d.ID, d.Fields, err)
		}
		e := entry{failed: d.Failed}
		_, e.timed = doc[timestamp]
		if e.sum, err = digest(doc); err != nil {
			return nil, err
		}
		if _, twice := all[d.ID]; twice {
			return nil, fmt.Errorf("the fixture expects document %q twice", d.ID)
		}
		all[d.ID] = e
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the fixture expects no document at all")
	}
	return all, nil
}

// step is the way from what the index holds to what it must hold, in
// documents.
type step struct {
	created, updated, unchanged, deleted, failed int64
}

// changes is how many documents differ.
func (s step) changes() int64 { return s.created + s.updated + s.deleted }

// from compares with what was there before. Documents that can't be read whole
// are counted as failed, whatever else they are.
func (t truth) from(before truth) step {
	var s step
	for id, now := range t {
		was, there := before[id]
		switch {
		case now.failed:
			s.failed++
		case !there:
			s.created++
		case was.sum != now.sum || was.failed:
			s.updated++
		default:
			s.unchanged++
		}
	}
	for id := range before {
		if _, there := t[id]; !there {
			s.deleted++
		}
	}
	return s
}

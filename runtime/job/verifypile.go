package job

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

const (
	// A pile has at most so many documents, or so many bytes of them.
	pileDocs  = 500
	pileBytes = 1 << 20
	// leastDocs is what a pile has at least when the index holds much more of
	// its documents than the source gave.
	leastDocs = 10
	// seenBytes is how much of an index one look may find before piles get
	// smaller.
	seenBytes = 4 << 20
)

// pile is documents that wait to be compared. Its memory is used again.
type pile struct {
	items []piled
	ids   []string
	bytes []byte
}

// piled is one of them. Its bytes are the document as it should be, or its
// fingerprint when only those are compared.
type piled struct {
	id         string
	start, end int
	again      bool // an earlier one of this id was judged
}

func (p *pile) add(id string, source []byte, again bool) {
	start := len(p.bytes)
	p.bytes = append(p.bytes, source...)
	p.items = append(p.items, piled{id, start, len(p.bytes), again})
}

func (p *pile) of(it piled) []byte { return p.bytes[it.start:it.end] }

func (p *pile) full(most int) bool { return len(p.items) >= most || len(p.bytes) >= pileBytes }

// drop takes a document out again. It reports whether none of its id was judged
// yet.
func (p *pile) drop(id string) bool {
	i := slices.IndexFunc(p.items, func(it piled) bool { return it.id == id })
	if i < 0 {
		return false
	}
	again := p.items[i].again
	p.items = slices.Delete(p.items, i, i+1)
	return !again
}

func (p *pile) clear() {
	clear(p.items)
	clear(p.ids)
	p.items, p.ids, p.bytes = p.items[:0], p.ids[:0], p.bytes[:0]
	if cap(p.bytes) > 2*pileBytes {
		p.bytes = nil // it held one huge document
	}
}

// sight is what the index holds of a document at a moment.
type sight struct {
	found         bool
	source, print []byte // the one when documents are compared, the other when fingerprints are
	seqNo         int64
}

// look compares what waits. What is not equal is looked at again later, since
// somebody may be writing it.
func (c *comparer) look(ctx context.Context) error {
	err := c.each(ctx, &c.waiting, func(it piled, wanted []byte, s sight) error {
		j, err := c.judge(it, wanted, s)
		if err != nil {
			return err
		}
		if j.kind == "" {
			_, err = c.settled(it, j)
			return err
		}
		c.suspects.add(it.id, wanted, it.again)
		return nil
	})
	c.waiting.clear()
	if err != nil || !c.suspects.full(c.most) {
		return err
	}
	return c.lookAgain(ctx)
}

// lookAgain decides about suspects.
func (c *comparer) lookAgain(ctx context.Context) error {
	err := c.each(ctx, &c.suspects, func(it piled, wanted []byte, s sight) error {
		j, err := c.judge(it, wanted, s)
		if err != nil {
			return err
		}
		first, err := c.settled(it, j)
		if err != nil || !c.Repair {
			return err
		}
		return c.repair(ctx, it.id, j.kind, wanted, first)
	})
	c.suspects.clear()
	return err
}

// again is the counter of repairs of what was repaired before in this run.
const again = "again"

func (c *comparer) repair(ctx context.Context, id string, kind Kind, wanted []byte, first bool) error {
	action, tally := Create, ""
	switch kind {
	case Different:
		action = Replace
	case Missing:
	default:
		return nil
	}
	if !first {
		tally = again
	}
	return c.repairs.Put(ctx, action, id, wanted, tally)
}

// each looks a pile up in the index.
func (c *comparer) each(ctx context.Context, p *pile, visit func(piled, []byte, sight) error) error {
	if len(p.items) == 0 {
		return nil
	}
	if !c.index.there {
		for _, it := range p.items {
			if err := visit(it, p.of(it), sight{}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, it := range p.items {
		p.ids = append(p.ids, it.id)
	}
	if c.Fast {
		return c.index.Look(ctx, p.ids, func(i int, found bool, print []byte, seqNo, _ int64) error {
			return visit(p.items[i], p.of(p.items[i]), sight{found: found, print: print, seqNo: seqNo})
		})
	}
	seen := 0
	err := c.documents.Fetch(ctx, p.ids, func(i int, found bool, source []byte, seqNo, _ int64) error {
		seen += len(source)
		return visit(p.items[i], p.of(p.items[i]), sight{found: found, source: source, seqNo: seqNo})
	})
	if seen > seenBytes {
		c.most = min(c.most, max(leastDocs, len(p.items)*seenBytes/seen))
	}
	return err
}

// judgement is what was found of one document; an empty kind is equal.
type judgement struct {
	kind     Kind
	fields   fieldList
	outdated bool // equal, but its fingerprint is another
}

// judge compares a document with what the index holds of it.
func (c *comparer) judge(it piled, wanted []byte, s sight) (j judgement, err error) {
	switch {
	case !s.found && c.stood(it.id) && !it.again:
		return judgement{kind: Unsettled}, nil // somebody deleted it meanwhile
	case !s.found:
		return judgement{kind: Missing}, nil
	}
	equal := c.Fast && bytes.Equal(s.print, wanted)
	if !c.Fast {
		var samePrint bool
		if j.fields, s.print, samePrint, err = c.compare.documents(wanted, s.source); err != nil {
			return j, fmt.Errorf("document %s: %w", it.id, err)
		}
		equal = j.fields.empty()
		j.outdated = equal && !samePrint
	}
	_, own := c.sync.owns(s.print)
	switch {
	case !own:
		j.kind = Unsettled // it was this owner's, or not there
	case equal:
	case c.index.since(s.seqNo) && !(it.again && c.Repair):
		j.kind = Unsettled
	default:
		j.kind = Different
	}
	return j, nil
}

// stood reports whether the index held a document when the run began.
func (c *comparer) stood(id string) bool {
	e, _ := c.sync.stored.find(c.sync.stored.hash(id))
	return e != nil
}

// settled counts and reports what was found. It reports whether a difference is
// the first of its document.
func (c *comparer) settled(it piled, j judgement) (first bool, err error) {
	before := c.mark(it, j.kind)
	switch {
	case it.again && j.kind == "" && before == differs && !c.Repair:
		c.different.Add(-1)
		c.equal.Add(1)
		return false, c.report(Difference{Kind: Withdrawn, ID: it.id})
	case it.again && j.kind == Different && before == agrees:
		c.equal.Add(-1)
	case it.again:
		return false, nil // it is counted
	}
	switch j.kind {
	case Missing:
		c.missing.Add(1)
	case Different:
		c.different.Add(1)
	case Unsettled:
		c.unsettled.Add(1)
		j.fields = fieldList{}
	default:
		if c.equal.Add(1); j.outdated {
			c.outdated.Add(1)
		}
		return false, nil
	}
	return true, c.report(Difference{Kind: j.kind, ID: it.id, Fields: j.fields.list, MoreFields: j.fields.more})
}

// mark notes what was found of a stored document, and returns what was noted
// before.
func (c *comparer) mark(it piled, kind Kind) (before uint8) {
	s := c.sync
	s.mu.Lock()
	defer s.mu.Unlock()
	_, marks := s.stored.find(s.stored.hash(it.id))
	if marks == nil {
		return 0
	}
	before = *marks & (differs | agrees)
	*marks &^= differs | agrees
	switch kind {
	case "":
		*marks |= agrees
	case Different:
		*marks |= differs
	}
	return before
}

// printIn is the fingerprint in a document that the road made. It is the last
// field of the name, and no other text holds the quotes as they are.
func printIn(source []byte) []byte {
	const key = `"_fingerprint":"`
	at := bytes.LastIndex(source, []byte(key))
	print, _, _ := bytes.Cut(source[at+len(key):], []byte{'"'})
	return print
}

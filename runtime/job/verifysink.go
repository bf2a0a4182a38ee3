package job

import (
	"context"
	"sync/atomic"
)

// What was found of a stored document.
const (
	differs uint8 = 1 << (4 + iota)
	agrees
)

// comparer is the sink of a [Verify]: what a sync would write is compared with
// what the index holds.
type comparer struct {
	Verification
	sync      *Sync
	documents Documents
	repairs   Sink    // takes what is to be mended
	wanted    Options // of the sync, as they were
	index     looked
	compare   comparison

	missing, different, surplus, equal, unsettled, failed, duplicate, outdated atomic.Int64

	// turn is held by whoever works on what follows. It is no mutex: a wait for
	// it ends with the run.
	turn     chan struct{}
	waiting  pile
	suspects pile  // that were not equal at the first look
	most     int   // documents in a pile
	guarded  bool  // the guard was asked
	refused  error // what it said
}

func newComparer(v *Verify) *comparer {
	return &comparer{
		Verification: v.options, sync: v.sync, documents: v.documents, repairs: v.sync.Sink, wanted: v.sync.Options,
		index: looked{Index: v.sync.Index}, compare: newComparison(v.options, v.sync.Options.Fields),
		turn: make(chan struct{}, 1), most: pileDocs,
	}
}

// looked is an index of which is known what the first scan saw.
type looked struct {
	Index
	there   bool
	scanned bool
	newest  int64 // the highest sequence number of that scan
}

// Exists reports whether the index is there.
func (l *looked) Exists(ctx context.Context) (there bool, err error) {
	there, err = l.Index.Exists(ctx)
	l.there = there
	return there, err
}

// Prepare makes the index ready.
func (l *looked) Prepare(ctx context.Context, fields map[string]string) (created bool, err error) {
	created, err = l.Index.Prepare(ctx, fields)
	l.there = err == nil
	return created, err
}

// Scan reads ids and fingerprints.
func (l *looked) Scan(ctx context.Context, visit func(id, print []byte, seqNo, primaryTerm int64) error) error {
	if l.scanned {
		return l.Index.Scan(ctx, visit)
	}
	l.scanned, l.newest = true, -1
	return l.Index.Scan(ctx, func(id, print []byte, seqNo, primaryTerm int64) error {
		l.newest = max(l.newest, seqNo)
		return visit(id, print, seqNo, primaryTerm)
	})
}

// since reports whether a document was written after the first scan. The
// numbers count within a shard: where there are several, some of what was
// written meanwhile is not recognized.
func (l *looked) since(seqNo int64) bool { return seqNo > l.newest }

func (c *comparer) take(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *comparer) give() { <-c.turn }

// Put takes a document to be compared.
func (c *comparer) Put(ctx context.Context, action, id string, source []byte, tally string) error {
	if tally == restricted {
		return c.repairs.Put(ctx, action, id, source, tally)
	}
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.give()
	if tally == "failed" { // its content could not be read
		c.failed.Add(1)
		return nil
	}
	again := tally == "duplicate"
	if again {
		c.duplicate.Add(1)
		again = !c.waiting.drop(id) && !c.suspects.drop(id)
	}
	if again { // what was repaired must be seen
		if err := c.settle(ctx); err != nil {
			return err
		}
	}
	if c.Fast {
		source = printIn(source)
	}
	c.waiting.add(id, source, again)
	if !c.waiting.full(c.most) {
		return nil
	}
	return c.look(ctx)
}

// Delete takes a document that a sync would delete.
func (c *comparer) Delete(ctx context.Context, id string, seqNo, primaryTerm int64) error {
	if c.index.since(seqNo) {
		c.unsettled.Add(1)
		return c.report(Difference{Kind: Unsettled, ID: id})
	}
	c.surplus.Add(1)
	_, marks := c.sync.stored.find(c.sync.stored.hash(id))
	if err := c.report(Difference{Kind: Surplus, ID: id, Excluded: marks != nil && *marks&excluded != 0}); err != nil || !c.Repair {
		return err
	}
	if !c.guarded {
		c.guarded = true
		if lost, _ := c.sync.stored.gone(); !c.wanted.AllowDeletes {
			c.refused = c.wanted.Guard.check(c.sync.stored.size, lost)
		}
	}
	if c.refused != nil {
		return nil
	}
	return c.repairs.Delete(ctx, id, seqNo, primaryTerm)
}

// Flush returns when everything is compared, and repaired.
func (c *comparer) Flush(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.give()
	return c.settle(ctx)
}

func (c *comparer) settle(ctx context.Context) error {
	if err := c.look(ctx); err != nil {
		return err
	}
	if err := c.lookAgain(ctx); err != nil || !c.Repair {
		return err
	}
	return c.repairs.Flush(ctx)
}

// Counts returns the counters of a sync that would make the index equal.
func (c *comparer) Counts() map[string]int64 {
	return map[string]int64{
		"created": c.missing.Load(), "updated": c.different.Load(), "noop": c.equal.Load(), "deleted": c.surplus.Load(),
		"failed": c.failed.Load(), "duplicate": c.duplicate.Load(),
	}
}

func (c *comparer) report(d Difference) error {
	if c.Report == nil {
		return nil
	}
	return c.Report(d)
}

package elastic

import (
	"context"
	"sync"
	"time"
)

// lane is a flusher: the batches of its ids, one under way at a time.
type lane struct {
	bulk *Bulk
	full chan *batch // never blocks: there are as many places as batches
	free chan *batch

	mu   sync.Mutex
	cur  *batch        // being filled; nil when all are under way
	last chan struct{} // answered of the batch handed over last

	send sender
	// What follows belongs to the goroutine that sends. next is a batch that
	// refused items are sent with, as far as they leave room. Meanwhile one
	// more batch may be filled: it is lent, and a spare one after that.
	next  *batch
	lent  bool
	spare *batch
}

func newLane(b *Bulk) *lane {
	l := &lane{
		bulk: b, cur: &batch{},
		full: make(chan *batch, batchesPerLane+1), free: make(chan *batch, batchesPerLane+1),
	}
	for range batchesPerLane - 1 {
		l.free <- &batch{}
	}
	l.send.bulk = b
	return l
}

// add copies an entry into the batch. It reports false when there is no room:
// then one waits for a free batch, gives it to take, and tries again.
func (l *lane) add(e *entry) bool {
	o, most := &l.bulk.options, l.bulk.most()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cur != nil && len(l.cur.items) > 0 && len(l.cur.buf)+e.size() > most {
		l.handOverLocked()
	}
	if l.cur == nil {
		select {
		case l.cur = <-l.free:
		default:
			return false
		}
	}
	if l.bulk.halted() {
		return false
	}
	if e.taken && e.size() > o.MaxBytes && len(l.cur.items) == 0 {
		l.cur.adopt(e)
	} else {
		l.cur.grow(e.size(), o.MaxBytes)
		l.cur.add(e)
	}
	if len(l.cur.items) >= o.MaxDocs || len(l.cur.buf) >= most {
		l.handOverLocked()
	}
	return true
}

// take gives the lane a free batch to fill.
func (l *lane) take(free *batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cur == nil {
		l.cur = free
		return
	}
	l.free <- free
}

// handOver sends the batch that is being filled and returns what is closed
// when everything handed over so far was answered; nil when there is nothing.
func (l *lane) handOver() chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cur != nil && len(l.cur.items) > 0 {
		l.handOverLocked()
	}
	return l.last
}

func (l *lane) handOverLocked() {
	l.last = make(chan struct{})
	l.cur.marks = append(l.cur.marks, mark{end: len(l.cur.items), answered: l.last})
	l.full <- l.cur
	l.cur = nil
}

// run sends batches until ctx ends.
func (l *lane) run(ctx context.Context) {
	for {
		b := l.next
		l.next = nil
		if b == nil {
			select {
			case <-ctx.Done():
				return
			case b = <-l.full:
			}
		}
		if err := l.deliver(ctx, b); err != nil {
			l.bulk.stop(err)
			return
		}
		l.release(b)
	}
}

// deliver sends a batch until every item of it is settled, and with it what
// [lane.refill] adds. An error ends the sync.
func (l *lane) deliver(ctx context.Context, b *batch) error {
	left := l.bulk.client.start(l.bulk.options.Retry)
	b.begin(left.started)
	for {
		began := time.Now()
		o, err := l.send.round(ctx, b)
		if err != nil {
			return err
		}
		if o.taken > 0 && b.drop() {
			return nil
		}
		if err := l.pause(ctx, b, o, &left, time.Since(began)); err != nil {
			return err
		}
		l.bulk.counts.add(countRetried, int64(o.open))
	}
}

// pause waits until it is time for the next request with what is left of a
// batch: not at all when the request before was cut to size; until there are
// documents to go with, when the server took most of it; and longer each time
// while it takes nothing.
func (l *lane) pause(ctx context.Context, b *batch, o outcome, left *budget, took time.Duration) error {
	if o.again == nil { // the rest of the batch was not in it
		left.relent()
		return nil
	}
	if o.cut {
		return nil
	}
	l.send.tell(ctx, o, left)
	switch {
	case o.taken == 0:
		if left.wait(ctx, o.after) {
			return nil
		}
	case time.Since(b.since(left.started)) >= left.Elapsed:
	case o.taken >= o.open:
		left.relent()
		if l.refill(b) || l.arrival(ctx, b, left.chance(shareOf(took, o))) {
			return nil
		}
	default:
		left.relent()
		if sleep(ctx, left.pause(o.after)) {
			return nil
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return givenUp(b, o, left)
}

// shareOf is the part of a time that belongs to the items that were refused.
func shareOf(took time.Duration, o outcome) time.Duration {
	return max(1, took*time.Duration(o.open)/time.Duration(o.open+o.taken))
}

// refill adds documents that were handed over meanwhile to those that are left,
// as far as one request holds them. It reports whether it added any.
func (l *lane) refill(b *batch) (some bool) {
	for {
		if l.next == nil {
			select {
			case l.next = <-l.full:
			default:
				return some
			}
		}
		any, all := b.take(l.next, l.bulk.most(), l.bulk.options.MaxDocs, time.Now())
		some = some || any
		if !all {
			l.lend()
			return some
		}
		l.release(l.next)
		l.next = nil
	}
}

// arrival waits, and less long when a batch is handed over meanwhile. It
// reports false when ctx ended.
func (l *lane) arrival(ctx context.Context, b *batch, d time.Duration) bool {
	var full chan *batch
	if l.next == nil {
		full = l.full
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case l.next = <-full:
		l.refill(b)
	}
	return true
}

// lend gives one more batch to fill while two are under way.
func (l *lane) lend() {
	if l.lent {
		return
	}
	if l.spare == nil {
		l.spare = &batch{}
	}
	l.free <- l.spare
	l.lent, l.spare = true, nil
}

// release makes a batch free to be filled again.
func (l *lane) release(b *batch) {
	l.send.shrink()
	b.reset(l.bulk.options.MaxBytes + slack)
	if l.lent {
		l.lent, l.spare = false, b
		return
	}
	l.free <- b
}

// slack is by how much a batch may grow beyond its limit and keep its memory.
const slack = 64 << 10

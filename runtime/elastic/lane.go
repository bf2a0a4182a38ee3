package elastic

import (
	"context"
	"sync"
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
}

func newLane(b *Bulk) *lane {
	l := &lane{
		bulk: b, cur: &batch{},
		full: make(chan *batch, batchesPerLane), free: make(chan *batch, batchesPerLane),
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
	o := &l.bulk.options
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cur != nil && len(l.cur.items) > 0 && len(l.cur.buf)+e.size() > o.MaxBytes {
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
	l.cur.grow(e.size(), o.MaxBytes)
	l.cur.add(e)
	if len(l.cur.items) >= o.MaxDocs || len(l.cur.buf) >= o.MaxBytes {
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
	l.cur.answered = l.last
	l.full <- l.cur
	l.cur = nil
}

// run sends batches until ctx ends.
func (l *lane) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-l.full:
			if err := l.send.batch(ctx, b); err != nil {
				l.bulk.stop(err)
				return
			}
			answered := b.answered
			l.send.shrink()
			b.reset(l.bulk.options.MaxBytes + slack)
			l.free <- b
			close(answered)
		}
	}
}

// slack is by how much a batch may grow beyond its limit and keep its memory.
const slack = 64 << 10

package elastic

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Report is told what became of documents. It is called from many goroutines, and
// the writer waits for it.
type Report interface {
	Succeeded(n int)
	// Failed is told of a document that was rejected for good. Its error ends the
	// sync.
	Failed(r connector.Rejection) error
}

// BulkOptions are the limits of a [Bulk]. Zero fields mean the default.
type BulkOptions struct {
	// Pipeline is the ingest pipeline that documents go through.
	Pipeline string
	// MaxBytes and MaxDocs bound one request; a document that is larger goes
	// alone. The defaults are 1 MiB and 5000.
	MaxBytes, MaxDocs int
	// Flushers is how many requests are under way at once; the default is 2.
	Flushers int
	// Retry is for what is sent again: 20 attempts in 5 minutes, counted anew when
	// some of a request was taken; no document longer than that time.
	Retry Retry
	// Report may be nil: a rejected document is counted then, nothing more.
	Report Report
	// Fence, when set, is asked before any part of a _bulk request is handed
	// to the connection, the first as the last, and so before each repetition.
	// Its argument says whether the request deletes documents. An error ends
	// the writer with it: the request is broken off and no other is sent.
	Fence func(deletes bool) error
	// Observe, when set, is told how long each request took until it was
	// answered, and how many of its documents have to be sent again.
	Observe func(took time.Duration, again int)
}

const (
	defaultBytes    = 1 << 20
	defaultDocs     = 5000
	defaultFlushers = 2
	batchesPerLane  = 2 // one is filled while the other is under way

	// closeTime is how long Close waits for what was accepted.
	closeTime = 30 * time.Second
)

// ErrClosed is returned by a [Bulk] after Close.
var ErrClosed = errors.New("the bulk writer is closed")

// Bulk writes documents to one index. It is safe for concurrent use.
//
// Documents are collected in batches, one _bulk request each. Every id belongs
// to one flusher, which has one request under way at a time, so one id is
// never in two; documents of one id take effect in the order of their Puts.
//
// What an answer means for an item or a request is decided by two tables, itemRules
// and requestRules. Requests and single items that were refused for the moment
// (429, 5xx, broken connections, answers that make no sense) are sent again
// within the limits of Retry: the same bytes after an unknown outcome, else
// together with documents that came meanwhile. An item is counted once, when its
// fate is known.
//
// It follows the server. Half as many requests are under way after one was
// refused for the load, and one more for each round that is taken; none begins
// while the server asks for a rest. Requests are smaller after one was too large.
// Put waits meanwhile, for some minutes at most: then the writer has given up.
//
// The memory is at most Flushers × 2 batches (3 while items are refused), each of
// MaxBytes (or its one larger document) and 24 bytes per document, plus for each
// flusher an answer and what is read from it (130 bytes per document; up to 4 KiB
// for each that is rejected) and with compression a compressed batch.
type Bulk struct {
	client  *Client
	options BulkOptions
	index   string
	content *Index // the same
	path    string
	seed    maphash.Seed
	lanes   []*lane
	counts  *counts
	pace    *pace

	guard    guard
	cancel   context.CancelCauseFunc
	running  sync.WaitGroup
	stopped  chan struct{} // closed by stop
	stopOnce sync.Once
	cause    error       // why, after stopped is closed
	givenUp  atomic.Bool // a caller's context ended while it waited
}

// Bulk returns a writer to an index, which must exist. Close it.
func (c *Client) Bulk(index string, o BulkOptions) *Bulk { return c.Index(index).Bulk(o) }

// Bulk returns a writer to the index, which must exist. Close it. It writes to no
// other index than the one that was scanned, be it of the same name.
func (x *Index) Bulk(o BulkOptions) *Bulk {
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultBytes)
	o.MaxDocs = cmp.Or(o.MaxDocs, defaultDocs)
	o.Flushers = cmp.Or(o.Flushers, defaultFlushers)
	o.Retry = o.Retry.or(bulkRetry)
	ctx, cancel := context.WithCancelCause(context.Background())
	b := &Bulk{
		client: x.client, options: o, index: x.name, content: x, path: "/" + x.name + "/_bulk",
		seed: maphash.MakeSeed(), counts: newCounts(), cancel: cancel, stopped: make(chan struct{}),
		pace: newPace(o.Flushers), guard: guard{turn: make(chan struct{}, 1)},
	}
	for range o.Flushers {
		l := newLane(b)
		b.lanes = append(b.lanes, l)
		b.running.Go(func() { l.run(ctx) })
	}
	return b
}

// Put accepts one document and blocks while its flusher has no room. The
// action is "create" (an error of the document when it exists), "index" (writes
// the whole document) or "update" (adds the fields to a document that exists);
// source is the document's JSON, copied before Put returns.
//
// A success adds to the counter tally or, when that is empty, to "created",
// "updated" or "noop" by Elasticsearch's answer. An error means that the sync
// must end; rejected documents go to Report.
func (b *Bulk) Put(ctx context.Context, action, id string, source []byte, tally string) error {
	return b.put(ctx, action, entry{id: id, source: source, tally: b.counts.number(tally)})
}

// Take is Put, but that the source, up to its capacity, is the writer's from the
// call on. A document that is larger than MaxBytes is not copied then, where
// there is room behind it for its action.
func (b *Bulk) Take(ctx context.Context, action, id string, source []byte, tally string) error {
	return b.put(ctx, action, entry{id: id, source: source, tally: b.counts.number(tally), taken: true})
}

func (b *Bulk) put(ctx context.Context, action string, e entry) error {
	var ok bool
	if e.op, ok = operation(action); !ok || e.op == opDelete {
		return errors.New("bulk action " + action + " is none of create, index and update")
	}
	return b.add(ctx, e)
}

// Delete accepts the deletion of a document that must not have changed since
// it was seen with these numbers. It adds to "deleted", to "not_found" when the
// document is gone already, or to "conflict" when it was changed, and is then
// left alone.
func (b *Bulk) Delete(ctx context.Context, id string, seqNo, primaryTerm int64) error {
	return b.add(ctx, entry{op: opDelete, id: id, seqNo: seqNo, primaryTerm: primaryTerm})
}

func (b *Bulk) add(ctx context.Context, e entry) error {
	l := b.lanes[0]
	if n := uint64(len(b.lanes)); n > 1 {
		l = b.lanes[maphash.String(b.seed, e.id)%n]
	}
	for {
		if l.add(&e) {
			return nil
		}
		select {
		case free := <-l.free:
			l.take(free)
		case <-ctx.Done():
			b.givenUp.Store(true)
			return context.Cause(ctx)
		case <-b.stopped:
			return b.cause
		}
	}
}

// Flush sends what is collected and returns when everything accepted was
// answered. An error means that the sync must end.
func (b *Bulk) Flush(ctx context.Context) error {
	var waits []chan struct{}
	for _, l := range b.lanes {
		if done := l.handOver(); done != nil {
			waits = append(waits, done)
		}
	}
	for _, done := range waits {
		select {
		case <-done:
		case <-b.stopped:
			return b.cause
		case <-ctx.Done():
			b.givenUp.Store(true)
			return context.Cause(ctx)
		}
	}
	if b.halted() {
		return b.cause
	}
	return b.guard.check(ctx, b)
}

// Counts returns the counters: "created", "updated", "noop", "deleted",
// "not_found", "conflict", "dropped" (by an ingest pipeline), "failed", the tallies, "retried" (documents sent
// again), "requests" and "bytes" (of requests, as sent).
func (b *Bulk) Counts() map[string]int64 { return b.counts.all() }

// Close sends what is left, for 30 s at most, and ends the flushers. After an
// error, or after a Put or Flush was cancelled, it ends them at once.
func (b *Bulk) Close() error {
	var err error
	if !b.givenUp.Load() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		err = b.Flush(ctx)
		cancel()
	}
	b.stop(ErrClosed)
	b.running.Wait()
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

func (b *Bulk) halted() bool {
	select {
	case <-b.stopped:
		return true
	default:
		return false
	}
}

// stop ends everything; the first cause counts.
func (b *Bulk) stop(cause error) {
	b.stopOnce.Do(func() {
		b.cause = cause
		close(b.stopped)
		b.cancel(cause)
	})
}

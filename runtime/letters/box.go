package letters

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Options are of one run.
type Options struct {
	Store
	// Connector is the connector's id, or the owner of a sync without one.
	Connector string
	Job       string // id of the sync job; may be empty
	Target    string // index of the documents
	Pipeline  string // of the documents
	// Fence, when set, is asked before letters are written; its error means that
	// the run is another's by now, and nothing is written any more.
	Fence func(deletes bool) error
	// Redact takes secrets out of reasons; nil changes nothing.
	Redact func(string) string
	Now    func() time.Time
}

// Box takes the letters of one run. It is safe for concurrent use.
//
// Letters are written in batches, one request each, beside the run. While the
// index takes none, they go to the file, and the index is not asked again: an
// Elasticsearch in trouble gets no more requests by this. A batch is at most
// [batchBytes] and one letter; there are three at most. Of every letter that the
// connector has, some 40 bytes are kept as long as the run.
type Box struct {
	o    Options
	seed maphash.Seed

	mu    sync.Mutex
	known map[uint64]note // by the hash of the document's id
	over  bool            // Finish has taken what was known
	ended map[uint64]note
	batch []entry
	size  int
	fresh bool // letters were taken since the last call of Came

	full chan batch
	last chan struct{} // closed by Finish: no other batch counts
	idle chan struct{} // closed when the last batch is written
	out  writer
}

// batch is letters that are written at once.
type batch struct {
	letters []entry
	written chan struct{} // closed when they are; may be nil
}

// entry is a letter that is to be written.
type entry struct {
	key  string
	line []byte
}

// note is what is known of a letter.
type note struct {
	attempts uint16
	counted  bool // this run is one of the attempts
	state    state
}

const mostAttempts = 1 << 15

// state is what a run has seen of a letter's document.
type state uint8

const (
	waiting state = iota // nothing yet
	failing              // it failed, or could not be read
	arrived              // it came in, or is gone from the source
)

const (
	batchBytes   = 512 << 10
	batchLetters = 500
)

// Open begins a run: it looks up which letters the connector has. What goes wrong
// there is logged, and no letter is removed then. End it with [Box.Finish].
func Open(ctx context.Context, o Options) *Box {
	b := &Box{
		o: o, seed: maphash.MakeSeed(), known: map[uint64]note{}, full: make(chan batch, 1), last: make(chan struct{}), idle: make(chan struct{}),
		out: newWriter(o),
	}
	err := o.Each(ctx, Query{Connector: o.Connector}, func(l *Letter, _ Place) error {
		b.known[b.hash(l.ID)] = note{attempts: uint16(min(max(l.Attempts, 0), mostAttempts))}
		return nil
	})
	if err != nil {
		clear(b.known)
		o.Log.Debug("it is not known which dead letters there are", "error", err)
	}
	go b.write(ctx)
	return b
}

func (b *Box) hash(id string) uint64 { return maphash.String(b.seed, id) }

// Keep takes the letter of a document that failed. It waits only while two
// batches are under way.
func (b *Box) Keep(r connector.Rejection) {
	if full := b.take(r); full != nil {
		b.send(batch{letters: full}) // not under the lock: others need not wait
	}
}

// send hands a batch over; what comes when the run is over is not kept.
func (b *Box) send(some batch) {
	select {
	case b.full <- some:
	case <-b.idle:
	}
}

// settle returns when every letter that was taken is written.
func (b *Box) settle() {
	b.mu.Lock()
	some, fresh := batch{b.rest(), make(chan struct{})}, b.fresh
	b.fresh = false
	b.mu.Unlock()
	if !fresh {
		return
	}
	b.send(some)
	select {
	case <-some.written:
	case <-b.idle:
	}
}

// take returns the batch when it is full.
func (b *Box) take(r connector.Rejection) (full []entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hash(r.ID)
	n := b.known[h]
	if !n.counted {
		n.attempts, n.counted = min(n.attempts+1, mostAttempts), true
	}
	n.state = failing
	b.known[h] = n
	b.fresh = true
	b.add(b.letter(r, int(n.attempts)))
	if b.size >= batchBytes || len(b.batch) >= batchLetters {
		return b.rest()
	}
	return nil
}

// rest takes the batch out.
func (b *Box) rest() []entry {
	taken := b.batch
	b.batch, b.size = nil, 0
	return taken
}

func (b *Box) letter(r connector.Rejection, attempts int) *Letter {
	l := &Letter{
		At: b.o.Now().UTC().Truncate(time.Millisecond), Key: Key(b.o.Connector, r.ID), Connector: b.o.Connector,
		Index: b.o.Target, Pipeline: b.o.Pipeline, ID: r.ID, Action: r.Action, Class: r.Class, Reason: r.Reason,
		Attempts: attempts, Job: b.o.Job, Body: r.Source, Attachment: r.Attachment, NeedsSource: r.Attachment != nil,
	}
	if b.o.Redact != nil {
		l.Reason = b.o.Redact(l.Reason)
	}
	return l
}

func (b *Box) add(l *Letter) {
	line, err := l.encode()
	if err != nil {
		b.o.Log.Warn("a dead letter can't be kept", "document", l.ID, "error", err)
		return
	}
	b.batch = append(b.batch, entry{l.Key, line})
	b.size += len(line)
}

// Unread notes a document that failed in another way, so that its letter, if it
// has one, stays.
func (b *Box) Unread(id string) { b.mark(failing, id) }

// Came notes changes that were carried out, except for those of documents that
// failed since the last call. When it returns their letters are written, so that
// no position is stored beyond a document that is nowhere.
func (b *Box) Came(ids []string) {
	b.mark(arrived, ids...)
	b.settle()
}

func (b *Box) mark(to state, ids ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) == 0 {
		return
	}
	for _, id := range ids {
		h := b.hash(id)
		n, has := b.known[h]
		if !has {
			continue
		}
		if to == arrived && n.state == failing {
			n.state = waiting // it failed just now; the next change may do better
		} else {
			n.state = to
		}
		b.known[h] = n
	}
}

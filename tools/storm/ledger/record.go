// Package ledger is the log of everything that processes under test wrote to
// Elasticsearch, as what stands between them saw it, and what it shows: one job
// at a time on a connector, no write without a claim, counters that are true.
package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"time"
)

// Record is a log that is being written. It is safe for concurrent use.
type Record struct {
	started time.Time

	mu     sync.Mutex
	writes []Write
}

// Write is one request that changed something, or would have.
type Write struct {
	Who string // the replica and its run, such as "2.1"; or the user
	// Received is when the whole request was there, Answered when the node
	// had answered it; both since the start, by one clock.
	Received, Answered time.Duration
	Status             int  // the node's answer; 0: it was never asked
	Unknown            bool // it was asked and ended before it answered
	Delivered          bool // the answer was handed to the connection

	Bulk      *Bulk      `json:",omitempty"`
	Job       *JobDoc    `json:",omitempty"`
	Connector *Connector `json:",omitempty"`
}

// Bulk is a request about documents.
type Bulk struct {
	Connector string // whose index it is
	Items     []Item
}

// Item is one document of a bulk request, and what the node did with it.
type Item struct {
	Action, ID, Result string
	Status             int
}

// JobDoc is a job as it was written.
type JobDoc struct {
	ID, Connector, Type, Trigger, Status, Error, Claim string
	Requeued                                           int
	Indexed, Deleted, Failed, SeqNo                    int64
	Removed                                            bool
}

// Connector is a connector as it was written.
type Connector struct {
	ID, SyncStatus, LastSynced string
	SeqNo                      int64
}

// NewRecord returns an empty log whose time begins now.
func NewRecord() *Record { return &Record{started: time.Now()} }

// Now is the time of the log.
func (r *Record) Now() time.Duration { return time.Since(r.started) }

// Add puts a write into the log and returns its number.
func (r *Record) Add(w Write) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes = append(r.writes, w)
	return len(r.writes) - 1
}

// Delivered notes that the answer to a write was handed over.
func (r *Record) Delivered(number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes[number].Delivered = true
}

// All returns the log so far.
func (r *Record) All() []Write {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.writes)
}

// done reports whether the node did what it was asked for.
func (w *Write) done() bool { return w.Status >= 200 && w.Status < 300 }

// Store writes the log, one line for each write, for people to look at.
func (r *Record) Store(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(f)
	lines := json.NewEncoder(buffer)
	for _, w := range r.All() {
		if err = lines.Encode(w); err != nil {
			break
		}
	}
	return errors.Join(err, buffer.Flush(), f.Close())
}

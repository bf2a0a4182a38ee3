package trial

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"time"
)

// record is the log of everything that was written through the gateways.
type record struct {
	started time.Time

	mu     sync.Mutex
	writes []write
}

// write is one request that changed something, or would have.
type write struct {
	Who string // the replica and its run, such as "2.1"; or the user
	// Received is when the whole request was there, Answered when the node
	// had answered it; both since the start, by one clock.
	Received, Answered time.Duration
	Status             int  // the node's answer; 0: it was never asked
	Delivered          bool // the answer was handed to the connection

	Bulk      *bulk      `json:",omitempty"`
	Job       *jobDoc    `json:",omitempty"`
	Connector *connector `json:",omitempty"`
}

// bulk is a request about documents.
type bulk struct {
	Connector string // whose index it is
	Items     []item
}

// item is one document of a bulk request, and what the node did with it.
type item struct {
	Action, ID, Result string
	Status             int
}

// jobDoc is a job as it was written.
type jobDoc struct {
	ID, Connector, Type, Trigger, Status, Error, Claim string
	Requeued                                           int
	Indexed, Deleted, Failed, SeqNo                    int64
	Removed                                            bool
}

// connector is a connector as it was written.
type connector struct {
	ID, SyncStatus, LastSynced string
	SeqNo                      int64
}

func newRecord() *record { return &record{started: time.Now()} }

func (r *record) now() time.Duration { return time.Since(r.started) }

// add puts a write into the log and returns its number.
func (r *record) add(w write) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes = append(r.writes, w)
	return len(r.writes) - 1
}

func (r *record) delivered(number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes[number].Delivered = true
}

// all returns the log so far.
func (r *record) all() []write {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.writes)
}

// done reports whether the node did what it was asked for.
func (w *write) done() bool { return w.Status >= 200 && w.Status < 300 }

// store writes the log, one line for each write, for people to look at.
func (r *record) store(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(f)
	lines := json.NewEncoder(buffer)
	for _, w := range r.all() {
		if err = lines.Encode(w); err != nil {
			break
		}
	}
	return errors.Join(err, buffer.Flush(), f.Close())
}

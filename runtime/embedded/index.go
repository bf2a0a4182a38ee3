package embedded

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"
)

// indexMeta is what the store keeps of an index besides its documents.
type indexMeta struct {
	UUID     string                    `json:"uuid"`
	Created  int64                     `json:"created"` // milliseconds since 1970
	Settings map[string]string         `json:"settings"`
	Mapping  json.RawMessage           `json:"mapping"`
	Aliases  map[string]map[string]any `json:"aliases,omitempty"`

	compiled *mapping
}

// position is the state of an index after its last transaction.
type position struct {
	seq  int64 // the last sequence number, -1 when there is none
	live int64 // documents
}

// index is one open index.
type index struct {
	node    *Node
	name    string
	uuid    string
	created int64

	mapMu         sync.Mutex // held while the mapping grows
	mapping       atomic.Pointer[mapping]
	mappingStored atomic.Pointer[mapping]

	mu       sync.Mutex
	settings map[string]string
	aliases  map[string]map[string]any
	pos      position
	written  time.Time
	holds    map[int64]int // snapshot → number of readers
	searcher *follower
}

func newIndex(n *Node, name string, m indexMeta) (*index, error) {
	compiled, err := compileMapping(m.Mapping)
	if err != nil {
		return nil, err
	}
	ix := &index{
		node: n, name: name, uuid: m.UUID, created: m.Created, settings: m.Settings, aliases: m.Aliases,
		pos: position{seq: -1}, holds: map[int64]int{},
	}
	ix.mapping.Store(compiled)
	ix.mappingStored.Store(compiled)
	ix.searcher = newFollower(ix)
	return ix, nil
}

func (ix *index) meta() indexMeta {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	m := ix.mapping.Load()
	return indexMeta{
		UUID: ix.uuid, Created: ix.created, Settings: ix.settings, Mapping: m.source(), Aliases: ix.aliases, compiled: m,
	}
}

func (ix *index) position() position {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.pos
}

// advance publishes what a transaction wrote and wakes the searcher.
func (ix *index) advance(p position, now time.Time) {
	ix.mu.Lock()
	ix.pos, ix.written = p, now
	ix.mu.Unlock()
	ix.searcher.wake()
}

// hold keeps the records that snapshot w sees until release.
func (ix *index) hold(w int64) {
	ix.mu.Lock()
	ix.holds[w]++
	ix.mu.Unlock()
}

// holdLatest holds the newest snapshot.
func (ix *index) holdLatest() position {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.holds[ix.pos.seq]++
	return ix.pos
}

func (ix *index) release(w int64) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.holds[w]--; ix.holds[w] <= 0 {
		delete(ix.holds, w)
	}
}

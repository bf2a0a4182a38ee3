package embedded

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

// graveyard is how long a deletion is remembered, so that a document written again continues its version (as index.gc_deletes).
const graveyard = 60 * time.Second

// sweepMax bounds the records that one transaction removes.
const sweepMax = 20000

// floor is the lowest snapshot that anyone may still read.
func (ix *index) floor() int64 {
	ix.searcher.mu.Lock()
	low := ix.searcher.durable
	ix.searcher.mu.Unlock()
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for w := range ix.holds {
		low = min(low, w)
	}
	return low
}

// sweepAll removes the versions that no reader needs. It runs between transactions, in the goroutine that writes.
func (n *Node) sweepAll() {
	n.mu.RLock()
	all := make([]*index, 0, len(n.indices))
	for _, ix := range n.indices {
		all = append(all, ix)
	}
	n.mu.RUnlock()
	now := n.now()
	for _, ix := range all {
		if !n.sweepable(ix, now) {
			continue
		}
		err := n.db.Update(func(tx *bolt.Tx) error { return sweep(tx, ix, now) })
		if err != nil {
			n.log.Error("sweep", "index", ix.name, "error", err)
		}
	}
}

func (n *Node) sweepable(ix *index, now time.Time) bool {
	floor, found := ix.floor(), false
	err := n.db.View(func(tx *bolt.Tx) error {
		b, err := openBuckets(tx, ix.uuid)
		if err != nil {
			return nil // deleted
		}
		if k, _ := b.by.Cursor().First(); k != nil && keySeq(k) <= floor {
			found = true
		}
		if k, v := b.gone.Cursor().First(); k != nil && buried(k, v, floor, now) {
			found = true
		}
		return nil
	})
	return err == nil && found
}

func buried(k, v []byte, floor int64, now time.Time) bool {
	return keySeq(k) <= floor && now.Sub(time.Unix(keySeq(v), 0)) > graveyard
}

func sweep(tx *bolt.Tx, ix *index, now time.Time) error {
	b, err := openBuckets(tx, ix.uuid)
	if err != nil {
		return nil // deleted
	}
	floor := ix.floor()
	if err := sweepReplaced(b, floor); err != nil {
		return err
	}
	return sweepGone(b, floor, now)
}

func sweepReplaced(b buckets, floor int64) error {
	c := b.by.Cursor()
	left := sweepMax
	for k, v := c.First(); k != nil && keySeq(k) <= floor && left > 0; k, v = c.First() {
		if err := b.log.Delete(v); err != nil {
			return err
		}
		if err := b.old.Delete(v); err != nil {
			return err
		}
		if err := c.Delete(); err != nil {
			return err
		}
		left--
	}
	return nil
}

func sweepGone(b buckets, floor int64, now time.Time) error {
	c := b.gone.Cursor()
	for k, v := c.First(); k != nil && buried(k, v, floor, now); k, v = c.First() {
		r, err := b.read(keySeq(k))
		if err == nil {
			if h, ok := decodeHead(b.ids.Get(r.id)); ok && h.seq == r.seq {
				if err := b.ids.Delete(r.id); err != nil {
					return err
				}
			}
			if err := b.log.Delete(k); err != nil {
				return err
			}
		}
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

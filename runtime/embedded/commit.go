package embedded

import (
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxGroup bounds the requests, and maxGroupBytes the bytes, that share one transaction and so one fsync.
const (
	maxGroup      = 64
	maxGroupBytes = 16 << 20
)

// commit is one caller's part of a transaction. apply must not return an error after it has changed something
// that the other parts may not see: an error undoes the whole transaction, and each part is then run alone.
type commit struct {
	apply func(*writeTx) error
	size  int
	done  chan error
}

// write runs apply in a transaction that is on the disk when write returns nil.
func (n *Node) write(size int, apply func(*writeTx) error) error {
	c := &commit{apply: apply, size: size, done: make(chan error, 1)}
	select {
	case n.commits <- c:
	case <-n.stop:
		return errClosed
	}
	select {
	case err := <-c.done:
		return err
	case <-n.stopped:
		select {
		case err := <-c.done:
			return err
		default:
			return errClosed
		}
	}
}

// commitLoop joins what waits into one transaction (group commit).
func (n *Node) commitLoop() {
	defer close(n.stopped)
	sweep := time.NewTicker(time.Second)
	defer sweep.Stop()
	for {
		select {
		case c := <-n.commits:
			n.runGroup(n.gather(c))
		case <-sweep.C:
			n.expirePITs(n.now())
			n.sweepAll()
		case <-n.stop:
			return
		}
	}
}

func (n *Node) gather(first *commit) []*commit {
	group, size := []*commit{first}, first.size
	for len(group) < maxGroup && size < maxGroupBytes {
		select {
		case c := <-n.commits:
			group, size = append(group, c), size+c.size
		default:
			return group
		}
	}
	return group
}

func (n *Node) runGroup(group []*commit) {
	err := n.runTx(group)
	if err != nil && len(group) > 1 {
		for _, c := range group {
			c.done <- n.runTx([]*commit{c})
		}
		return
	}
	for _, c := range group {
		c.done <- err
	}
}

func (n *Node) runTx(group []*commit) error {
	w := &writeTx{node: n, open: map[*index]*indexTx{}}
	err := n.db.Update(func(tx *bolt.Tx) error {
		w.tx = tx
		for _, c := range group {
			if err := c.apply(w); err != nil {
				return err
			}
		}
		return w.finish()
	})
	if err == nil {
		w.publish()
		return nil
	}
	for _, ix := range w.metas {
		ix.mappingStored.Store(nil) // it was not
	}
	return err
}

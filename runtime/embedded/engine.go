package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
	bolt "go.etcd.io/bbolt"
)

// batchDocs and batchBytes bound what is handed to Bleve at once.
const (
	batchDocs  = 2000
	batchBytes = 4 << 20
)

// keyIndexed is where a Bleve index keeps the last sequence number it holds. Its name changes with what is indexed, so that an
// older index is built anew.
var keyIndexed = []byte("seq_no.2")

// engine is an open Bleve index. Its documents are named by the eight bytes of their sequence number.
type engine struct {
	index    bleveindex.Index
	analysis *bleveindex.AnalysisQueue
}

func openEngine(dir string) (*engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	queue := bleveindex.NewAnalysisQueue(2)
	ix, err := scorch.NewScorch(scorch.Name, engineConfig(dir), queue)
	if err == nil {
		err = ix.Open()
	}
	if err != nil {
		queue.Close()
		return nil, fmt.Errorf("open search index %s: %w", dir, err)
	}
	return &engine{index: ix, analysis: queue}, nil
}

// engineConfig makes writes of one document that are made visible one by one cheap: Bleve gathers them for a moment before it
// writes to the disk, and joins them with each other before it joins them with larger segments, which costs the whole segment.
func engineConfig(dir string) map[string]any {
	return map[string]any{
		"path": dir, "unsafe_batch": true, "numSnapshotsToKeep": 1,
		"scorchPersisterOptions": map[string]any{"PersisterNapTimeMSec": 200},
		"scorchMergePlanOptions": map[string]any{"FloorSegmentSize": 64, "ReclaimDeletesWeight": 0.5},
	}
}

func (e *engine) close() error {
	err := e.index.Close()
	e.analysis.Close()
	return err
}

var errOlder = errors.New("the search index is of an older version")

// indexedSeq is the last sequence number that a reader sees, -1 for none.
func indexedSeq(r bleveindex.IndexReader) (int64, error) {
	raw, err := r.GetInternal(keyIndexed)
	if err != nil {
		return -1, err
	}
	if len(raw) != 8 {
		return -1, nil
	}
	return keySeq(raw), nil
}

func (n *Node) searchDir(uuid string) string { return filepath.Join(n.dir, "search", uuid) }

// open opens the Bleve index once. One that cannot be opened, or is ahead of the documents, is built anew.
func (s *follower) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine != nil {
		return nil
	}
	dir := s.ix.node.searchDir(s.ix.uuid)
	e, seq, err := openAt(dir)
	if err != nil || seq > s.ix.position().seq {
		s.ix.node.log.Warn("search index is built anew", "index", s.ix.name, "error", err)
		if e != nil {
			if err := e.close(); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if e, seq, err = openAt(dir); err != nil {
			return err
		}
	}
	s.engine, s.indexed, s.durable = e, seq, seq
	close(s.turned) // what is to be seen may be seen already
	s.turned = make(chan struct{})
	return nil
}

func openAt(dir string) (*engine, int64, error) {
	e, err := openEngine(dir)
	if err != nil {
		return nil, -1, err
	}
	r, err := e.index.Reader()
	if err != nil {
		return e, -1, err
	}
	seq, err := indexedSeq(r)
	if held, failed := r.DocCount(); err == nil && seq < 0 && (failed != nil || held > 0) {
		err = errors.Join(errOlder, failed)
	}
	return e, seq, errors.Join(err, r.Close())
}

// step indexes the next batch.
func (s *follower) step() error {
	batch := bleveindex.NewBatch()
	last, err := s.fill(batch)
	if err != nil {
		return err
	}
	batch.SetInternal(keyIndexed, seqKey(last))
	batch.SetPersistedCallback(func(err error) {
		if err == nil {
			s.persisted(last)
		}
	})
	if err := s.engine.index.Batch(batch); err != nil {
		return err
	}
	s.reached(last)
	return nil
}

// fill puts the next records into a batch and returns the last sequence number it stands for.
func (s *follower) fill(batch *bleveindex.Batch) (int64, error) {
	last := s.indexed
	target := s.ix.position().seq
	m := s.ix.mapping.Load()
	err := s.ix.node.db.View(func(tx *bolt.Tx) error {
		b, err := openBuckets(tx, s.ix.uuid)
		if err != nil {
			return nil // deleted meanwhile
		}
		size := 0
		c := b.log.Cursor()
		for k, v := c.Seek(seqKey(last + 1)); k != nil && len(batch.IndexOps) < batchDocs && size < batchBytes; k, v = c.Next() {
			if keySeq(k) > target {
				break
			}
			r, err := decodeRecord(keySeq(k), v)
			if err != nil {
				return err
			}
			if prev := b.by.Get(k); prev != nil {
				batch.Delete(string(prev))
			}
			last = r.seq
			if r.deleted {
				continue
			}
			size += len(v)
			batch.Update(buildDocument(m, r))
		}
		if k, _ := c.Seek(seqKey(last + 1)); k == nil || keySeq(k) > target {
			last = target
		}
		return nil
	})
	return last, err
}

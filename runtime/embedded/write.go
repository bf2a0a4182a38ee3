package embedded

import (
	"encoding/json"
	"net/http"

	bolt "go.etcd.io/bbolt"
)

// writeTx is one transaction of the store, shared by a group of requests.
type writeTx struct {
	node *Node
	tx   *bolt.Tx
	open map[*index]*indexTx

	metas []*index // whose meta was written
}

// indexTx is one index within a writeTx.
type indexTx struct {
	buckets
	ix   *index
	next int64 // the next sequence number
	live int64
}

func (w *writeTx) index(ix *index) (*indexTx, error) {
	if t := w.open[ix]; t != nil {
		return t, nil
	}
	b, err := openBuckets(w.tx, ix.uuid)
	if err != nil {
		return nil, indexMissing(ix.name)
	}
	b.log.FillPercent = 0.95
	pos := ix.position()
	t := &indexTx{buckets: b, ix: ix, next: pos.seq + 1, live: pos.live}
	w.open[ix] = t
	return t, nil
}

// finish stores the counters and the mappings that changed since the last transaction.
func (w *writeTx) finish() error {
	for ix, t := range w.open {
		if err := t.top.Put(keyLive, seqKey(t.live)); err != nil {
			return err
		}
		if err := t.log.SetSequence(uint64(t.next)); err != nil {
			return err
		}
		if ix.mappingStored.Load() != ix.mapping.Load() {
			if err := w.putMeta(ix); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writeTx) putMeta(ix *index) error {
	b := w.tx.Bucket(bucketIndices)
	if b.Get([]byte(ix.name)) == nil {
		return nil // deleted meanwhile
	}
	meta := ix.meta()
	raw, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	ix.mappingStored.Store(meta.compiled)
	w.metas = append(w.metas, ix)
	return b.Put([]byte(ix.name), raw)
}

func (w *writeTx) publish() {
	for ix, t := range w.open {
		ix.advance(position{seq: t.next - 1, live: t.live}, w.node.now())
	}
}

// expect are the conditions of one write.
type expect struct {
	create         bool
	conditional    bool
	seqNo, primary int64
	external       bool // version_type external
	version        int64
}

// result is what one write did.
type result struct {
	seq, version int64
	outcome      string // created, updated, deleted, not_found, noop
}

func (t *indexTx) conflict(id string, format string, args ...any) *apiError {
	e := fail(http.StatusConflict, "version_conflict_engine_exception", "[%s]: version conflict, "+format, append([]any{id}, args...)...)
	e.extra = map[string]any{"index": t.ix.name, "index_uuid": t.ix.uuid, "shard": "0"}
	return e
}

// check compares the document's head with what the caller expects.
func (t *indexTx) check(id string, h head, exists bool, x expect) error {
	if x.create && exists {
		return t.conflict(id, "document already exists (current version [%d])", h.version)
	}
	if !x.conditional {
		return nil
	}
	if !exists {
		return t.conflict(id, "required seqNo [%d], primary term [%d]. but no document was found", x.seqNo, x.primary)
	}
	if h.seq != x.seqNo || x.primary != primaryTerm {
		return t.conflict(id, "required seqNo [%d], primary term [%d]. current document has seqNo [%d] and primary term [%d]",
			x.seqNo, x.primary, h.seq, primaryTerm)
	}
	return nil
}

// put writes one version of a document. source is copied into the transaction when it is committed.
func (t *indexTx) put(id string, source []byte, x expect) (result, error) {
	h, known := decodeHead(t.ids.Get([]byte(id)))
	exists := known && !h.deleted
	if err := t.check(id, h, exists, x); err != nil {
		return result{}, err
	}
	r := record{seq: t.next, version: 1, id: []byte(id), source: source}
	if known {
		r.version = h.version + 1
	}
	if err := t.append(r, h, known); err != nil {
		return result{}, err
	}
	if !exists {
		t.live++
		return result{seq: r.seq, version: r.version, outcome: "created"}, nil
	}
	return result{seq: r.seq, version: r.version, outcome: "updated"}, nil
}

// remove writes a deletion; deleting what is not there is one too, as in Elasticsearch.
func (t *indexTx) remove(id string, x expect) (result, error) {
	h, known := decodeHead(t.ids.Get([]byte(id)))
	exists := known && !h.deleted
	if err := t.check(id, h, exists, x); err != nil {
		return result{}, err
	}
	r := record{seq: t.next, version: 1, deleted: true, id: []byte(id)}
	if known {
		r.version = h.version + 1
	}
	if err := t.append(r, h, known); err != nil {
		return result{}, err
	}
	if err := t.gone.Put(seqKey(r.seq), seqKey(t.ix.node.now().Unix())); err != nil {
		return result{}, err
	}
	if !exists {
		return result{seq: r.seq, version: r.version, outcome: "not_found"}, nil
	}
	t.live--
	return result{seq: r.seq, version: r.version, outcome: "deleted"}, nil
}

func (t *indexTx) append(r record, h head, known bool) error {
	key := seqKey(r.seq)
	if err := t.log.Put(key, r.encode()); err != nil {
		return err
	}
	if err := t.ids.Put(r.id, head{seq: r.seq, version: r.version, deleted: r.deleted}.encode()); err != nil {
		return err
	}
	t.next++
	if !known {
		return nil
	}
	if err := t.old.Put(seqKey(h.seq), key); err != nil {
		return err
	}
	return t.by.Put(key, seqKey(h.seq))
}

package embedded

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// One index is one bucket, named by its uuid, with five buckets inside:
//
//	log   sequence number → record     every version that a reader may still need, in order of writing
//	ids   _id → sequence number, version, deleted
//	old   s → t                        record s was replaced by record t
//	by    t → s                        the same, from the other side
//	gone  t → unix seconds             record t is a deletion
//
// A snapshot is a number W: it sees record s when s ≤ W and no t ≤ W replaced it. `old` and `by` are emptied
// up to the lowest W that anyone holds (see sweep).
var (
	bucketIndices   = []byte("indices")   // name → indexMeta
	bucketTemplates = []byte("templates") // name → body
	bucketDocs      = []byte("docs")      // uuid → the five buckets
	bucketNode      = []byte("node")      // what is known of the folder itself
	keyUUID         = []byte("uuid")
	bucketLog       = []byte("log")
	bucketIDs       = []byte("ids")
	bucketOld       = []byte("old")
	bucketBy        = []byte("by")
	bucketGone      = []byte("gone")
	keyLive         = []byte("live")
)

// primaryTerm is the only one there is: no other node can take over.
const primaryTerm = 1

// record is one version of a document. Its slices belong to the transaction that read it.
type record struct {
	seq     int64
	version int64
	deleted bool
	id      []byte
	source  []byte
}

func seqKey(seq int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(seq))
}

func keySeq(k []byte) int64 { return int64(binary.BigEndian.Uint64(k)) }

func (r record) encode() []byte {
	b := make([]byte, 0, len(r.id)+len(r.source)+12)
	if r.deleted {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(r.version))
	b = binary.AppendUvarint(b, uint64(len(r.id)))
	b = append(b, r.id...)
	return append(b, r.source...)
}

func decodeRecord(seq int64, b []byte) (record, error) {
	r := record{seq: seq}
	if len(b) == 0 {
		return r, fmt.Errorf("record %d is empty: the store is damaged", seq)
	}
	r.deleted = b[0] == 1
	version, n := binary.Uvarint(b[1:])
	if n <= 0 {
		return r, fmt.Errorf("record %d has no version: the store is damaged", seq)
	}
	b = b[1+n:]
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return r, fmt.Errorf("record %d has no id: the store is damaged", seq)
	}
	b = b[n:]
	r.version, r.id, r.source = int64(version), b[:length], b[length:]
	return r, nil
}

// head is what `ids` holds of a document: its latest version.
type head struct {
	seq     int64
	version int64
	deleted bool
}

func (h head) encode() []byte {
	b := make([]byte, 0, 20)
	b = binary.BigEndian.AppendUint64(b, uint64(h.seq))
	if h.deleted {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(h.version))
}

func decodeHead(b []byte) (head, bool) {
	if len(b) < 10 {
		return head{seq: -1}, false
	}
	version, _ := binary.Uvarint(b[9:])
	return head{seq: keySeq(b), deleted: b[8] == 1, version: int64(version)}, true
}

// buckets are one index's buckets within one transaction.
type buckets struct {
	top, log, ids, old, by, gone *bolt.Bucket
}

func openBuckets(tx *bolt.Tx, uuid string) (buckets, error) {
	top := tx.Bucket(bucketDocs).Bucket([]byte(uuid))
	if top == nil {
		return buckets{}, fmt.Errorf("no bucket for index %s", uuid)
	}
	return buckets{
		top: top, log: top.Bucket(bucketLog), ids: top.Bucket(bucketIDs), old: top.Bucket(bucketOld),
		by: top.Bucket(bucketBy), gone: top.Bucket(bucketGone),
	}, nil
}

func createBuckets(tx *bolt.Tx, uuid string) error {
	top, err := tx.Bucket(bucketDocs).CreateBucket([]byte(uuid))
	if err != nil {
		return err
	}
	for _, name := range [][]byte{bucketLog, bucketIDs, bucketOld, bucketBy, bucketGone} {
		if _, err := top.CreateBucket(name); err != nil {
			return err
		}
	}
	return top.Put(keyLive, seqKey(0))
}

// at returns the record of id that snapshot w sees.
func (b buckets) at(id []byte, w int64) (record, bool, error) {
	h, ok := decodeHead(b.ids.Get(id))
	if !ok {
		return record{}, false, nil
	}
	for seq := h.seq; ; {
		if seq <= w {
			r, err := b.read(seq)
			return r, err == nil && !r.deleted, err
		}
		prev := b.by.Get(seqKey(seq))
		if prev == nil {
			return record{}, false, nil
		}
		seq = keySeq(prev)
	}
}

func (b buckets) read(seq int64) (record, error) {
	return decodeRecord(seq, b.log.Get(seqKey(seq)))
}

// scan visits the live records with seq > after that snapshot w sees, in order of seq, until visit returns false.
func (b buckets) scan(after, w int64, visit func(record) (bool, error)) error {
	log, old := b.log.Cursor(), b.old.Cursor()
	start := seqKey(after + 1)
	replaced, by := old.Seek(start)
	for k, v := log.Seek(start); k != nil; k, v = log.Next() {
		seq := keySeq(k)
		if seq > w {
			return nil
		}
		for replaced != nil && keySeq(replaced) < seq {
			replaced, by = old.Next()
		}
		if replaced != nil && keySeq(replaced) == seq && keySeq(by) <= w {
			continue
		}
		r, err := decodeRecord(seq, v)
		if err != nil {
			return err
		}
		if r.deleted {
			continue
		}
		if more, err := visit(r); err != nil || !more {
			return err
		}
	}
	return nil
}

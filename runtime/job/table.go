package job

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
)

// runs is the number of sorted runs that a table is cut into, by the highest
// bits of the hash. Small runs grow without copying the whole.
const runs = 256

// What happened to a stored document in this run.
const (
	seen     uint8 = 1 << iota // the source emitted it
	excluded                   // a rule excluded it
	sent                       // it was given to the sink
	kept                       // it was unchanged, and counted so
)

// entry is one stored document: the seeded hashes of its id and of its
// fingerprint. No hash of a fingerprint is 0; 0 means that there was none.
type entry struct{ id, print uint64 }

// table is the own documents that the index held when the run began: 17 bytes
// a document, no strings. Ids are known by a hash whose seed lasts one run. A
// collision can keep a stale document until the next run, never delete a live
// one.
type table struct {
	seed    maphash.Seed
	entries [runs][]entry
	marks   [runs][]uint8
	size    int
}

func newTable() *table {
	return &table{seed: maphash.MakeSeed()}
}

func (t *table) hash(id string) uint64         { return maphash.String(t.seed, id) }
func (t *table) hashBytes(id []byte) uint64    { return maphash.Bytes(t.seed, id) }
func (t *table) printHash(print []byte) uint64 { return max(1, maphash.Bytes(t.seed, print)) }

// add holds one stored document; sort must follow before the first find.
func (t *table) add(id, print uint64) {
	run := id >> 56
	t.entries[run] = append(t.entries[run], entry{id, print})
	t.size++
}

func (t *table) sort() {
	for i := range t.entries {
		slices.SortFunc(t.entries[i], func(a, b entry) int { return cmp.Compare(a.id, b.id) })
		t.marks[i] = make([]uint8, len(t.entries[i]))
	}
}

// find returns the entry of an id and its marks, or nil.
func (t *table) find(id uint64) (*entry, *uint8) {
	run := id >> 56
	i, ok := slices.BinarySearchFunc(t.entries[run], id, func(e entry, id uint64) int { return cmp.Compare(e.id, id) })
	if !ok {
		return nil, nil
	}
	return &t.entries[run][i], &t.marks[run][i]
}

// gone counts the documents that the source did not emit: those without an
// explanation, and those that a rule excluded.
func (t *table) gone() (lost, byRule int) {
	for _, run := range t.marks {
		for _, m := range run {
			switch {
			case m&seen != 0:
			case m&excluded != 0:
				byRule++
			default:
				lost++
			}
		}
	}
	return lost, byRule
}

// set is a set of hashes by open addressing, in 256 parts that grow by half.
// It takes 10 to 15 bytes a member. The hash 0 is held as 1.
type set struct {
	slots [runs][]uint64
	used  [runs]int
}

// add reports whether the hash was not a member before.
func (s *set) add(h uint64) bool {
	h = max(1, h)
	run := h >> 56
	if s.used[run]*5 >= len(s.slots[run])*4 {
		s.grow(run)
	}
	if !put(s.slots[run], h) {
		return false
	}
	s.used[run]++
	return true
}

// has reports whether the hash is a member.
func (s *set) has(h uint64) bool {
	h = max(1, h)
	slots := s.slots[h>>56]
	if len(slots) == 0 {
		return false
	}
	for i := place(h, len(slots)); slots[i] != 0; i = next(i, len(slots)) {
		if slots[i] == h {
			return true
		}
	}
	return false
}

func (s *set) grow(run uint64) {
	old := s.slots[run]
	s.slots[run] = make([]uint64, max(16, len(old)+len(old)/2))
	for _, h := range old {
		if h != 0 {
			put(s.slots[run], h)
		}
	}
}

func put(slots []uint64, h uint64) bool {
	i := place(h, len(slots))
	for slots[i] != 0 {
		if slots[i] == h {
			return false
		}
		i = next(i, len(slots))
	}
	slots[i] = h
	return true
}

// place maps the low bits of a hash to a slot; the high ones chose the run.
func place(h uint64, n int) int {
	hi, _ := bits.Mul64(h<<8, uint64(n))
	return int(hi)
}

func next(i, n int) int {
	if i+1 == n {
		return 0
	}
	return i + 1
}

package job

import (
	"math"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Table opens the table of stored documents to its tests.
type Table struct{ t *table }

func NewTable(ids []string) Table {
	t := newTable()
	for _, id := range ids {
		t.add(t.hash(id), t.printHash([]byte(id)))
	}
	t.sort()
	return Table{t}
}

func (t Table) Has(id string) bool { e, _ := t.t.find(t.t.hash(id)); return e != nil }

func (t Table) Mark(id string, byRule bool) {
	_, m := t.t.find(t.t.hash(id))
	if byRule {
		*m |= excluded
		return
	}
	*m |= seen
}

func (t Table) Gone() (lost, byRule int) { return t.t.gone() }

// Set opens the set of hashes to its tests.
type Set struct{ s set }

func (s *Set) Add(h uint64) bool { return s.s.add(h) }
func (s *Set) Has(h uint64) bool { return s.s.has(h) }

// Load returns the bytes that a member takes on average.
func (s *Set) Load() float64 {
	slots, used := 0, 0
	for i := range s.s.slots {
		slots += len(s.s.slots[i])
		used += s.s.used[i]
	}
	return 8 * float64(slots) / math.Max(1, float64(used))
}

// Check opens the guard's decision.
func (g Guard) Check(own, gone int) error { return g.check(own, gone) }

// Comparison opens the comparison of documents.
type Comparison struct{ c comparison }

func NewComparison(o Verification, flags string) *Comparison {
	return &Comparison{newComparison(o, []byte(flags))}
}

// Compare returns the fields that differ, and how many more do.
func (c *Comparison) Compare(wanted, stored []byte) ([]FieldDifference, int, error) {
	fields, _, _, err := c.c.documents(wanted, stored)
	return fields.list, fields.more, err
}

func (c *Comparison) Unjudged() []string { return c.c.unjudged() }

// Fingerprint is the fingerprint of a document, made with so many bytes of
// working space.
func Fingerprint(owner string, d *connector.Document, scratch int) string {
	f := newFingerprinter(owner, nil)
	print, _ := f.append(nil, make([]byte, 0, scratch), d)
	return string(print)
}

// FingerprintBase is the hash that each fingerprint's input begins with.
func FingerprintBase() [32]byte { return newFingerprinter("", nil).base }

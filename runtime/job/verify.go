package job

import (
	"context"
	"errors"
)

// Verify compares an index with what its source emits. It is a full sync whose
// sink looks at what the index holds instead of writing: documents take the
// same road, so rules, access lists and contents count as they do in a sync.
// Make one for each run with [NewVerify].
//
// It needs the memory of a sync and that of two piles of documents, of 1 MiB
// each at most unless a single document is larger.
type Verify struct {
	options   Verification
	sync      *Sync
	documents Documents
	sink      *comparer
}

// Verification is what a [Verify] does.
type Verification struct {
	// Fast compares fingerprints only: what was changed in the index and kept
	// its fingerprint counts as equal. Contents are not read.
	Fast bool
	// Repair makes the index equal: what is missing or different is sent, what
	// is surplus is deleted unless the guard refuses that.
	Repair bool
	// NoContent leaves contents out: attachments are not read, and what the
	// index holds of them is not compared.
	NoContent bool
	// Touches reports whether an ingest pipeline may make a field of this name,
	// change or remove it, so that it can't be judged; nil when there is none.
	Touches func(field string) bool
	// Report is told each difference as it is found; nil is nobody. Its error
	// ends the run.
	Report func(Difference) error
}

// NewVerify makes a comparison of the sync that would make the index equal. The
// sync is the comparison's from now on; its sink takes the repairs.
func NewVerify(s *Sync, documents Documents, o Verification) (*Verify, error) {
	switch {
	case o.Fast && o.Repair:
		return nil, errors.New("a repair by fingerprints is a sync: run that")
	case o.NoContent && o.Repair:
		return nil, errors.New("a repair needs the contents of the documents that it sends")
	}
	v := &Verify{options: o, sync: s, documents: documents}
	v.sink = newComparer(v)
	s.Options.AllowDeletes, s.Options.Resend, s.Options.DryRun = true, !o.Fast, !o.Repair
	s.Index, s.Sink = &v.sink.index, v.sink
	if o.Fast || o.NoContent {
		s.Extract = nil
	}
	return v, nil
}

// Documents reads whole documents of an index.
type Documents interface {
	// Fetch calls visit for each of the ids in their order with what the index
	// holds at this moment, written a moment ago or not. The source is the
	// document's JSON, and valid during the call only.
	Fetch(ctx context.Context, ids []string, visit func(i int, found bool, source []byte, seqNo, primaryTerm int64) error) error
}

// Kind is what is wrong with a document.
type Kind string

// The kinds of a [Difference].
const (
	Missing   Kind = "missing"   // the source has it, the index does not
	Surplus   Kind = "surplus"   // the index has it, the source does not
	Different Kind = "different" // both have it, with other fields
	// Unsettled is a document that somebody wrote while it was compared.
	Unsettled Kind = "unsettled"
	// Withdrawn takes back what was reported of a document: the source gave its
	// id again, with what the index holds.
	Withdrawn Kind = "withdrawn"
)

// Difference is one document that is not as it should be.
type Difference struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	// Fields are those that differ, 20 at most; MoreFields is how many others
	// do. There are none when fingerprints were compared.
	Fields     []FieldDifference `json:"fields,omitempty"`
	MoreFields int               `json:"more_fields,omitempty"`
	// Excluded says that a document is surplus because a rule excludes it.
	Excluded bool `json:"excluded,omitempty"`
}

// Findings is what a run found. After a run that ended with an error it holds
// what was found until then.
type Findings struct {
	Emitted   int64 `json:"emitted"`   // by the source
	Equal     int64 `json:"equal"`     // in the index as they should be
	Missing   int64 `json:"missing"`   // not in the index
	Different int64 `json:"different"` // in the index with other fields
	Surplus   int64 `json:"surplus"`   // in the index, and not at the source or excluded by a rule
	Unsettled int64 `json:"unsettled"` // written by others meanwhile: not judged
	Failed    int64 `json:"failed"`    // unreadable at the source, or of another owner: not judged
	Filtered  int64 `json:"filtered"`  // excluded by a rule
	Duplicate int64 `json:"duplicate"` // emitted again later
	Foreign   int64 `json:"foreign"`   // in the index, of another owner: left alone
	// Outdated documents are equal but for their fingerprints, which the next
	// sync will send again; they are among Equal.
	Outdated int64 `json:"outdated"`
	// Repaired documents were sent or deleted, and Elasticsearch took that.
	Repaired int64 `json:"repaired"`
	// Contents says that contents were compared.
	Contents bool `json:"contents"`
	// Unjudged are names of fields in which the two differ and which the
	// pipeline may have made or changed, a hundred at most.
	Unjudged []string `json:"unjudged"`
}

// Differences is how many documents are not as they should be.
func (f Findings) Differences() int64 { return f.Missing + f.Different + f.Surplus }

// Run compares everything. It returns nil when all was compared, whatever was
// found. When the source fails, nothing is surplus: its end was not seen. With
// Repair the error is a [*GuardError] when more is surplus than may be deleted;
// everything else is repaired then.
func (v *Verify) Run(ctx context.Context) error {
	if err := v.sync.Run(ctx); err != nil {
		return err
	}
	return v.sink.refused
}

// The phases of a run, besides those of a sync.
const (
	Comparing Phase = "comparing the index with the source"
	Seeking   Phase = "looking for what is surplus"
)

// Progress returns where the run stands.
func (v *Verify) Progress() Progress {
	p := v.sync.Progress()
	switch p.Phase {
	case Reading:
		p.Phase = Comparing
	case Deleting:
		p.Phase = Seeking
	}
	return p
}

// Failures returns the first documents that could not be compared, or repaired.
func (v *Verify) Failures() []Failure { return v.sync.Budget.Failures() }

// Findings returns what was found. Call it when Run has returned.
func (v *Verify) Findings() Findings {
	t, c := &v.sync.tally, v.sink
	f := Findings{
		Emitted: t.emitted.Load(), Equal: c.equal.Load() + t.unchanged.Load() - t.withdrawn.Load(),
		Missing: c.missing.Load(), Different: c.different.Load(), Surplus: c.surplus.Load(), Unsettled: c.unsettled.Load(),
		Failed: t.failed.Load() + c.failed.Load(), Filtered: t.filtered.Load(), Foreign: t.foreign.Load(),
		Duplicate: t.duplicate.Load() + c.duplicate.Load() + t.withdrawn.Load(), Outdated: c.outdated.Load(),
		Contents: v.sync.Extract != nil, Unjudged: c.compare.unjudged(),
	}
	if v.options.Repair {
		done := c.repairs.Counts()
		f.Repaired = done["created"] + done["updated"] + done["deleted"] + done["not_found"]
	}
	return f
}

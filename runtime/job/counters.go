package job

import (
	"sync/atomic"
)

// Counters is what became of the documents of a run. At every end of a run
//
//	Emitted = Created + Updated + Unchanged + Filtered + Failed + Duplicate
type Counters struct {
	Emitted   int64 `json:"emitted"`   // by the source
	Created   int64 `json:"created"`   // new in the index
	Updated   int64 `json:"updated"`   // replaced in the index
	Unchanged int64 `json:"unchanged"` // not sent: the index has them as they are
	Filtered  int64 `json:"filtered"`  // excluded by a rule, or dropped by an ingest pipeline
	Failed    int64 `json:"failed"`    // unreadable, rejected or not confirmed
	Duplicate int64 `json:"duplicate"` // emitted again later in the run
	Deleted   int64 `json:"deleted"`   // gone from the source, deleted
	Foreign   int64 `json:"foreign"`   // in the index, of another owner: left alone
	NoText    int64 `json:"no_text"`   // sent without content: none could be had
	Bytes     int64 `json:"bytes"`     // of JSON given to the sink
}

// Progress is where a run stands.
type Progress struct {
	Phase    Phase
	Counters Counters
	// Known is how many own documents the index held at the start.
	Known int64
}

// Phase is a part of a run.
type Phase string

// The phases of a run, in order.
const (
	Scanning Phase = "scanning the index"
	Reading  Phase = "reading the source"
	Deleting Phase = "deleting what is gone"
	Done     Phase = "done"
)

// tally is the engine's own share of the counters.
type tally struct {
	emitted, unchanged, filtered, failed, duplicate, foreign, noText, bytes, known atomic.Int64
	// withdrawn counts emissions that were counted as unchanged until the
	// same id was emitted with other content.
	withdrawn atomic.Int64
}

// counters adds up what the engine decided and what the sink was answered.
func (t *tally) counters(sink map[string]int64) Counters {
	return Counters{
		Emitted:   t.emitted.Load(),
		Created:   sink["created"],
		Updated:   sink["updated"],
		Unchanged: t.unchanged.Load() + sink["noop"] - t.withdrawn.Load(),
		Filtered:  t.filtered.Load() + sink["dropped"],
		Failed:    t.failed.Load() + sink["failed"],
		Duplicate: t.duplicate.Load() + sink["duplicate"] + t.withdrawn.Load(),
		Deleted:   sink["deleted"],
		Foreign:   t.foreign.Load(),
		NoText:    t.noText.Load(),
		Bytes:     t.bytes.Load(),
	}
}

// Plus adds what became of the documents of another run.
func (c Counters) Plus(o Counters) Counters {
	return Counters{
		Emitted: c.Emitted + o.Emitted, Created: c.Created + o.Created, Updated: c.Updated + o.Updated,
		Unchanged: c.Unchanged + o.Unchanged, Filtered: c.Filtered + o.Filtered, Failed: c.Failed + o.Failed,
		Duplicate: c.Duplicate + o.Duplicate, Deleted: c.Deleted + o.Deleted, Foreign: c.Foreign + o.Foreign,
		NoText: c.NoText + o.NoText, Bytes: c.Bytes + o.Bytes,
	}
}

// settled counts what was accepted but never confirmed as failed, so that the
// sum holds after a run that ended early too.
func (c Counters) settled() Counters {
	c.Failed += c.Emitted - c.Created - c.Updated - c.Unchanged - c.Filtered - c.Failed - c.Duplicate
	return c
}

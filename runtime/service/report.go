package service

import (
	"errors"
	"maps"
	"strings"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// stats is what the job has done so far.
func (w *work) stats() protocol.Stats {
	c := w.counters()
	return protocol.Stats{
		Indexed: c.Created + c.Updated, Deleted: c.Deleted, Total: w.total.Load(), VolumeMiB: protocol.MiB(c.Bytes),
		Metadata: w.metadata(c),
	}
}

// counters are those of the sync; its end is settled, also when the source
// panicked.
func (w *work) counters() job.Counters {
	c := job.Counters{}
	if past := w.past.Load(); past != nil {
		c = *past
	}
	if r := w.runner.Load(); r != nil {
		c = c.Plus((*r).Counters())
	}
	return c
}

// metadata is what is stored below metadata.tributary.
func (w *work) metadata(c job.Counters) map[string]any {
	w.mu.Lock()
	m := maps.Clone(w.notes)
	w.mu.Unlock()
	m["counters"] = c
	if r := w.runner.Load(); r != nil {
		m["phase"] = (*r).Progress().Phase
		if w.set.Len() > 0 {
			m["rule_hits"] = w.set.Tally()
		}
	}
	return m
}

// maxError is the longest error in bytes that a document holds.
const maxError = 4 << 10

// sentence is an error as the job's document holds it. It names the key that
// was used.
func (w *work) sentence(err error) string {
	text := sentence(w.redact.Error(err))
	if !w.listed(w.conn.ID).APIKey.Empty() {
		text = strings.Replace(text, "check elasticsearch.api_key, or username and password", "check the api_key of this connector in the settings", 1)
	}
	return text
}

// sentence is an error as a connector or a job holds it.
func sentence(err error) string {
	var guard *job.GuardError
	text := err.Error()
	if errors.As(err, &guard) {
		text = strings.Replace(text, "--allow-deletes", "`tributary job start --allow-deletes`", 1)
	}
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	return text
}

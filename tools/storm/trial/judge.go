package trial

import (
	"slices"

	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// judge says what the trial itself and its log show.
func (t *trial) judge() Report {
	canceled := map[string]bool{}
	for _, u := range t.users {
		for id := range u.canceled {
			canceled[id] = true
		}
	}
	log := t.record.All()
	v := ledger.Judge(log, canceled)
	t.mu.Lock()
	defer t.mu.Unlock()
	return Report{
		Violations: append(slices.Clone(t.violations), v.Violations...), Jobs: v.Jobs, Weather: t.weather.counts,
		Writes: len(log), Documents: v.Documents, Takeovers: v.Takeovers,
	}
}

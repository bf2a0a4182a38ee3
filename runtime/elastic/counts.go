package elastic

import (
	"slices"
	"sync"
	"sync/atomic"
)

// The counters that are always there, in the order of their numbers. A tally
// of the engine gets a number after them when it first comes up; 0 stands for
// "by Elasticsearch's answer".
const (
	byAnswer uint16 = iota
	countCreated
	countUpdated
	countNoop
	countDeleted
	countNotFound
	countConflict
	countDropped
	countFailed
	countRetried
	countRequests
	countBytes
)

func standing() []string {
	return []string{"", "created", "updated", "noop", "deleted", "not_found", "conflict", "dropped", "failed", "retried", "requests", "bytes"}
}

const maxCounts = 64

// counts are counters by name and by number. Numbers are never taken back.
type counts struct {
	names  atomic.Pointer[[]string]
	values [maxCounts]atomic.Int64
	mu     sync.Mutex // for new names
}

func newCounts() *counts {
	c := &counts{}
	names := standing()
	c.names.Store(&names)
	return c
}

// number returns the number of a name. When there are too many names, the
// last stands for the rest.
func (c *counts) number(name string) uint16 {
	if name == "" {
		return byAnswer
	}
	if i := slices.Index(*c.names.Load(), name); i >= 0 {
		return uint16(i)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	names := *c.names.Load()
	if i := slices.Index(names, name); i >= 0 {
		return uint16(i)
	}
	if len(names) == maxCounts {
		return maxCounts - 1
	}
	names = append(slices.Clone(names), name)
	c.names.Store(&names)
	return uint16(len(names) - 1)
}

func (c *counts) add(number uint16, n int64) { c.values[number].Add(n) }

func (c *counts) all() map[string]int64 {
	names := *c.names.Load()
	all := make(map[string]int64, len(names))
	for i, name := range names[1:] {
		all[name] = c.values[i+1].Load()
	}
	return all
}

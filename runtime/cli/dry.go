package cli

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/tributary-search/tributary/runtime/job"
)

// drySink counts what a real one would be given, and writes nothing.
type drySink struct {
	mu     sync.Mutex
	counts map[string]int64
	show   func(action, id string, source []byte) error // nil: nothing is shown
}

var _ job.Sink = (*drySink)(nil)

func newDrySink(show func(action, id string, source []byte) error) *drySink {
	return &drySink{counts: map[string]int64{}, show: show}
}

// errEnough ends a preview at the first document beyond the limit.
var errEnough = errors.New("enough documents were shown")

// Put counts a document as what Elasticsearch would most likely answer.
func (s *drySink) Put(_ context.Context, action, id string, source []byte, tally string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.show != nil {
		if err := s.show(action, id, source); err != nil {
			return err
		}
	}
	if tally == "" {
		tally = "updated"
		if action == job.Create {
			tally = "created"
		}
	}
	s.counts[tally]++
	return nil
}

// Delete counts a deletion.
func (s *drySink) Delete(context.Context, string, int64, int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts["deleted"]++
	return nil
}

// Flush does nothing.
func (s *drySink) Flush(context.Context) error { return nil }

// Counts returns the counters.
func (s *drySink) Counts() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

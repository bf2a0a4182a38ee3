package connectortest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Ten times more documents may raise the peak of the live heap by half of what
// it was, and by memoryPerDocument for each further document: a hash of its id
// has room in that, neither the id as a text nor the document itself.
const (
	memoryFew         = 500
	memoryMany        = 10 * memoryFew
	memoryPerDocument = 48
	memorySamples     = 20 // garbage collections during one run
)

// checkMemory compares the peaks of two runs.
func checkMemory(t *testing.T, s *suite) {
	small := s.peak(t, memoryFew)
	large := s.peak(t, memoryMany)
	limit := small + small/2 + memoryPerDocument*(memoryMany-memoryFew)
	t.Logf("peak of the live heap: %d KiB for %d documents, %d KiB for %d", small>>10, memoryFew, large>>10, memoryMany)
	if large > limit {
		t.Errorf("GetDocs%s held %d KiB for %d documents and %d KiB for %d, at most %d KiB are allowed: memory must not grow with the data; emit each document as it is read, page by page", s.place, small>>10, memoryFew, large>>10, memoryMany, limit>>10)
	}
}

// peak returns the most bytes that were live during GetDocs beyond those
// before it.
func (s *suite) peak(t *testing.T, n int) int64 {
	t.Helper()
	var peak int64
	t.Run(fmt.Sprint(n), func(t *testing.T) { // its own backend, taken down before the next
		source, _ := s.open(t, parseValues(s.fixture.Start(t, n)))
		runtime.GC() // once for pools, once more for what had finalizers
		before := liveHeap()
		var mu sync.Mutex
		count := 0
		err := s.getDocs(t, t.Context(), source, connector.Filter{}, func(d connector.Document) error {
			d.Release()
			mu.Lock()
			defer mu.Unlock()
			if count%(n/memorySamples) == 0 {
				peak = max(peak, liveHeap()-before)
			}
			count++
			return nil
		})
		if err != nil || count != n {
			t.Errorf("GetDocs%s emitted %d of %d documents (error: %v)", s.place, count, n, err)
		}
	})
	return peak
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

package connectortest

import (
	"context"
	"testing"
	"time"
)

// checkOpen opens two sources, asks whether the system answers, and closes.
func checkOpen(t *testing.T, s *suite) {
	lent := newLent(t)
	for range 2 {
		source, err := s.kind.Open(t.Context(), s.base.plain(), lent.deps())
		switch {
		case err != nil:
			t.Fatalf("Open failed with the fixture's configuration: %v; two sources of one kind may be open at once", err)
		case source == nil:
			t.Fatal("Open returned neither a source nor an error: return one of them")
		}
		t.Cleanup(func() { _ = shut(source) })
		if n := lent.requests.Load(); n > 0 {
			t.Errorf("Open made %d requests: it makes none, so that a job can be refused before anything is asked; move them to Ping or GetDocs", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := source.Ping(ctx); err != nil {
			t.Errorf("Ping failed although the fixture's backend is up: %v; Ping makes one cheap request that works with the configured credentials", err)
		}
		lent.requests.Store(0)
	}
}

// checkClose closes a source twice, after use.
func checkClose(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	s.mustRead(t, source)
	for _, time := range []string{"first", "second"} {
		if err := shut(source); err != nil {
			t.Errorf("the %s Close failed: %v; Close may be called again and returns nil then", time, err)
		}
	}
}

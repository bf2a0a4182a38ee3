package connectortest

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
)

// cancelLimit is how long GetDocs may go on after a cancel.
const cancelLimit = 2 * time.Second

// maxLate is how often emit may still be called after it returned an error:
// by goroutines that were at work already.
const maxLate = 64

var errEmit = errors.New("the index refused the document")

// checkEmitError lets emit fail after some documents.
func checkEmitError(t *testing.T, s *suite) {
	for _, allowed := range []int64{0, few / 2} {
		source, _ := s.open(t, s.base)
		var calls atomic.Int64
		err := s.getDocs(t, t.Context(), source, connector.Filter{}, func(d connector.Document) error {
			d.Release()
			if calls.Add(1) > allowed {
				return errEmit
			}
			return nil
		})
		late := calls.Load() - allowed - 1
		switch {
		case err == nil:
			t.Errorf("GetDocs%s returned nil although emit had failed: the documents that were not emitted would be deleted; return emit's error", s.place)
		case !errors.Is(err, errEmit):
			t.Errorf("GetDocs%s returned %q when emit failed with %q: return emit's error, wrapped with %%w if at all", s.place, err, errEmit)
		case late > maxLate:
			t.Errorf("GetDocs%s called emit %d times more after it had failed: stop at the first error", s.place, late)
		}
	}
}

// checkCancel cancels at several moments.
func checkCancel(t *testing.T, s *suite) {
	t.Run("before", func(t *testing.T) { s.cancelAt(t, 0, false) })
	t.Run("while-emitting", func(t *testing.T) { s.cancelAt(t, few/4, false) })
	t.Run("while-blocked", func(t *testing.T) { s.cancelAt(t, few/4, true) })
	t.Run("unnoticed", s.cancelUnnoticed)
}

// cancelAt cancels when emit was called a number of times. emit fails from
// then on, as the engine's does; blocked lets it hang until then.
func (s *suite) cancelAt(t *testing.T, at int64, blocked bool) {
	source, _ := s.open(t, s.base)
	ctx, cancel := context.WithCancelCause(t.Context())
	var calls, late atomic.Int64
	var canceled atomic.Pointer[time.Time]
	stop := func() {
		now := time.Now()
		if canceled.CompareAndSwap(nil, &now) {
			cancel(errEmit)
		}
	}
	defer cancel(nil)
	stands := watchCancel(ctx)
	if at == 0 {
		stop()
	}
	err := s.getDocs(t, ctx, source, connector.Filter{}, func(d connector.Document) error {
		d.Release()
		if ctx.Err() != nil {
			late.Add(1)
		}
		if n := calls.Add(1); n == at && blocked {
			time.AfterFunc(10*time.Millisecond, stop)
		} else if n == at {
			stop()
		}
		if blocked && calls.Load() >= at {
			<-ctx.Done()
		}
		return context.Cause(ctx)
	})
	if canceled.Load() == nil {
		t.Fatalf("GetDocs%s returned after %d documents, before it was cancelled: %v", s.place, calls.Load(), err)
	}
	s.judgeCancel(t, err, time.Since(*canceled.Load()), late.Load(), stands())
}

func (s *suite) judgeCancel(t *testing.T, err error, took time.Duration, late int64, stands string) {
	t.Helper()
	switch {
	case took > cancelLimit:
		t.Errorf("GetDocs%s returned %s after the cancel, at most %s are allowed: it stood still in%s; give ctx to every call that waits, and look at ctx.Err() in loops", s.place, took.Round(time.Millisecond), cancelLimit, cmp.Or(stands, " a place that is not the source's"))
	case late > maxLate:
		t.Errorf("GetDocs%s called emit %d times after the cancel: stop at the first error of emit", s.place, late)
	case err == nil:
		t.Errorf("GetDocs%s returned nil although it was cancelled half-way: the documents that were not emitted would be deleted; return ctx's error", s.place)
	}
}

// watchCancel looks where GetDocs stands when half of the time after the cancel
// is over. What it returns ends the watch and says it.
func watchCancel(ctx context.Context) (stands func() string) {
	done, seen := make(chan struct{}), make(chan string, 1)
	go func() {
		select {
		case <-done:
		case <-ctx.Done():
			select {
			case <-done:
			case <-time.After(cancelLimit / 2):
				seen <- waiting()
			}
		}
		close(seen)
	}()
	return func() string {
		close(done)
		return <-seen
	}
}

// cancelUnnoticed goes on accepting documents slowly after the cancel: the
// source must look at ctx by itself, or have emitted everything.
func (s *suite) cancelUnnoticed(t *testing.T) {
	source, _ := s.open(t, s.base)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stands := watchCancel(ctx)
	var calls atomic.Int64
	var canceled atomic.Pointer[time.Time]
	err := s.getDocs(t, ctx, source, connector.Filter{}, func(d connector.Document) error {
		d.Release()
		if calls.Add(1) == 1 {
			now := time.Now()
			canceled.Store(&now)
			cancel()
		}
		return nil
	})
	if err == nil && calls.Load() == few {
		return // everything was at hand
	}
	if canceled.Load() != nil {
		s.judgeCancel(t, err, time.Since(*canceled.Load()), 0, stands())
	}
}

// checkGoroutines counts what a closed source leaves behind.
func checkGoroutines(t *testing.T, s *suite) {
	before := goleak.IgnoreCurrent()
	l := newLent(t)
	source, err := s.kind.Open(t.Context(), s.base.plain(), l.deps())
	if err != nil {
		t.Fatalf("Open failed: %v", err)
	}
	s.mustRead(t, source)
	ctx, cancel := context.WithCancel(t.Context())
	_ = s.getDocs(t, ctx, source, connector.Filter{}, func(d connector.Document) error {
		d.Release()
		cancel()
		return context.Cause(ctx)
	})
	cancel()
	if err := shut(source); err != nil {
		t.Errorf("Close failed: %v", err)
	}
	l.client.CloseIdleConnections()
	if err := goleak.Find(before); err != nil {
		t.Errorf("goroutines are left after GetDocs and Close%s: end each before the function that started it returns; %v", cmp.Or(printed(err.Error(), "created by "), s.place.String()), err)
	}
}

// checkLate looks whether any run before it emitted after its end.
func checkLate(t *testing.T, s *suite) {
	if s.late.Load() {
		t.Errorf("emit was called after GetDocs%s had returned: the engine refuses it, and the document would be deleted; wait for the goroutines that emit before returning", s.place)
	}
}

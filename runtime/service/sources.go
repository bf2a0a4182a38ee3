package service

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/settings"
)

// sources keeps sources open between the jobs of their connectors. A source
// is closed when its configuration has changed and nobody uses it any more,
// and when nobody used it for a while.
//
// Code of a source runs under the lock of its own connector only, so that one
// which hangs does not stop another.
type sources struct {
	log      *slog.Logger
	settings settings.Service
	closing  sync.WaitGroup

	mu    sync.Mutex
	slots map[string]*slot // by connector
}

// slot is the place of one connector's source.
type slot struct {
	opening sync.Mutex // is held while a source is opened
	open    *opened    // guarded by sources.mu
}

// opened is an open source. All but the source is guarded by sources.mu.
type opened struct {
	connector.Source
	close  func() error
	redact connector.Redactor
	key    [sha256.Size]byte // of what it was opened from
	users  int
	stale  bool // another one has taken its place
	used   time.Time
}

func newSources(log *slog.Logger, s settings.Service) *sources {
	return &sources{log: log, settings: s, slots: map[string]*slot{}}
}

// get returns the open source of a connector, opened now if need be. Call the
// function that it returns when you are done with it. It makes no request.
func (s *sources) get(ctx context.Context, id string, kind connector.Kind, raw json.RawMessage) (connector.Source, func(), error) {
	key := sha256.Sum256(append([]byte(kind.ServiceType+"\x00"), raw...))
	place := s.slot(id)
	place.opening.Lock()
	defer place.opening.Unlock()
	if o := s.use(place, key); o != nil {
		return o.Source, s.releaser(o), nil
	}
	source, closeSource, err := s.make(ctx, id, kind, raw)
	if err != nil {
		return nil, nil, err
	}
	o := &opened{Source: source, close: closeSource, redact: kind.Redactor(raw), key: key, users: 1}
	s.put(id, place, o)
	return o.Source, s.releaser(o), nil
}

func (s *sources) slot(id string) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slots[id] == nil {
		s.slots[id] = &slot{}
	}
	return s.slots[id]
}

// put makes a source the one of its connector.
func (s *sources) put(id string, place *slot, o *opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retire(place.open)
	if other := s.slots[id]; other != nil && other != place { // a sweep had dropped the place
		s.retire(other.open)
	}
	place.open, s.slots[id] = o, place
}

// use takes the source that is open, if it is the right one.
func (s *sources) use(place *slot, key [sha256.Size]byte) *opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	if place.open == nil || place.open.key != key || place.open.stale {
		return nil
	}
	place.open.users++
	return place.open
}

func (s *sources) releaser(o *opened) func() { return sync.OnceFunc(func() { s.release(o) }) }

func (s *sources) make(ctx context.Context, id string, kind connector.Kind, raw json.RawMessage) (src connector.Source, done func() error, err error) {
	log := kind.Redactor(raw).Logger(s.log).With("connector_id", id, "source", kind.ServiceType)
	err = guarded(log, kind, func() error {
		src, done, err = Open(ctx, s.settings, kind, id, raw, log)
		return err
	})
	return src, done, err
}

func (s *sources) release(o *opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.users--
	o.used = time.Now()
	if o.stale && o.users == 0 {
		s.shut(o)
	}
}

// retire closes a source as soon as nobody uses it.
func (s *sources) retire(o *opened) {
	if o == nil || o.stale {
		return
	}
	o.stale = true
	if o.users == 0 {
		s.shut(o)
	}
}

// shut closes a source beside everything else: it may take its time.
func (s *sources) shut(o *opened) {
	s.closing.Go(func() {
		log := o.redact.Logger(s.log)
		if err := guarded(log, connector.Kind{}, o.close); err != nil {
			log.Warn("a source could not be closed", "error", err)
		}
	})
}

// sweep closes the sources that nobody used for a while, and those of
// connectors that are not there.
func (s *sources) sweep(there func(id string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, place := range s.slots {
		o := place.open
		if o != nil && there(id) && (o.users > 0 || time.Since(o.used) < time.Duration(s.settings.SourceIdle)) {
			continue
		}
		if place.opening.TryLock() {
			delete(s.slots, id)
			s.retire(o)
			place.opening.Unlock()
		}
	}
}

// closeAll closes everything that nobody uses, and waits a while for that.
func (s *sources) closeAll() {
	s.sweep(func(string) bool { return false })
	closed := make(chan struct{})
	go func() {
		s.closing.Wait()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(shutdown):
		s.log.Warn("a source does not close")
	}
}

// errPanic says that a source broke a promise that every source makes.
var errPanic = errors.New("its code panicked, which is a defect of the source and not of its configuration; the log has the place")

// Guard calls code of a source and turns a panic into an error; the log gets its
// place.
func Guard(log *slog.Logger, kind connector.Kind, call func() error) error {
	return guarded(log, kind, call)
}

// guarded calls code of a source and turns a panic into an error.
func guarded(log *slog.Logger, kind connector.Kind, call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("a source panicked", "source", kind.ServiceType, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("source %s: %w", kind.ServiceType, errPanic)
		}
	}()
	return call()
}

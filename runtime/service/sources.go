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
)

// sources keeps sources open between the jobs of their connectors. A source
// is closed when its configuration has changed and nobody uses it any more,
// and when nobody used it for a while.
type sources struct {
	log  *slog.Logger
	idle time.Duration

	mu   sync.Mutex
	open map[string]*opened // by connector
}

// opened is an open source.
type opened struct {
	connector.Source
	close func() error
	key   [sha256.Size]byte // of what it was opened from
	users int
	stale bool // another one has taken its place
	used  time.Time
}

func newSources(log *slog.Logger, idle time.Duration) *sources {
	return &sources{log: log, idle: idle, open: map[string]*opened{}}
}

// get returns the open source of a connector, opened now if need be. Call the
// function that it returns when you are done with it. It makes no request.
func (s *sources) get(ctx context.Context, id string, kind connector.Kind, raw json.RawMessage) (connector.Source, func(), error) {
	key := sha256.Sum256(append([]byte(kind.ServiceType+"\x00"), raw...))
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.open[id]
	if o == nil || o.key != key {
		source, closeSource, err := s.make(ctx, id, kind, raw)
		if err != nil {
			return nil, nil, err
		}
		s.retire(o)
		o = &opened{Source: source, close: closeSource, key: key}
		s.open[id] = o
	}
	o.users++
	return o.Source, sync.OnceFunc(func() { s.release(o) }), nil
}

func (s *sources) make(ctx context.Context, id string, kind connector.Kind, raw json.RawMessage) (src connector.Source, done func() error, err error) {
	log := s.log.With("connector_id", id, "source", kind.ServiceType)
	err = guarded(log, kind, func() error {
		src, done, err = Open(ctx, kind, raw, log)
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
	if o == nil {
		return
	}
	o.stale = true
	if o.users == 0 {
		s.shut(o)
	}
}

func (s *sources) shut(o *opened) {
	err := guarded(s.log, connector.Kind{}, o.close)
	if err != nil {
		s.log.Warn("a source could not be closed", "error", err)
	}
}

// sweep closes the sources that nobody used for a while, and those of
// connectors that are not there.
func (s *sources) sweep(there func(id string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, o := range s.open {
		if there(id) && (o.users > 0 || time.Since(o.used) < s.idle) {
			continue
		}
		delete(s.open, id)
		s.retire(o)
	}
}

// closeAll closes everything. Nobody may use a source any more.
func (s *sources) closeAll() { s.sweep(func(string) bool { return false }) }

// errPanic says that a source broke a promise that every source makes.
var errPanic = errors.New("its code panicked, which is a defect of the source and not of its configuration; the service's log has the place")

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

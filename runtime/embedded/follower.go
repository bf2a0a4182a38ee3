package embedded

import (
	"context"
	"sync"
	"time"
)

// follower keeps the Bleve index of one index behind its documents.
type follower struct {
	ix *index

	mu      sync.Mutex
	demand  int // callers of refresh that wait
	started bool
	wakeup  chan struct{}
	closed  chan struct{}
	done    chan struct{}
	turned  chan struct{} // closed and replaced whenever `indexed` moves
	indexed int64         // the last sequence number a reader sees
	durable int64         // the last one that survives a crash
	err     error
	engine  *engine
}

// settle is how long the follower waits for more writes, and rest by how many times its own working time it steps back while writes go on.
const (
	settle = 200 * time.Millisecond
	rest   = 3
)

func newFollower(ix *index) *follower {
	return &follower{
		ix: ix, wakeup: make(chan struct{}, 1), closed: make(chan struct{}), done: make(chan struct{}),
		turned: make(chan struct{}), indexed: -1, durable: -1,
	}
}

func (s *follower) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		s.started = true
		s.wake()
		go s.loop()
	}
}

func (s *follower) wake() {
	select {
	case s.wakeup <- struct{}{}:
	default:
	}
}

// close ends the background work and the Bleve index.
func (s *follower) close() error {
	s.mu.Lock()
	started := s.started
	s.mu.Unlock()
	close(s.closed)
	if !started {
		return nil
	}
	<-s.done
	s.mu.Lock()
	e := s.engine
	s.mu.Unlock()
	if e == nil {
		return nil
	}
	return e.close() // not under the lock: Bleve calls back while it closes
}

// refresh returns when everything written before the call can be found.
func (s *follower) refresh(ctx context.Context) error {
	target := s.ix.position().seq
	s.mu.Lock()
	s.demand++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.demand--
		s.mu.Unlock()
	}()
	for {
		s.mu.Lock()
		indexed, turned, err := s.indexed, s.turned, s.err
		s.mu.Unlock()
		if err != nil {
			return err
		}
		if indexed >= target {
			return nil
		}
		s.wake()
		select {
		case <-turned:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closed:
			return errClosed
		}
	}
}

func (s *follower) loop() {
	defer close(s.done)
	for {
		select {
		case <-s.wakeup:
		case <-s.closed:
			return
		}
		if err := s.catchUp(); err != nil {
			s.ix.node.log.Error("index for search", "index", s.ix.name, "error", err)
			s.mu.Lock()
			s.err = err
			close(s.turned)
			s.turned = make(chan struct{})
			s.mu.Unlock()
			return
		}
	}
}

// catchUp indexes batch by batch until nothing is left.
func (s *follower) catchUp() error {
	if s.ix.position().seq < 0 {
		return nil
	}
	if err := s.open(); err != nil {
		return err
	}
	for s.pending() {
		if !s.pause(s.quietFor()) {
			return nil
		}
		began := time.Now()
		if err := s.step(); err != nil {
			return err
		}
		if s.writing() && !s.wanted() && !s.pause(rest*time.Since(began)) {
			return nil
		}
	}
	return nil
}

func (s *follower) pending() bool {
	target := s.ix.position().seq
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.indexed < target
}

func (s *follower) wanted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.demand > 0
}

func (s *follower) writing() bool {
	s.ix.mu.Lock()
	defer s.ix.mu.Unlock()
	return time.Since(s.ix.written) < settle
}

// quietFor is how long to wait before the next batch: not at all when someone waits or much has gathered.
func (s *follower) quietFor() time.Duration {
	s.mu.Lock()
	indexed := s.indexed
	s.mu.Unlock()
	if s.wanted() || s.ix.position().seq-indexed >= batchDocs || !s.writing() {
		return 0
	}
	return settle
}

// pause waits, or returns at once when a refresh is wanted; false means that the node closes.
func (s *follower) pause(d time.Duration) bool {
	deadline := time.Now().Add(d)
	for {
		select {
		case <-s.closed:
			return false
		default:
		}
		left := time.Until(deadline)
		if left <= 0 || s.wanted() {
			return true
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-s.wakeup:
		case <-s.closed:
		}
		timer.Stop()
	}
}

// reached publishes a new position.
func (s *follower) reached(seq int64) {
	s.mu.Lock()
	s.indexed = seq
	close(s.turned)
	s.turned = make(chan struct{})
	s.mu.Unlock()
}

func (s *follower) persisted(seq int64) {
	s.mu.Lock()
	s.durable = max(s.durable, seq)
	s.mu.Unlock()
}

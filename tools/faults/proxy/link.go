package proxy

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// link is one connection through the proxy.
type link struct {
	proxy          *Proxy
	client, server *net.TCPConn
	once           sync.Once
	broken         chan struct{}
}

var errBroken = errors.New("a toxic broke the connection")

// reset breaks both sides at once.
func (l *link) reset() {
	l.once.Do(func() {
		close(l.broken)
		reset(l.client)
		reset(l.server)
	})
}

// close ends both sides in order.
func (l *link) close() {
	l.once.Do(func() {
		close(l.broken)
		_ = l.client.Close()
		_ = l.server.Close()
	})
}

func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// pass passes one direction until its end.
func (l *link) pass(way Direction, from, to *net.TCPConn) {
	s := stream{link: l, way: way, to: to}
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if failed := s.forward(buffer[:n]); failed != nil {
			return
		}
		switch {
		case errors.Is(err, io.EOF):
			_ = to.CloseWrite()
			return
		case err != nil:
			l.reset()
			return
		}
	}
}

// stream is one direction of a link.
type stream struct {
	link   *link
	way    Direction
	to     *net.TCPConn
	set    *set
	passed int // bytes since this set works
}

// forward writes bytes as the toxics let it.
func (s *stream) forward(b []byte) error {
	for len(b) > 0 {
		if now := s.link.proxy.toxics.Load(); now != s.set {
			s.set, s.passed = now, 0
		}
		step, err := s.plan(len(b))
		if err != nil {
			return err
		}
		again, err := s.sleep(step)
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if _, err := s.to.Write(b[:step.bytes]); err != nil {
			s.link.reset()
			return err
		}
		s.passed += step.bytes
		b = b[step.bytes:]
		if err := s.strike(); err != nil {
			return err
		}
	}
	return nil
}

// step is what happens to the next bytes.
type step struct {
	bytes int
	wait  time.Duration
	hole  bool // they wait until the toxics change
}

// plan asks the toxics what they let pass of n bytes.
func (s *stream) plan(n int) (step, error) {
	if err := s.strike(); err != nil {
		return step{}, err
	}
	next := step{bytes: n}
	for _, t := range s.set.toxics {
		if t.way != Both && t.way != s.way || t.spent() {
			continue
		}
		switch t.kind {
		case latency:
			next.wait += t.wait
		case bandwidth:
			next.bytes = min(next.bytes, max(1, t.bytes/20))
			next.wait += time.Duration(next.bytes) * time.Second / time.Duration(t.bytes)
		case timeout:
			next.hole = true
		case resetPeer, limitData:
			next.bytes = min(next.bytes, t.bytes-s.passed)
		case slice:
			next.bytes = min(next.bytes, 1+rand.IntN(7))
		}
	}
	return next, nil
}

// strike breaks the connection when a toxic's bytes have passed.
func (s *stream) strike() error {
	for _, t := range s.set.toxics {
		breaks := t.kind == resetPeer || t.kind == limitData
		if !breaks || t.way != Both && t.way != s.way || s.passed < t.bytes || !t.strikes() {
			continue
		}
		if t.kind == resetPeer {
			s.link.reset()
		} else {
			s.link.close()
		}
		return errBroken
	}
	return nil
}

// sleep waits as long as a step wants, and reports whether the toxics changed
// meanwhile.
func (s *stream) sleep(next step) (again bool, err error) {
	if next.wait == 0 && !next.hole {
		return false, nil
	}
	var due <-chan time.Time
	if !next.hole {
		timer := time.NewTimer(next.wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
		return false, nil
	case <-s.set.over:
		return true, nil
	case <-s.link.broken:
		return false, errBroken
	}
}

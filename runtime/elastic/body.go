package elastic

import (
	"io"
	"sync"
)

// lines reads the items of a request, without copying them before.
type lines struct {
	batch *batch
	next  int // item after the run
	run   []byte
}

func (l *lines) Read(p []byte) (int, error) {
	if len(l.run) == 0 && !l.more() {
		return 0, io.EOF
	}
	n := copy(p, l.run)
	l.run = l.run[n:]
	return n, nil
}

// more finds the next run of open items that lie side by side.
func (l *lines) more() bool {
	items := l.batch.sent()
	for l.next < len(items) && items[l.next].state != open {
		l.next++
	}
	if l.next == len(items) {
		return false
	}
	first := l.next
	for l.next < len(items) && items[l.next].state == open {
		l.next++
	}
	l.run = l.batch.buf[items[first].start:items[l.next-1].end]
	return true
}

// deletes reports whether a request deletes something.
func (b *batch) deletes() bool {
	for i := range b.sent() {
		if it := &b.items[i]; it.state == open && it.op == opDelete {
			return true
		}
	}
	return false
}

// loan is a request body whose memory is taken back when the request is over:
// the HTTP transport may go on reading a body after an early answer.
//
// A process that is stopped while it writes a request finishes it when it goes
// on, however late. So the fence is asked for every part.
type loan struct {
	mu    sync.Mutex
	from  io.Reader
	fence func() error
	shut  error // what the fence said
}

func (l *loan) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from == nil {
		return 0, io.ErrClosedPipe
	}
	if l.shut == nil {
		l.shut = l.fence()
	}
	if l.shut != nil {
		return 0, l.shut
	}
	return l.from.Read(p)
}

// refusal is the error of the fence, or nil.
func (l *loan) refusal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shut
}

func (l *loan) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.from = nil
	return nil
}

package simulation

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// shelf is the model of the source: what there is, what there was and when, and the history that the source keeps of it.
type shelf struct {
	mu     sync.Mutex
	spans  map[string][]span
	log    []event
	kept   int  // positions before it are lost
	next   int  // version
	people bool // it is that of the people
	// carries says that the history holds contents; otherwise ids, which are looked up when they are read.
	carries bool
	trouble trouble
}

// span is a time in which a document did not change.
type span struct {
	from, to time.Time // to is zero for the last one
	version
}

// version is a state of a document; that with n = 0 is its absence.
type version struct {
	n               int
	kind            string // "hidden" is what a rule excludes
	readers         string // who may read it, with blanks between them
	file, bad, drop bool
	large           bool // larger than a proxy may let through
}

func (v version) there() bool { return v.n > 0 }

func (v version) text(id string) string { return fmt.Sprintf("text of %s, version %d", id, v.n) }

// event is one entry of the history.
type event struct {
	at time.Time
	id string
	version
}

// trouble is what goes wrong in the source, as chances of one document, one file or one run.
type trouble struct {
	unreadable, file, breaks, lies, replays, shuffles, loses float64
	moves                                                    float64       // something changes while a document is read
	repeats                                                  int           // how often each change comes
	pause                                                    time.Duration // the longest before a change; 0 is little
}

func newShelf(carries bool) *shelf { return &shelf{spans: map[string][]span{}, carries: carries} }

// put changes a document; a version with n < 0 takes it away.
func (s *shelf) put(id string, v version) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.n < 0 {
		v = version{}
		if !s.now(id).there() {
			return
		}
	} else {
		s.next++
		v.n = s.next
	}
	s.add(id, v)
}

// relist changes nothing but who may read a document.
func (s *shelf) relist(id, readers string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.now(id); v.there() && v.readers != readers {
		v.readers = readers
		s.add(id, v)
	}
}

func (s *shelf) add(id string, v version) {
	now := time.Now()
	list := s.spans[id]
	if len(list) == 0 {
		list = []span{{}} // it was not there before
	}
	list[len(list)-1].to = now
	s.spans[id] = append(list, span{from: now, version: v})
	s.log = append(s.log, event{now, id, v})
}

func (s *shelf) now(id string) version {
	list := s.spans[id]
	if len(list) == 0 {
		return version{}
	}
	return list[len(list)-1].version
}

// current is a document as it is.
func (s *shelf) current(id string) version {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now(id)
}

// ids are those of all documents that there ever were, in order.
func (s *shelf) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.spans))
}

// since are the versions that a document had between a time and now.
func (s *shelf) since(id string, from time.Time) []version {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.spans[id]
	if len(list) == 0 {
		return []version{{}}
	}
	var all []version
	for _, sp := range list {
		if sp.to.IsZero() || !sp.to.Before(from) {
			all = append(all, sp.version)
		}
	}
	return all
}

// end is the position behind the newest entry of the history.
func (s *shelf) end() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

// lose makes the source forget its history.
func (s *shelf) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = len(s.log)
}

// at returns when what is before a position had happened.
func (s *shelf) at(position int) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if position <= 0 || position > len(s.log) {
		return time.Time{}
	}
	return s.log[position-1].at
}

// part is the history from a position on; ok is false when it is lost.
func (s *shelf) part(from int) (list []event, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from < s.kept || from > len(s.log) {
		return nil, false
	}
	return slices.Clone(s.log[from:]), true
}

func (s *shelf) troubles() trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

func (s *shelf) setTrouble(t trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = t
}

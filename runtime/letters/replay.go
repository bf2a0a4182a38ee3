package letters

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
)

// Outcome is what became of a letter that was replayed.
type Outcome string

// The outcomes of a replay.
const (
	Delivered   Outcome = "delivered"    // the document is in the index, the letter gone
	Superseded  Outcome = "superseded"   // the index holds a newer version; the letter is gone
	NeedsSource Outcome = "needs_source" // only a sync can bring it in; the letter stays
	Refused     Outcome = "refused"      // it failed again; the letter stays
)

const (
	windowLetters = 50
	windowBytes   = 4 << 20
)

// Replay sends documents again as they are in their letters, through the
// pipeline that they were to go through, and removes the letters of those that
// the index takes. A document of another owner is never replaced, nor one that
// says that it is newer. Each outcome is told to tell, whose error ends it.
//
// It holds 50 letters or 4 MiB of documents in memory, and one letter.
func (s Store) Replay(ctx context.Context, q Query, tell func(*Letter, Outcome) error) error {
	q.Bodies = true
	r := &replay{Store: s, tell: tell, done: map[string][]string{}}
	err := s.Each(ctx, q, func(l *Letter, p Place) error {
		r.window, r.size = append(r.window, placed{l, p}), r.size+len(l.Body)
		if len(r.window) < windowLetters && r.size < windowBytes {
			return nil
		}
		return r.send(ctx)
	})
	if err == nil {
		err = r.send(ctx)
	}
	for id, keys := range r.done {
		err = errors.Join(err, s.Remove(ctx, id, map[Place][]string{InFile: keys}))
	}
	return err
}

// placed is a letter and where it is kept.
type placed struct {
	*Letter
	place Place
}

// replay is a replay under way.
type replay struct {
	Store
	tell   func(*Letter, Outcome) error
	window []placed
	size   int
	done   map[string][]string // by connector: what is to be removed from its file, when that has been read
}

// send replays a window.
func (r *replay) send(ctx context.Context) error {
	window := r.window
	r.window, r.size = nil, 0
	outcomes := make([]Outcome, len(window))
	type road struct{ index, pipeline string }
	roads := map[road][]int{}
	for i, l := range window {
		if l.NeedsSource || len(l.Body) == 0 {
			outcomes[i] = NeedsSource
			continue
		}
		to := road{l.Index, l.Pipeline}
		roads[to] = append(roads[to], i)
	}
	for to, list := range roads {
		if err := r.deliver(ctx, to.index, to.pipeline, window, list, outcomes); err != nil {
			return fmt.Errorf("replay into index %s: %w", to.index, err)
		}
	}
	return r.settle(ctx, window, outcomes)
}

// deliver sends letters of one index through one pipeline.
func (r *replay) deliver(ctx context.Context, index, pipeline string, window []placed, list []int, outcomes []Outcome) (err error) {
	refused := &refusals{by: map[string]connector.Rejection{}}
	bulk := r.Client.Bulk(index, elastic.BulkOptions{Pipeline: pipeline, Flushers: 1, Report: refused})
	defer func() { err = errors.Join(err, bulk.Close()) }()
	for _, i := range list {
		l := window[i].Letter
		action, outcome, err := r.look(ctx, l)
		if err != nil {
			return err
		}
		if outcomes[i] = outcome; outcome == Delivered {
			if err := bulk.Put(ctx, action, l.ID, l.Body, ""); err != nil {
				return err
			}
		}
	}
	if err := bulk.Flush(ctx); err != nil {
		return err
	}
	for _, i := range list {
		if again, failed := refused.by[window[i].ID]; failed && outcomes[i] == Delivered {
			outcomes[i] = Refused
			window[i].Class, window[i].Reason = again.Class, again.Reason
		}
	}
	return nil
}

// settle removes the letters that nobody needs, writes those that failed again,
// and tells of all.
func (r *replay) settle(ctx context.Context, window []placed, outcomes []Outcome) error {
	var gone []string
	var again []elastic.Write
	for i, l := range window {
		switch o := outcomes[i]; {
		case o == Delivered || o == Superseded:
			if l.place == InFile {
				r.done[l.Connector] = append(r.done[l.Connector], l.Key)
			} else {
				gone = append(gone, l.Key)
			}
		case o == Refused && l.place == InIndex:
			l.Attempts++
			line, err := l.encode()
			if err != nil {
				return err
			}
			again = append(again, elastic.Write{ID: l.Key, Source: line})
		}
	}
	if err := r.write(ctx, gone, again); err != nil {
		return err
	}
	for i, l := range window {
		if err := r.tell(l.Letter, outcomes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) write(ctx context.Context, gone []string, again []elastic.Write) error {
	if len(gone) > 0 {
		if err := (index{r.Client, r.Index}).remove(ctx, gone); err != nil {
			return fmt.Errorf("remove dead letters: %w", err)
		}
	}
	if len(again) == 0 {
		return nil
	}
	refused, err := r.Client.WriteMany(ctx, r.Index, again)
	return errors.Join(append(refused, err)...)
}

// refusals are the documents that were rejected.
type refusals struct {
	mu sync.Mutex
	by map[string]connector.Rejection
}

// Succeeded does nothing.
func (*refusals) Succeeded(int) {}

// Failed notes a rejection.
func (r *refusals) Failed(x connector.Rejection) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.Source = nil
	r.by[x.ID] = x
	return nil
}

// isStatus reports an answer with a status.
func isStatus(err error, status int) bool {
	var e *elastic.Error
	return errors.As(err, &e) && e.Status == status
}

// unusable reports that the index may not be used.
func unusable(err error) bool { return isStatus(err, http.StatusForbidden) }

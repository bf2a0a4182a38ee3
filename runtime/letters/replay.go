package letters

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

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
// says that it is newer, nor one that changes at the same moment. Each outcome is told to tell, whose error ends it.
//
// It holds 50 letters or 4 MiB of documents in memory, and one letter.
func (s Store) Replay(ctx context.Context, q Query, tell func(*Letter, Outcome) error) error {
	q.Bodies = true
	r := &replay{Store: s, tell: tell, done: map[string]map[string]time.Time{}}
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
	for id, done := range r.done {
		err = errors.Join(err, r.clear(ctx, id, done))
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
	done   map[string]map[string]time.Time // by connector: what is to be removed from its file, when that has been read
}

// send replays a window.
func (r *replay) send(ctx context.Context) error {
	window := r.window
	r.window, r.size = nil, 0
	outcomes := make([]Outcome, len(window))
	type road struct{ index, pipeline string }
	roads := map[road][]*delivery{}
	for i, l := range window {
		if l.NeedsSource || len(l.Body) == 0 {
			outcomes[i] = NeedsSource
			continue
		}
		to := road{l.Index, l.Pipeline}
		roads[to] = append(roads[to], &delivery{Letter: l.Letter, outcome: &outcomes[i]})
	}
	var failed error
	for to, list := range roads {
		if err := r.deliver(ctx, to.index, to.pipeline, list); err != nil {
			failed = errors.Join(failed, fmt.Errorf("replay into index %s: %w", to.index, err))
		}
	}
	return errors.Join(failed, r.settle(ctx, window, outcomes))
}

// settle removes the letters that nobody needs, writes those that failed again,
// and tells of all but those that an error has left open. A letter that a sync
// has written meanwhile stays as that wrote it.
func (r *replay) settle(ctx context.Context, window []placed, outcomes []Outcome) error {
	var writes []elastic.Write
	for i, l := range window {
		o, w := outcomes[i], elastic.Write{ID: l.Key, SeqNo: l.seqNo, PrimaryTerm: l.term}
		switch {
		case (o == Delivered || o == Superseded) && l.place == InFile:
			r.finished(l.Letter)
			continue
		case o == Delivered || o == Superseded:
		case o == Refused && l.place == InIndex:
			l.Attempts++
			line, err := l.encode()
			if err != nil {
				return err
			}
			w.Source = line
		default:
			continue
		}
		writes = append(writes, w)
	}
	if err := r.write(ctx, writes); err != nil {
		return err
	}
	for i, l := range window {
		if outcomes[i] == "" {
			continue
		}
		if err := r.tell(l.Letter, outcomes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) write(ctx context.Context, writes []elastic.Write) error {
	if len(writes) == 0 {
		return nil
	}
	refused, err := r.Client.WriteMany(ctx, r.Index, writes)
	for _, one := range refused {
		if !isStatus(one, http.StatusConflict) {
			err = errors.Join(err, one)
		}
	}
	if err != nil {
		return fmt.Errorf("write dead letters: %w", err)
	}
	return nil
}

// finished notes a letter that is to be removed from its file.
func (r *replay) finished(l *Letter) {
	if r.done[l.Connector] == nil {
		r.done[l.Connector] = map[string]time.Time{}
	}
	r.done[l.Connector][l.Key] = l.At
}

// clear removes letters from a file, and older ones of the same documents from
// the index. Those that were written meanwhile stay.
func (r *replay) clear(ctx context.Context, connectorID string, done map[string]time.Time) error {
	gone := func(l *Letter) bool {
		at, has := done[l.Key]
		return has && !l.At.After(at)
	}
	if r.Index != "" {
		var old []elastic.Write
		err := index{r.Client, r.Index}.each(ctx, query{connector: connectorID}, func(l *Letter) error {
			if gone(l) {
				old = append(old, elastic.Write{ID: l.Key, SeqNo: l.seqNo, PrimaryTerm: l.term})
			}
			return nil
		})
		for err == nil && len(old) > 0 {
			n := min(page, len(old))
			err, old = r.write(ctx, old[:n]), old[n:]
		}
		if err != nil && !unusable(err) {
			return err
		}
	}
	return r.file(connectorID).remove(gone)
}

// isStatus reports an answer with a status.
func isStatus(err error, status int) bool {
	var e *elastic.Error
	return errors.As(err, &e) && e.Status == status
}

// unusable reports that the index may not be used.
func unusable(err error) bool { return isStatus(err, http.StatusForbidden) }

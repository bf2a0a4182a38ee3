package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// reader is what all sources of a process have in common.
type reader struct {
	shelf, people *shelf
	moves         func(*rand.Rand) // changes something
	name          string           // of the process
	seed          uint64

	mu     sync.Mutex
	runs   int
	passes map[*shelf]*reading // the last one
}

// source is the source as a job opens it.
type source struct {
	*reader
	restricted bool // it says who may read its documents
}

var errBroken = errors.New("the connection to the source broke")

func (r *reader) Ping(context.Context) error { return nil }

// Fields has a type that some documents break.
func (r *reader) Fields(context.Context) (map[string]connector.FieldType, error) {
	return map[string]connector.FieldType{"n": connector.Long}, nil
}

func (r *reader) begin(of *shelf, full bool, started time.Time) *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs++
	g := &reading{full: full, started: started, failed: map[string]bool{}, refused: map[string]bool{}, dice: dice(r.seed, r.name, strconv.Itoa(r.runs))}
	r.passes[of] = g
	return g
}

// last is the pass over a shelf that was begun last; nil when there was none.
func (r *reader) last(of *shelf) *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.passes[of]
}

// GetDocs walks over the ids that there are at its start and reads each as it is then.
func (s source) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	g := s.begin(s.shelf, true, time.Now())
	ids, t := s.shelf.ids(), s.shelf.troubles()
	if g.dice.Float64() < t.lies {
		for _, id := range ids {
			g.fail(id, true)
		}
		return nil
	}
	return s.walk(ctx, g, s.shelf, ids, t, func(id string, v version) error { return emit(s.document(g, id, v, t)) })
}

// Identities walks over the people in the same way.
func (s source) Identities(ctx context.Context, emit func(connector.Document) error) error {
	g := s.begin(s.people, true, time.Now())
	t := s.shelf.troubles()
	return s.walk(ctx, g, s.people, s.people.ids(), t, func(id string, v version) error { return emit(s.identity(g, id, v, t)) })
}

func (r *reader) walk(ctx context.Context, g *reading, over *shelf, ids []string, t trouble, visit func(string, version) error) error {
	breaks := len(ids) + 1
	if g.dice.Float64() < t.breaks {
		breaks = g.dice.IntN(len(ids) + 1)
	}
	g.dice.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
	for i, id := range ids {
		if i == breaks {
			return errBroken
		}
		if err := g.pause(ctx, t.pause); err != nil {
			return err
		}
		r.move(g, t)
		times := 1
		if g.dice.Float64() < t.replays/10 {
			times = 2
		}
		for range times {
			v := over.current(id)
			if !v.there() {
				continue
			}
			if err := visit(id, v); err != nil {
				return err
			}
		}
	}
	if breaks == len(ids) {
		return errBroken
	}
	return nil
}

// move lets something happen in the source while it is read.
func (r *reader) move(g *reading, t trouble) {
	if g.dice.Float64() < t.moves {
		r.moves(g.dice)
	}
}

// Position is the end of the history.
func (r *reader) Position(context.Context) (connector.Cursor, error) { return at(r.shelf.end()), nil }

// Changed compares positions.
func (r *reader) Changed(_ context.Context, since connector.Cursor) (bool, error) {
	n, err := strconv.Atoi(string(since))
	if err != nil {
		return false, err
	}
	if _, ok := r.shelf.part(n); !ok {
		return false, connector.ErrPositionLost
	}
	return n != r.shelf.end(), nil
}

func at(n int) connector.Cursor { return connector.Cursor(strconv.Itoa(n)) }

// Changes goes through the history until its end, with some of it twice and out of order where the source may do so.
func (s source) Changes(ctx context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	from, err := strconv.Atoi(string(since))
	if err != nil {
		return nil, err
	}
	list, ok := s.shelf.part(from)
	if !ok {
		return nil, fmt.Errorf("%w: the history begins later", connector.ErrPositionLost)
	}
	g, t := s.begin(s.shelf, false, s.shelf.at(from)), s.shelf.troubles()
	for _, e := range arrange(g.dice, list, from, t, s.shelf.carries) {
		if g.dice.Float64() < t.breaks/20 {
			return nil, errBroken
		}
		if g.dice.Float64() < t.loses/20 {
			return nil, connector.ErrPositionLost
		}
		if err := g.pause(ctx, t.pause); err != nil {
			return nil, err
		}
		s.move(g, t)
		if err := emit(s.change(g, e, t)); err != nil {
			return nil, err
		}
	}
	return at(from + len(list)), nil
}

func (s source) change(g *reading, e step, t trouble) connector.Change {
	v := e.version
	if !s.shelf.carries {
		v = s.shelf.current(e.id)
	}
	c := connector.Change{Deleted: !v.there(), Document: connector.Document{ID: e.id}}
	if v.there() {
		c.Document = s.document(g, e.id, v, t)
	} else {
		g.fail(e.id, false)
	}
	if e.cursor > 0 {
		c.Cursor = at(e.cursor)
	}
	return c
}

package simulation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// reader is the source as a process opens it.
type reader struct {
	shelf *shelf
	moves func(*rand.Rand) // changes something
	name  string           // of the process
	seed  uint64

	mu   sync.Mutex
	runs int
	run  *reading
}

// reading is one pass over the source.
type reading struct {
	full    bool
	started time.Time // from when on what happened in the source is read
	mu      sync.Mutex
	failed  map[string]bool // what the source could not read, and what Elasticsearch will refuse
	dice    *rand.Rand
}

var errBroken = errors.New("the connection to the source broke")

func (r *reader) Ping(context.Context) error { return nil }

// Fields has a type that some documents break.
func (r *reader) Fields(context.Context) (map[string]connector.FieldType, error) {
	return map[string]connector.FieldType{"n": connector.Long}, nil
}

func (r *reader) begin(full bool, started time.Time) *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs++
	r.run = &reading{full: full, started: started, failed: map[string]bool{}, dice: dice(r.seed, r.name, strconv.Itoa(r.runs))}
	return r.run
}

// last is the pass that was begun last; nil when there was none.
func (r *reader) last() *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.run
}

func (g *reading) fail(id string, failed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if failed {
		g.failed[id] = true
	} else {
		delete(g.failed, id)
	}
}

func (g *reading) failures() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []string
	for id := range g.failed {
		all = append(all, id)
	}
	return all
}

// GetDocs walks over the ids that there are at its start and reads each as it is then.
func (r *reader) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	g := r.begin(true, time.Now())
	ids, t := r.shelf.ids(), r.shelf.troubles()
	if g.dice.Float64() < t.lies {
		for _, id := range ids {
			g.fail(id, true)
		}
		return nil
	}
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
			v := r.shelf.current(id)
			if !v.there() {
				continue
			}
			if err := emit(r.document(g, id, v, t)); err != nil {
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

func (g *reading) pause(ctx context.Context, most time.Duration) error {
	if g.dice.IntN(4) > 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Duration(g.dice.Int64N(int64(max(most, 5*time.Millisecond))))):
		return nil
	}
}

func (r *reader) document(g *reading, id string, v version, t trouble) connector.Document {
	d := connector.NewDocument(id)
	g.fail(id, v.bad || v.drop)
	if g.dice.Float64() < t.unreadable {
		g.fail(id, true)
		d.Err = errors.New("permission denied")
		return d
	}
	d.Set("n", v.n)
	if v.bad {
		d = connector.NewDocument(id)
		d.Set("n", "no number")
	}
	d.Set("kind", v.kind)
	if v.drop {
		d.Set("drop", true)
	}
	if v.file {
		d.Attachment = r.file(g, id, v, g.dice.Float64() < t.file, time.Duration(g.dice.Int64N(int64(20*time.Millisecond))))
	}
	return d
}

func (r *reader) file(g *reading, id string, v version, fails bool, takes time.Duration) *connector.Attachment {
	text := v.text(id)
	return &connector.Attachment{
		Name: "a.txt", Size: int64(len(text)), ETag: strconv.Itoa(v.n),
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-time.After(takes):
			}
			if fails {
				g.fail(id, true)
				return nil, errBroken
			}
			return io.NopCloser(strings.NewReader(text)), nil
		},
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
func (r *reader) Changes(ctx context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	from, err := strconv.Atoi(string(since))
	if err != nil {
		return nil, err
	}
	list, ok := r.shelf.part(from)
	if !ok {
		return nil, fmt.Errorf("%w: the history begins later", connector.ErrPositionLost)
	}
	g, t := r.begin(false, r.shelf.at(from)), r.shelf.troubles()
	for _, s := range arrange(g.dice, list, from, t, r.shelf.carries) {
		if g.dice.Float64() < t.breaks/20 {
			return nil, errBroken
		}
		if g.dice.Float64() < t.loses/20 {
			return nil, connector.ErrPositionLost
		}
		if err := g.pause(ctx, t.pause); err != nil {
			return nil, err
		}
		r.move(g, t)
		if err := emit(r.change(g, s, t)); err != nil {
			return nil, err
		}
	}
	return at(from + len(list)), nil
}

func (r *reader) change(g *reading, s step, t trouble) connector.Change {
	v := s.version
	if !r.shelf.carries {
		v = r.shelf.current(s.id)
	}
	c := connector.Change{Deleted: !v.there(), Document: connector.Document{ID: s.id}}
	if v.there() {
		c.Document = r.document(g, s.id, v, t)
	} else {
		g.fail(s.id, false)
	}
	if s.cursor > 0 {
		c.Cursor = at(s.cursor)
	}
	return c
}

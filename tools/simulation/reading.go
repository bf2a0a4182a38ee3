package simulation

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// reading is one pass over the source.
type reading struct {
	full    bool
	started time.Time // from when on what happened in the source is read
	mu      sync.Mutex
	failed  map[string]bool // what the source could not read, and what Elasticsearch will refuse
	refused map[string]bool // what was too large alone, and did not come in since
	dice    *rand.Rand
}

func (g *reading) fail(id string, failed bool) { g.mark(g.failed, id, failed) }

func (g *reading) refuse(id string, refused bool) { g.mark(g.refused, id, refused) }

func (g *reading) mark(in map[string]bool, id string, is bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if is {
		in[id] = true
	} else {
		delete(in, id)
	}
}

func (g *reading) failures() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []string
	for id := range g.failed {
		all = append(all, id)
	}
	for id := range g.refused {
		all = append(all, id)
	}
	return all
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

// padding makes a document larger than any limit.
var padding = strings.Repeat("x", 4000)

func (s source) document(g *reading, id string, v version, t trouble) connector.Document {
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
	if v.large {
		d.Set("padding", padding)
	}
	if v.file {
		d.Attachment = s.file(g, id, v, g.dice.Float64() < t.file, time.Duration(g.dice.Int64N(int64(20*time.Millisecond))))
	}
	if s.restricted {
		d.Access = access(v)
	}
	return d
}

// access is the list of a document: none, or an empty one, where nobody may read it.
func access(v version) []string {
	if v.readers == "" && v.n%2 == 0 {
		return nil
	}
	return append([]string{}, strings.Fields(v.readers)...)
}

func (s source) identity(g *reading, id string, v version, t trouble) connector.Document {
	g.fail(id, false)
	if g.dice.Float64() < t.unreadable {
		g.fail(id, true)
		return connector.Document{ID: id, Err: errors.New("the directory of people does not answer")}
	}
	d := connector.NewIdentity(id, strings.Fields(v.readers))
	d.Set("n", v.n)
	d.Set("kind", v.kind)
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

package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// event is a step of a history: a document got a version, or was deleted (0).
type event struct{ number, version int }

// tape is a source whose history is played as a stream plays it that delivers at
// least once: events come twice, events of different documents change places,
// and after a lost connection everything since the last cursor comes again. Those
// of one document keep their order, and a cursor is given only when all events
// before it were.
type tape struct {
	events  []event
	random  *rand.Rand
	emitted int64
	// during, when set, is called before each event with how many came before it.
	during func(played int) error
}

// record makes a history of so many events of 300 documents.
func record(seed uint64, events int) *tape {
	p := &tape{random: rand.New(rand.NewPCG(seed, 28))}
	versions := map[int]int{}
	for range events {
		n := p.random.IntN(300)
		if versions[n] > 0 && p.random.IntN(4) == 0 {
			versions[n] = 0
		} else {
			versions[n] = len(p.events) + 1
		}
		p.events = append(p.events, event{n, versions[n]})
	}
	return p
}

// states are the versions that each document may have when the events before
// since are carried out for certain, and later ones perhaps.
func (p *tape) states(since int) map[int]map[int]bool {
	states := map[int]map[int]bool{}
	for n := range 300 {
		states[n] = map[int]bool{0: true}
	}
	for at, e := range p.events {
		if at < since {
			clear(states[e.number])
		}
		states[e.number][e.version] = true
	}
	return states
}

// truth is what the index holds in the end.
func (p *tape) truth() map[string]json.RawMessage {
	truth := map[string]json.RawMessage{}
	for n, versions := range p.states(len(p.events)) {
		for version := range versions {
			if d := document(n, version); version > 0 {
				truth[d.ID] = json.RawMessage("{" + string(d.Fields()) + "}")
			}
		}
	}
	return truth
}

// Position is the end of the history.
func (p *tape) Position(context.Context) (connector.Cursor, error) {
	return connector.Cursor(strconv.Itoa(len(p.events))), nil
}

// Changes plays what came after a cursor.
func (p *tape) Changes(ctx context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	cursor, err := strconv.Atoi(string(since))
	if err != nil {
		return nil, err
	}
	played := 0
	for at := cursor; at < len(p.events); {
		end := min(len(p.events), at+8)
		block := p.shuffled(p.events[at:end])
		for i, e := range block {
			ch := change(e)
			if i == len(block)-1 && p.random.IntN(4) == 0 {
				cursor = end
				ch.Cursor = connector.Cursor(strconv.Itoa(end))
			}
			if p.during != nil {
				if err := p.during(played); err != nil {
					return nil, err
				}
			}
			played++
			if !ch.Deleted {
				p.emitted++
			}
			if err := emit(ch); err != nil {
				return nil, err
			}
		}
		if at = end; p.random.IntN(12) == 0 {
			at = cursor // the connection was lost
		}
	}
	return p.Position(ctx)
}

// shuffled lets neighbors of different documents change places, and some come
// twice.
func (p *tape) shuffled(events []event) (block []event) {
	for _, e := range events {
		block = append(block, e)
		if p.random.IntN(5) == 0 {
			block = append(block, e)
		}
	}
	for range 2 * len(block) {
		i := p.random.IntN(len(block))
		if j := i + 1; j < len(block) && block[i].number != block[j].number {
			block[i], block[j] = block[j], block[i]
		}
	}
	return block
}

func change(e event) connector.Change {
	if e.version == 0 {
		return connector.Change{Document: connector.Document{ID: id(e.number)}, Deleted: true}
	}
	return connector.Change{Document: document(e.number, e.version)}
}

// playback is one run of [job.Changes] and where to go on.
func (w *world) playback(t *testing.T, p *tape, since int) (outcome, int) {
	t.Helper()
	client, budget, from := w.connect(t), job.NewBudget(), len(w.proxy.Requests())
	index := client.Index(w.index)
	bulk := index.Bulk(elastic.BulkOptions{MaxDocs: 50, Report: budget})
	p.emitted = 0
	c := &job.Changes{
		Source: p, Since: connector.Cursor(strconv.Itoa(since)), Index: index, Sink: bulk, Budget: budget,
		Owner: job.Owner("faults"), Log: w.log.logger(), Now: time.Now,
	}
	next, err := c.Run(t.Context())
	if closed := bulk.Close(); err == nil {
		err = closed
	}
	client.Close()
	w.proxy.Settle()
	if next != nil {
		since, _ = strconv.Atoi(string(next))
	}
	return outcome{Counters: c.Counters(), err: err, emitted: p.emitted, requests: w.proxy.Requests()[from:]}, since
}

// disorderedStreams is F28: events come twice and out of order, and the run is
// broken off in between.
func disorderedStreams(t *testing.T, x *trial) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := x.world(t, 0)
			w.filled(t)
			p := record(seed, 3000)
			w.truth = p.truth
			since := 0
			for breaks := range 3 {
				since = w.broken(t, p, since, breaks)
			}
			p.during = nil
			o, since := w.playback(t, p, since)
			require.NoError(t, o.err)
			require.Equal(t, len(p.events), since)
			w.equal(t, p.truth())
			o.countedSteps(t)
			w.secretsKept(t, o)
			x.held("I4 cursors")

			o, _ = w.playback(t, p, 0) // all of it again
			require.NoError(t, o.err)
			w.equal(t, p.truth())
			o.countedSteps(t)
		})
	}
}

// broken is a run that ends early because Elasticsearch or the source fails. The
// cursor that it leaves is behind what is in the index, never ahead.
func (w *world) broken(t *testing.T, p *tape, since, breaks int) int {
	t.Helper()
	p.during = func(played int) error {
		switch {
		case played != 700+breaks*400:
			return nil
		case breaks == 1:
			return errSource
		}
		w.proxy.Set(proxy.Down())
		return nil
	}
	o, since := w.playback(t, p, since)
	w.proxy.Set()
	require.Error(t, o.err)
	o.countedSteps(t)
	w.secretsKept(t, o)
	states := p.states(since)
	stored := w.server.stored(t, w.index)
	for n := range 300 {
		var is struct{ Version int }
		if source, there := stored[id(n)]; there {
			require.NoError(t, json.Unmarshal(source, &is))
		}
		require.Contains(t, states[n], is.Version, "I4: %s, with a cursor at %d", id(n), since)
	}
	return since
}

// countedSteps asserts the counters of a run in which an id is written more than
// once: each answer of Elasticsearch counts, unless the run ended before it.
func (o outcome) countedSteps(t *testing.T) {
	t.Helper()
	want := map[string]int64{}
	for _, q := range bulks(o.requests) {
		var answer struct {
			Items []map[string]struct{ Result string }
		}
		if q.Status != 200 {
			continue
		}
		require.NoError(t, json.Unmarshal(q.Reply, &answer))
		for _, item := range answer.Items {
			for _, done := range item {
				want[done.Result]++
			}
		}
	}
	for name, got := range map[string]int64{"created": o.Created, "updated": o.Updated, "deleted": o.Deleted} {
		if o.err == nil {
			require.Equal(t, want[name], got, "I5 %s", name)
		}
		require.LessOrEqual(t, got, want[name], "I5 %s", name)
	}
	require.Equal(t, o.Emitted, o.Created+o.Updated+o.Unchanged+o.Filtered+o.Failed+o.Duplicate, "I5: the sum")
	require.Equal(t, o.emitted, o.Emitted, "I5 emitted")
}

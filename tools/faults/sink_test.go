package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/tools/faults/proxy"
)

const (
	rejected = "es_rejected_execution_exception"
	busy     = "rejected execution of primary operation [coordinating_and_primary_bytes=51897900, replica_bytes=0, all_bytes=51897900, primary_operation_bytes=600, max_coordinating_and_primary_bytes=51897958]"
)

// onBulk makes the proxy ask about _bulk requests only, with their bodies.
func (w *world) onBulk(answer func(r *http.Request, body []byte) *proxy.Answer) {
	w.proxy.Answer(func(r *http.Request) *proxy.Answer {
		if !proxy.IsBulk(r) {
			return nil
		}
		return answer(r, readAll(r))
	})
}

// dice decides about an item by its id and by how often it came.
type dice struct {
	mu    sync.Mutex
	times map[string]int
}

// came returns how often an item came before.
func (d *dice) came(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.times == nil {
		d.times = map[string]int{}
	}
	d.times[id]++
	return d.times[id] - 1
}

// below reports whether a throw from 0 to 99 that belongs to both is below n.
func below(id string, times, n int) bool {
	h := uint32(2166136261)
	for _, c := range fmt.Appendf(nil, "%s/%d", id, times) {
		h = (h ^ uint32(c)) * 16777619
	}
	return int(h>>7%100) < n
}

// refusedItems is F5: of the items of each request a share is answered 429. They
// alone are sent again, until each is in the index once.
func refusedItems(t *testing.T, x *trial) {
	for _, percent := range []int{30, 60} {
		t.Run(fmt.Sprint(percent, " percent"), func(t *testing.T) {
			w := x.world(t, 1000)
			d := &dice{}
			w.onBulk(func(_ *http.Request, body []byte) *proxy.Answer {
				return proxy.RefuseItems(body, func(i proxy.Item) (int, string, string) {
					if below(i.ID, d.came(i.ID), percent) {
						return http.StatusTooManyRequests, rejected, busy
					}
					return 0, "", ""
				})
			})
			o := w.run(t)
			w.check(t, o)
			require.EqualValues(t, 1000, o.Created)
			require.Equal(t, once(o.requests), 1000, "what was taken is not sent again")

			w.shelf.put(numbers(0, 500)...)
			w.shelf.drop(numbers(900, 950)...)
			o = w.run(t)
			w.check(t, o)
			require.Equal(t, []int64{500, 50, 450}, []int64{o.Updated, o.Deleted, o.Unchanged})
			w.heal(t)
		})
	}
}

// once counts the items that the server got, and fails for those that it got
// twice by returning -1.
func once(requests []proxy.Request) int {
	seen := map[string]bool{}
	for _, q := range bulks(requests) {
		if q.Passed == nil {
			continue
		}
		for _, item := range proxy.Items(q.Passed) {
			if seen[item.ID] {
				return -1
			}
			seen[item.ID] = true
		}
	}
	return len(seen)
}

// refusedRequests is F6: for a while every request is answered 429. The source
// waits, fewer requests are under way, and nothing is dropped.
func refusedRequests(t *testing.T, x *trial) {
	const flushers, refusals = 8, 40
	w := x.world(t, 4000)
	w.settings.Elasticsearch.Bulk.MaxConcurrency = flushers
	var under, late, refused, emitted atomic.Int64
	w.onBulk(func(*http.Request, []byte) *proxy.Answer {
		now := under.Add(1)
		defer under.Add(-1)
		n := refused.Add(1)
		if n > refusals {
			return nil
		}
		if n > 2*flushers {
			late.Store(max(late.Load(), now))
		}
		emitted.Store(w.shelf.emitted.Load())
		return proxy.Refuse(http.StatusTooManyRequests, rejected, busy)
	})
	o := w.run(t)
	w.check(t, o)
	require.EqualValues(t, 4000, o.Created)
	require.Equal(t, 4000, once(o.requests))
	require.LessOrEqual(t, late.Load(), int64(2), "requests at once, after eight, four and two were refused")
	batch := int64(w.settings.Elasticsearch.Bulk.ChunkSize / 2)
	require.LessOrEqual(t, emitted.Load(), flushers*2*batch+1, "the source goes on although nothing was taken")
	w.heal(t)
}

// mixedAnswers is F7: status 200 with items of all kinds, and answers that make
// no sense.
func mixedAnswers(t *testing.T, x *trial) {
	t.Run("mixed", func(t *testing.T) { mixedItems(t, x) })
	for name, spoil := range map[string]func([]json.RawMessage) []byte{
		"missing item": func(items []json.RawMessage) []byte { return answerOf(items[1:]) },
		"surplus item": func(items []json.RawMessage) []byte { return answerOf(append(items, items[0])) },
		"out of order": func(items []json.RawMessage) []byte { slices.Reverse(items); return answerOf(items) },
		"garbage":      func([]json.RawMessage) []byte { return []byte("<html>all is well</html>") },
		"nothing":      func([]json.RawMessage) []byte { return nil },
		"other actions": func(items []json.RawMessage) []byte {
			return []byte(strings.ReplaceAll(string(answerOf(items)), `{"create"`, `{"index"`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := x.world(t, 400)
			var n atomic.Int64
			w.onBulk(func(*http.Request, []byte) *proxy.Answer {
				if n.Add(1)%3 == 0 {
					return nil
				}
				return &proxy.Answer{Edit: func(status int, body []byte) (int, []byte) { return status, spoil(itemsOf(body)) }}
			})
			o := w.run(t)
			w.check(t, o)
			require.EqualValues(t, 400, o.Created)
			w.heal(t)
		})
	}
	if x.open(t).genuine {
		t.Run("pipeline", func(t *testing.T) { pipelineOfWishes(t, x) })
	}
}

func itemsOf(body []byte) []json.RawMessage {
	var answer struct{ Items []json.RawMessage }
	_ = json.Unmarshal(body, &answer) // an answer of Elasticsearch
	return answer.Items
}

func answerOf(items []json.RawMessage) []byte {
	body, _ := json.Marshal(map[string]any{"errors": false, "items": items})
	return body
}

// mixedItems answers by the number of a document: every fifth is refused for the
// moment, every seventh is carried out without saying so, and every fiftieth does
// not fit the mapping. The answer says "errors": false.
func mixedItems(t *testing.T, x *trial) {
	w := x.world(t, 1000)
	d := &dice{}
	number := func(id string) (n int) { _, _ = fmt.Sscanf(id, "doc-%d", &n); return n }
	poison := func(id string) bool { return number(id)%50 == 7 }
	w.onBulk(func(_ *http.Request, body []byte) *proxy.Answer {
		lied := map[string]bool{}
		a := proxy.RefuseItems(body, func(i proxy.Item) (int, string, string) {
			n, came := number(i.ID), d.came(i.ID)
			switch {
			case poison(i.ID):
				return 400, "document_parsing_exception", "[1:6] failed to parse field [n] of type [date]. Preview of field's value: '" + content + "'"
			case n%5 == 1 && came < 2:
				return []int{429, 503}[came], rejected, busy
			}
			lied[i.ID] = n%7 == 1 && came < 2
			return 0, "", ""
		})
		return lying(a, lied)
	})
	o := w.run(t)
	require.NoError(t, o.err)
	truth := w.shelf.truth()
	maps.DeleteFunc(truth, func(id string, _ json.RawMessage) bool { return poison(id) })
	w.equal(t, truth)
	o.counted(t)
	w.secretsKept(t, o)
	require.Equal(t, []int64{980, 20}, []int64{o.Created, o.Failed})
	require.EqualValues(t, 20, w.heal(t).Created)
}

// lying makes an answer deny what was carried out, by a status of 500, and say
// that there are no errors.
func lying(a *proxy.Answer, about map[string]bool) *proxy.Answer {
	edit := a.Edit
	if edit == nil {
		return a
	}
	a.Edit = func(status int, body []byte) (int, []byte) {
		status, body = edit(status, body)
		items := itemsOf(body)
		for i := range items {
			var item map[string]struct {
				ID string `json:"_id"`
			}
			if json.Unmarshal(items[i], &item) != nil {
				continue
			}
			for action, it := range item {
				if about[it.ID] {
					items[i] = fmt.Appendf(nil, `{%q:{"_id":%q,"status":500,"error":{"type":"node_closed_exception","reason":"closed"}}}`, action, it.ID)
				}
			}
		}
		return status, answerOf(items)
	}
	return a
}

// pipelineOfWishes has an ingest pipeline that drops a document, gives one
// another id and fails for one.
func pipelineOfWishes(t *testing.T, x *trial) {
	w := x.world(t, 100)
	w.server.ask(t, "PUT", "/_ingest/pipeline/faults-wishes", `{"processors":[
		{"drop":{"if":"ctx.n==10"}}, {"set":{"if":"ctx.n==20","field":"_id","value":"renamed"}},
		{"fail":{"if":"ctx.n==30","message":"it does not like 30"}}]}`)
	t.Cleanup(func() { w.server.try(t, "DELETE", "/_ingest/pipeline/faults-wishes", "") })
	o := w.run(t, func(c *service.Content) { c.Pipeline = "faults-wishes" })
	require.NoError(t, o.err)
	require.Equal(t, []int64{97, 1, 2}, []int64{o.Created, o.Filtered, o.Failed})
	stored := w.server.stored(t, w.index)
	require.Len(t, stored, 98)
	require.Contains(t, stored, "renamed")
	o = w.heal(t) // without the pipeline all documents are sent again, and the stray one goes
	require.EqualValues(t, 1, o.Deleted)
}

// altered is a shelf whose documents are changed on their way.
type altered struct {
	*shelf
	change func(d *connector.Document)
	more   []connector.Document
}

func (a altered) GetDocs(ctx context.Context, f connector.Filter, emit func(connector.Document) error) error {
	for _, d := range a.more {
		a.emitted.Add(1)
		if err := emit(d); err != nil {
			return err
		}
	}
	return a.shelf.GetDocs(ctx, f, func(d connector.Document) error {
		if a.change != nil {
			a.change(&d)
		}
		return emit(d)
	})
}

// tooLarge is F12: a server takes few bytes at once. Batches are halved and stay
// small; a document that is too large alone is rejected.
func tooLarge(t *testing.T, x *trial) {
	const most = 8000
	w := x.world(t, 400)
	var sizes []int
	var mu sync.Mutex
	w.onBulk(func(_ *http.Request, body []byte) *proxy.Answer {
		mu.Lock()
		defer mu.Unlock()
		sizes = append(sizes, len(body))
		if len(body) > most {
			return proxy.Text(http.StatusRequestEntityTooLarge, "")
		}
		return nil
	})
	giant := func() connector.Document {
		d := connector.NewDocument("giant")
		d.Set("text", strings.Repeat(content+" ", 2*most/len(content)))
		return d
	}
	w.source = altered{shelf: w.shelf, more: []connector.Document{giant()}}
	o := w.run(t)
	require.NoError(t, o.err)
	w.equal(t, w.shelf.truth())
	o.counted(t)
	w.secretsKept(t, o)
	require.Equal(t, []int64{400, 1}, []int64{o.Created, o.Failed})
	for _, size := range sizes[len(sizes)/2:] {
		require.LessOrEqual(t, size, most, "later batches are smaller")
	}

	// where the server takes it, the next sync brings it
	w.proxy.Answer(nil)
	w.source = altered{shelf: w.shelf, more: []connector.Document{giant()}}
	o = w.run(t)
	require.NoError(t, o.err)
	require.Equal(t, []int64{1, 400}, []int64{o.Created, o.Unchanged})
	require.Len(t, w.server.stored(t, w.index), 401)
	w.trial.held("I1 ids", "I2 contents", "I5 counters", "I7 secrets")
	w.source = w.shelf
	require.EqualValues(t, 1, w.heal(t).Deleted)
}

// mappingConflict is F13: one of a thousand documents does not fit the mapping,
// and then none of them does.
func mappingConflict(t *testing.T, x *trial) {
	w := x.world(t, 1000)
	w.server.ask(t, "PUT", "/"+w.index, `{"settings":{"index.mapping.total_fields.limit":40},"mappings":{"properties":{"when":{"type":"date"}}}}`)
	spoil := func(d *connector.Document) { d.Set("when", content) }
	w.source = altered{shelf: w.shelf, change: func(d *connector.Document) {
		if d.ID == id(500) {
			spoil(d)
		}
	}}
	o := w.run(t)
	require.NoError(t, o.err, "one of a thousand costs itself")
	truth := w.shelf.truth()
	delete(truth, id(500))
	w.equal(t, truth)
	o.counted(t)
	w.secretsKept(t, o)
	require.Equal(t, []int64{999, 1}, []int64{o.Created, o.Failed})

	w.shelf.put(numbers(0, 1000)...)
	w.shelf.drop(numbers(990, 1000)...)
	for words, change := range map[string]func(*connector.Document){
		"failed to parse field [when]": spoil,
		"map the object that holds these as flattened": func(d *connector.Document) {
			for i := range 60 {
				d.Set(fmt.Sprint("field-", d.ID, i), i)
			}
		},
	} {
		w.source = altered{shelf: w.shelf, change: change}
		o = w.run(t)
		w.refused(t, o, "documents in a row", words)
		o.deletesNothing(t)
		require.Less(t, o.emitted, int64(990), "the source is not read to its end")
		w.equal(t, truth)
	}
	w.source = w.shelf
	o = w.heal(t)
	require.Equal(t, []int64{1, 989, 10}, []int64{o.Created, o.Updated, o.Deleted})
}

package simulation

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/tools/simulation/model"
)

// What may become of the connection of a request.
const (
	whole    = iota
	beforeIt // it breaks before the request is carried out
	afterIt  // it breaks when it was carried out, without an answer
	midway   // in the middle of the answer
	garbled  // somebody else answers what was carried out
)

// fate is what becomes of one request.
type fate struct {
	before, after time.Duration
	cut           int
	status        int // it is refused with this status
	kind, reason  string
	large         bool // because it is too large
	trouble       model.Trouble
	slices        bool
}

// climate is which faults there are, as chances of one request.
type climate struct {
	busy, broken, before, after, midway, garbled, shard, slow, items, crawl, lose float64
	denied                                                                        bool // 401 to everybody
	// What follows is for requests with documents.
	limit int     // the largest one in bytes; 0 is none
	late  float64 // chance of one to be carried out seconds later, while others go on
}

// weather is the climate at this time. Each request's fate depends on the seed and on what the request is.
type weather struct {
	world *World

	mu     sync.Mutex
	now    climate
	outage bool
	met    map[string]int
}

func (w *weather) set(c climate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = c
}

func (w *weather) setDown(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outage = down
}

func (w *weather) down() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.outage
}

// know returns the climate and the name of a request: how often such a one came before is part of it.
func (w *weather) know(from string, r model.Request) (climate, string) {
	what := from + " " + r.Method + " " + r.Path
	if strings.HasSuffix(r.Path, "/_bulk") {
		h := fnv.New64a()
		_, _ = h.Write(r.Body[:min(len(r.Body), 60)]) // never fails
		what += strconv.FormatUint(h.Sum64(), 36)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met[what]++
	return w.now, what + " " + strconv.Itoa(w.met[what])
}

func (w *weather) fate(from string, r model.Request) fate {
	c, what := w.know(from, r)
	d := dice(w.world.Seed, what)
	f := fate{before: time.Duration(d.Int64N(int64(4 * time.Millisecond))), after: time.Duration(d.Int64N(int64(4 * time.Millisecond)))}
	if from == user {
		return f
	}
	if c.denied {
		f.status, f.kind = 401, "security_exception"
		return f
	}
	documents := r.Path == "/"+content+"/_bulk"
	if documents && c.limit > 0 && len(r.Body) > c.limit {
		return f.tooLarge(len(r.Body), c.limit, d.IntN(4) == 0)
	}
	if documents && d.Float64() < c.late {
		f.before += time.Duration(d.Int64N(int64(lease)))
	}
	f.slices = d.IntN(8) == 0
	p := d.Float64()
	for _, choice := range []struct {
		chance float64
		change func()
	}{
		{c.busy, func() { f.status, f.kind = 429, "es_rejected_execution_exception" }},
		{c.broken, func() { f.status, f.kind = []int{500, 502, 503, 504}[d.IntN(4)], "weather_exception" }},
		{c.before, func() { f.cut = beforeIt }},
		{c.after, func() { f.cut = afterIt }},
		{c.midway, func() { f.cut = midway }},
		{c.garbled, func() { f.cut = garbled }},
		{c.shard, func() { f.trouble.Shard = true }},
		{c.slow, func() { f.trouble.Slow = true }},
		{c.crawl, func() { f.crawl(time.Duration(d.Int64N(int64(40 * time.Second)))) }},
		{c.lose, func() { w.world.node.LosePITs() }},
	} {
		if p -= choice.chance; p < 0 {
			choice.change()
			break
		}
	}
	if c.items > 0 {
		f.trouble.Item = func(id string) int { return w.item(c, what, id) }
	}
	return f
}

// tooLarge is the fate of a request that a proxy does not let through, or that is more than the server ever lets be under way.
func (f fate) tooLarge(size, limit int, busy bool) fate {
	f.large = true
	if f.status = 413; busy {
		f.status, f.kind = 429, "es_rejected_execution_exception"
		f.reason = fmt.Sprintf("rejected execution of coordinating operation [coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, coordinating_operation_bytes=%d, max_coordinating_and_primary_bytes=%d]", size, limit)
	}
	return f
}

// latest is the longest time that a request is on its way before it is carried out.
const latest = 20 * time.Second

// crawl makes the request or its answer take long. A request that comes late takes effect late.
func (f *fate) crawl(by time.Duration) {
	if by%2 == 0 && by < latest-lease {
		f.before += by
		return
	}
	f.after += by
}

// item is the fate of one item of a bulk request.
func (w *weather) item(c climate, what, id string) int {
	d := dice(w.world.Seed, what, id)
	switch {
	case d.Float64() >= c.items:
		return 0
	case d.IntN(4) == 0:
		return 503
	}
	return 429
}

package trial

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// fate is what happens with one write on its way.
type fate struct {
	first, last func() // before the node is asked; before it is answered
	delay       time.Duration
	refused     bool // the node is not asked
	lost        bool // nor is there an answer
	silent      bool // the node does it, but there is no answer
}

func (f fate) before() {
	if f.first != nil {
		f.first()
	}
}

func (f fate) after() {
	time.Sleep(f.delay)
	if f.last != nil {
		f.last()
	}
}

// weather decides what happens, and when. All chance of a trial comes from it.
type weather struct {
	mu     sync.Mutex
	random *rand.Rand
	calm   bool
	counts map[string]int
}

func newWeather(seed uint64) *weather {
	return &weather{random: rand.New(rand.NewPCG(seed, 0)), counts: map[string]int{}}
}

// between is a random time.
func (w *weather) between(least, most time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return least + time.Duration(w.random.Int64N(int64(most-least)+1))
}

// chance is true so many times of a thousand.
func (w *weather) chance(perMille int) bool { return w.number(1000) < perMille }

func (w *weather) number(below int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(below)
}

// settle ends the storm.
func (w *weather) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = true
}

func (w *weather) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calm
}

func (w *weather) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[what]++
}

// Shares of writes, of a thousand, that something happens with. Single
// documents are written at the turns of a job's life, so more happens there.
const (
	perBulk   = 40
	perSingle = 250
)

// strike decides about a write of a replica.
func (t *trial) strike(r *replica, run int) func(*ledger.Write) fate {
	return func(w *ledger.Write) fate {
		f := fate{}
		share := perSingle
		if w.Bulk != nil {
			share, f.delay = perBulk, t.weather.between(5*time.Millisecond, 80*time.Millisecond)
		}
		if t.weather.over() || !t.weather.chance(share) {
			return f
		}
		switch n := t.weather.number(100); {
		case n < 18:
			f.lost, f.first = true, func() { t.fleet.kill(r, run) }
		case n < 40:
			f.silent, f.last = true, func() { t.fleet.kill(r, run) }
		case n < 58:
			f.first = func() { t.fleet.pause(r, run, t.pauseTime()) }
		case n < 80:
			f.last = func() { t.fleet.pause(r, run, t.pauseTime()) }
		case n < 90:
			t.weather.count("answer lost")
			f.silent = true
		default:
			t.weather.count("request refused")
			f.refused = true
		}
		return f
	}
}

// pauseTime is mostly longer than a lease, sometimes shorter.
func (t *trial) pauseTime() time.Duration {
	lease := t.options.Lease
	if t.weather.chance(300) {
		return t.weather.between(lease/10, lease)
	}
	return t.weather.between(lease*5/4, lease*5/2)
}

package trial

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"time"
)

// The processes that are killed.
const (
	worker = "worker" // what syncs: the service, or the command
	server = "node"
	both   = "worker and node"
)

// draw is what the dice say about one round.
type draw struct {
	Round   int
	Victim  string
	Changes int  // sets of changes before the sync
	During  bool // documents change while it runs
	Anew    bool // into a new index
	Full    bool // even if the source could sync incrementally
	// Byte is where in the traffic the kill comes, in thousandths of what the
	// last sync had; 0: after Wait.
	Byte int
	Wait time.Duration
	Seed uint64 // of the changes
}

// dice decide what happens.
type dice struct {
	random *rand.Rand
	out    io.Writer
}

func newDice(seed, lane uint64, out io.Writer) *dice {
	return &dice{rand.New(rand.NewPCG(seed, lane)), out}
}

// chance is true so many times of a hundred.
func (d *dice) chance(percent int) bool { return d.random.IntN(100) < percent }

// throw decides about a round and writes it down.
func (d *dice) throw(round int) draw {
	w := draw{
		Round: round, Victim: worker, Changes: 2 + d.random.IntN(5), During: d.chance(50), Anew: d.chance(20), Full: d.chance(30),
		Wait: time.Duration(d.random.IntN(700)) * time.Millisecond, Seed: 1 + d.random.Uint64N(1<<40),
	}
	switch n := d.random.IntN(100); {
	case n < 25:
		w.Victim = server
	case n < 35:
		w.Victim = both
	}
	if d.chance(70) {
		w.Byte = 1 + d.random.IntN(1000)
	}
	_ = json.NewEncoder(d.out).Encode(w)
	return w
}

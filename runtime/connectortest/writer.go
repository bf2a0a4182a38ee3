package connectortest

import (
	"context"
	"math/rand/v2"
)

// Restarter is what the [World] of a source that syncs incrementally is besides
// where its system can be restarted. Whoever follows its changes has to go on.
type Restarter interface {
	// Restart ends the system, starts it again with what it holds, at the same
	// address, and returns when it answers.
	Restart(ctx context.Context) error
}

// Writer is what the [World] of a source that syncs incrementally is besides:
// it can be written to while it is read.
type Writer interface {
	// Write changes documents and returns once the system has them; Truth gives
	// them as they are from then on. It is called by one goroutine at a time, and
	// while it runs nothing else is asked of the world but its Budget. An error
	// is the system's; the truth is unknown after it.
	Write(ctx context.Context, c Changes) error
}

// Changes are how many documents change at once, each only once. The same
// changes of the same world are the same.
type Changes struct {
	Seed                    uint64
	Updates, Deletes, Added int // documents
}

// Percent are the changes of three documents in a hundred, with two that are
// deleted and one that is added, out of so many.
func Percent(seed uint64, total int) Changes {
	n := max(total/100, 1)
	return Changes{Seed: seed, Updates: 3 * n, Deletes: 2 * n, Added: n}
}

// Count is how many documents change.
func (c Changes) Count() int { return c.Updates + c.Deletes + c.Added }

// Choose draws the documents to update and to delete by their places in a list
// of so many, of those that are still there. They are fewer if most are gone.
func (c Changes) Choose(total int, there func(place int) bool) (update, remove []int) {
	dice := rand.New(rand.NewPCG(c.Seed, 1))
	drawn := map[int]bool{}
	for range 10 * total {
		if len(drawn) == c.Updates+c.Deletes {
			break
		}
		place := dice.IntN(total)
		switch {
		case drawn[place] || !there(place):
		case len(drawn) < c.Updates:
			drawn[place], update = true, append(update, place)
		default:
			drawn[place], remove = true, append(remove, place)
		}
	}
	return update, remove
}

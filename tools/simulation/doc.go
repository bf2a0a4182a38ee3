// Package simulation plays histories: a source that changes all the time, an Elasticsearch, a clock and the connector service, in one
// process and on a simulated clock. Everything above the connection is the product; the connection, the cluster behind it and the source
// are models. A seed decides what the source does, which request meets which fault, and when a process dies. An oracle looks at every write
// as it takes effect, and at the whole index each time a job says that it is completed.
//
// What a seed does not decide is what Go leaves to chance: which goroutine goes on first within one instant of the simulated clock, and
// which of two bulk flushers an id belongs to. Faults are drawn by what a request is and not by when it comes, so that this changes little.
package simulation

import (
	"hash/fnv"
	"math/rand/v2"
)

// dice returns chances that depend on the seed and the words alone.
func dice(seed uint64, words ...string) *rand.Rand {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = h.Write([]byte(w)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

package simulation

import "math/rand/v2"

// step is an entry of the history as it is handed out.
type step struct {
	event
	cursor int // safe after it; 0 is none
}

// arrange is the order in which a part of the history comes. Entries come again, as after a lost connection: from an earlier one on, each
// with its own cursor. Entries of different documents change places; those of one document only where their contents are looked up.
func arrange(d *rand.Rand, list []event, from int, t trouble, carries bool) []step {
	var steps []step
	for i := 0; i < len(list); {
		n := 1
		if d.Float64() < t.shuffles {
			n = min(2+d.IntN(4), len(list)-i)
		}
		block := list[i : i+n]
		if n > 1 {
			block = shuffled(d, block, carries)
		}
		for range max(1, t.repeats) {
			for k, e := range block {
				s := step{event: e}
				if k == n-1 && (d.IntN(2) == 0 || t.repeats > 1) {
					s.cursor = from + i + n
				}
				steps = append(steps, s)
			}
		}
		i += n
		if back := min(d.IntN(4), i); back > 0 && d.Float64() < t.replays {
			for k := i - back; k < i; k++ {
				steps = append(steps, step{list[k], from + k + 1})
			}
		}
	}
	return steps
}

// shuffled changes the order of entries; that of one document's stays where the contents are in the entries.
func shuffled(d *rand.Rand, block []event, carries bool) []event {
	mixed := append([]event(nil), block...)
	d.Shuffle(len(mixed), func(i, k int) { mixed[i], mixed[k] = mixed[k], mixed[i] })
	if !carries {
		return mixed
	}
	queues := map[string][]event{}
	for _, e := range block {
		queues[e.id] = append(queues[e.id], e)
	}
	for i, e := range mixed {
		mixed[i], queues[e.id] = queues[e.id][0], queues[e.id][1:]
	}
	return mixed
}

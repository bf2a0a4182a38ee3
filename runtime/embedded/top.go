package embedded

import (
	"cmp"
	"container/heap"
	"slices"
)

// topHits keeps the first from+size hits of a search.
type topHits struct {
	keep  int
	skip  int
	keys  []sortKey
	after []any
	best  float64
	hits  []candidate
}

func newTop(s *searchBody) *topHits { return &topHits{keep: s.from + s.size, skip: s.from} }

func (t *topHits) bind(keys []sortKey, after []any) { t.keys, t.after = keys, after }

// value is a hit's value for a sort key.
func (t *topHits) value(h candidate, i int) any {
	switch t.keys[i].path {
	case "_score":
		return h.score
	case "_doc", "_shard_doc":
		return h.shardDoc()
	}
	if t.keys[i].path == "_seq_no" {
		return h.seq
	}
	if h.values == nil {
		return nil
	}
	return h.values[i]
}

// compare orders two hits; without sort keys by score.
func (t *topHits) compare(a, b candidate) int {
	if len(t.keys) == 0 {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
	}
	for i, k := range t.keys {
		if c := k.compare(t.value(a, i), t.value(b, i)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.shardDoc(), b.shardDoc())
}

// passed reports whether a hit comes after search_after.
func (t *topHits) passed(h candidate) bool {
	for i, v := range t.after {
		if c := t.keys[i].compare(t.value(h, i), v); c != 0 {
			return c > 0
		}
	}
	return len(t.after) == 0
}

func (t *topHits) add(h candidate) {
	t.best = max(t.best, h.score)
	if t.keep == 0 || len(t.after) > 0 && !t.passed(h) {
		return
	}
	if len(t.hits) < t.keep {
		heap.Push(t, h)
		return
	}
	if t.compare(h, t.hits[0]) < 0 {
		t.hits[0] = h
		heap.Fix(t, 0)
	}
}

// addInOrder adds a hit that comes after all the others; false means that no more are wanted.
func (t *topHits) addInOrder(h candidate) bool {
	t.best = max(t.best, h.score)
	if len(t.hits) >= t.keep {
		return false
	}
	if len(t.after) == 0 || t.passed(h) {
		t.hits = append(t.hits, h)
	}
	return len(t.hits) < t.keep
}

// sorted is the page that was asked for.
func (t *topHits) sorted() []candidate {
	slices.SortFunc(t.hits, t.compare)
	return t.hits[min(t.skip, len(t.hits)):]
}

// Len, Less, Swap, Push and Pop make a heap with the last hit on top.
func (t *topHits) Len() int           { return len(t.hits) }
func (t *topHits) Less(i, j int) bool { return t.compare(t.hits[i], t.hits[j]) > 0 }
func (t *topHits) Swap(i, j int)      { t.hits[i], t.hits[j] = t.hits[j], t.hits[i] }
func (t *topHits) Push(x any)         { t.hits = append(t.hits, x.(candidate)) }
func (t *topHits) Pop() any {
	last := t.hits[len(t.hits)-1]
	t.hits = t.hits[:len(t.hits)-1]
	return last
}

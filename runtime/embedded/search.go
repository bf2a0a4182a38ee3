package embedded

import (
	"context"
	"errors"
	"math"
	"time"

	bolt "go.etcd.io/bbolt"
)

// partShift leaves room for sequence numbers below the number of the index in a _shard_doc.
const partShift = 40

func runSearch(c *call) (reply, error) {
	began := time.Now()
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	s, err := readSearch(o)
	if err == nil {
		err = s.readURL(c)
	}
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return reply{}, err
	}
	parts, release, err := c.snapshotsFor(s)
	if err != nil {
		return reply{}, err
	}
	defer release()
	found, err := c.node.find(c.req.Context(), s, parts)
	if err != nil {
		return reply{}, err
	}
	raw, err := found.encode(c.node, began)
	return reply{status: 200, raw: raw}, err
}

// snapshotsFor are the snapshots that a search reads.
func (c *call) snapshotsFor(s *searchBody) (parts []*pitPart, release func(), err error) {
	if s.pitID != "" {
		if len(c.parts) > 1 {
			return nil, nil, fail(400, "action_request_validation_exception",
				"Validation Failed: 1: [indices] cannot be used with point in time. Do not specify any index with point in time.;")
		}
		p, err := c.node.pit(s.pitID, s.keepAlive)
		if err != nil {
			return nil, nil, err
		}
		return p.parts, p.release, nil
	}
	list, err := c.targets()
	if err != nil {
		return nil, nil, err
	}
	parts, err = snapshots(list)
	if err != nil {
		return nil, nil, err
	}
	return parts, func() { closeParts(parts) }, nil
}

// found is the outcome of a search before its documents are read.
type found struct {
	body    *searchBody
	parts   []*pitPart
	queries []*compiler
	hits    []candidate
	total   int64
	scored  bool
	top     float64
}

// candidate is one hit.
type candidate struct {
	part   int
	seq    int64
	score  float64
	values []any // by sort key
}

// shardDoc is the hit's place in the natural order.
func (h candidate) shardDoc() int64 { return int64(h.part)<<partShift | h.seq }

// find runs a search over snapshots.
func (n *Node) find(ctx context.Context, s *searchBody, parts []*pitPart) (*found, error) {
	f := &found{body: s, parts: parts}
	f.scored = len(s.sorts) == 0 || s.scores
	for _, k := range s.sorts {
		f.scored = f.scored || k.path == "_score"
	}
	top := newTop(s)
	for i, part := range parts {
		c := &compiler{ix: part.ix, m: part.ix.mapping.Load(), now: n.now().UnixMilli(), marks: marks{}}
		f.queries = append(f.queries, c)
		err := f.findIn(ctx, n, i, c, top)
		var known *apiError
		if errors.As(err, &known) {
			if known.early || known.root != nil {
				return nil, known
			}
			return nil, shardFailure(part.ix, known)
		}
		if err != nil {
			return nil, err
		}
	}
	f.hits, f.top = top.sorted(), top.best
	return f, nil
}

func (f *found) findIn(ctx context.Context, n *Node, i int, c *compiler, top *topHits) error {
	s, part := f.body, f.parts[i]
	if s.from+s.size > part.ix.window() {
		return illegal("Result window is too large, from + size must be less than or equal to: [%d] but was [%d]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.", part.ix.window(), s.from+s.size)
	}
	query := matchAll(1)
	if s.query != nil {
		var err error
		if query, err = c.compile(s.query); err != nil {
			return err
		}
	}
	if err := checkDocvalues(s.docvalues, c.m, part.ix.name); err != nil {
		return err
	}
	keys := make([]sortKey, len(s.sorts))
	natural, stored := true, true
	for j, k := range s.sorts {
		bound, err := k.bind(c.m, part.ix)
		if err != nil {
			return err
		}
		keys[j] = bound
		stored = stored && k.special()
		natural = natural && k.special() && k.path != "_seq_no" && (k.path == "_score" || !k.desc)
	}
	after, err := readAfter(s, keys)
	if err != nil {
		return err
	}
	top.bind(keys, after)
	if query.none {
		return nil
	}
	return n.db.View(func(tx *bolt.Tx) error {
		b, err := openBuckets(tx, part.ix.uuid)
		if err != nil {
			return indexMissing(part.ix.name)
		}
		switch {
		case query.all && natural:
			return f.scan(i, b, top)
		case query.all && stored:
			return f.scanSeqs(i, b, span64{0, math.MaxInt64}, top)
		case query.seqs != nil && stored:
			return f.scanSeqs(i, b, *query.seqs, top)
		case query.ids != nil && natural:
			return f.fetchIDs(i, b, query.ids, top)
		}
		return f.collect(ctx, i, c, b, query, keys, top)
	})
}

func readAfter(s *searchBody, keys []sortKey) ([]any, error) {
	if len(s.after) == 0 {
		return nil, nil
	}
	if len(keys) == 0 {
		return nil, illegal("Sort must contain at least one field.")
	}
	implicit := s.pitID != "" && len(s.after) == len(keys)-1
	if len(s.after) != len(keys) && !implicit {
		return nil, illegal("search_after has %d value(s) but sort has %d.", len(s.after), len(keys))
	}
	out := make([]any, 0, len(keys))
	for i, v := range s.after {
		value, err := keys[i].read(v)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}

// scan finds everything in the order of writing, straight from the store.
func (f *found) scan(i int, b buckets, top *topHits) error {
	part := f.parts[i]
	f.total += part.pos.live
	start := int64(-1)
	if k := f.body.sorts; len(k) > 0 && len(top.after) > 0 && k[0].path != "_score" {
		if at, isInt := top.after[0].(int64); isInt {
			if int(at>>partShift) > i {
				return nil
			}
			if int(at>>partShift) == i {
				start = at&(1<<partShift-1) - 1
			}
		}
	}
	return b.scan(start, part.pos.seq, func(r record) (bool, error) {
		return top.addInOrder(candidate{part: i, seq: r.seq, score: 1}), nil
	})
}

func (f *found) fetchIDs(i int, b buckets, ids []string, top *topHits) error {
	for _, id := range ids {
		r, ok, err := b.at([]byte(id), f.parts[i].pos.seq)
		if err != nil {
			return err
		}
		if ok {
			f.total++
			top.add(candidate{part: i, seq: r.seq, score: 1})
		}
	}
	return nil
}

// window is index.max_result_window.
func (ix *index) window() int {
	if n, ok := ix.number("index.max_result_window"); ok {
		return n
	}
	return maxWindow
}

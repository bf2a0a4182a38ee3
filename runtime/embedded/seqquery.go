package embedded

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
)

// seqRange matches documents by the number of their last write. Alone it needs no Bleve.
func seqRange(body map[string]any) (clause, error) {
	s := span64{0, math.MaxInt64}
	for _, op := range []string{"gt", "gte", "lt", "lte"} {
		if body[op] == nil {
			continue
		}
		text := numberText(body[op])
		n, err := strconv.ParseInt(strings.TrimSuffix(text, ".0"), 10, 64)
		if _, fraction := strconv.ParseFloat(text, 64); err != nil && fraction == nil {
			return clause{}, queryFailed("failed to create query: Value [%s] has a decimal part", text)
		}
		if err != nil {
			return clause{}, queryFailed("failed to create query: For input string: \"%s\"", text)
		}
		s.bound(op, n, false)
	}
	if s.low > s.high {
		return matchNone(), nil
	}
	return clause{seqs: &s, find: s.find}, nil
}

// find is the range within a larger query.
func (s span64) find(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
	if s.low <= 0 && s.high >= r.seen {
		return searcher.NewMatchAllSearcher(ctx, r.reader, 1, o)
	}
	var ids []string
	err := r.docs.scan(s.low-1, r.seen, func(rec record) (bool, error) {
		if rec.seq <= s.high {
			ids = append(ids, string(seqKey(rec.seq)))
		}
		return rec.seq < s.high, nil
	})
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return searcher.NewMatchNoneSearcher(r.reader)
	}
	return searcher.NewDocIDSearcher(ctx, r.reader, ids, 1, o)
}

// scanSeqs finds the documents of a range straight from the store.
func (f *found) scanSeqs(i int, b buckets, s span64, top *topHits) error {
	return b.scan(s.low-1, f.parts[i].pos.seq, func(r record) (bool, error) {
		if r.seq <= s.high {
			f.total++
			top.add(candidate{part: i, seq: r.seq, score: 1})
		}
		return r.seq < s.high, nil
	})
}

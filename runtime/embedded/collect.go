package embedded

import (
	"context"

	"github.com/blevesearch/bleve/v2/search"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// collect runs the query through Bleve.
func (f *found) collect(ctx context.Context, i int, c *compiler, b buckets, query clause, keys []sortKey, top *topHits) error {
	part := f.parts[i]
	if part.reader == nil {
		return nil // nothing was ever written
	}
	ctx = context.WithValue(ctx, search.GetScoringModelCallbackKey, search.GetScoringModelCallbackFn(func() string { return bleveindex.BM25Scoring }))
	r := &run{reader: part.reader, docs: b, seen: part.seen, m: c.m}
	options := unscored
	if f.scored {
		options = search.SearcherOptions{}
	}
	s, err := query.find(ctx, r, options)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	values, err := newValueReader(part.reader, keys)
	if err != nil {
		return err
	}
	sc := &search.SearchContext{DocumentMatchPool: search.NewDocumentMatchPool(s.DocumentMatchPoolSize()+8, 0), IndexReader: part.reader}
	for {
		d, err := s.Next(sc)
		if err != nil || d == nil {
			return err
		}
		f.total++
		h, err := values.candidate(d, i)
		if err != nil {
			return err
		}
		if f.total%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		top.add(h)
		sc.DocumentMatchPool.Put(d)
	}
}

// valueReader reads the sort values of Bleve's hits.
type valueReader struct {
	reader bleveindex.IndexReader
	keys   []sortKey
	values bleveindex.DocValueReader
}

func newValueReader(r bleveindex.IndexReader, keys []sortKey) (*valueReader, error) {
	v := &valueReader{reader: r, keys: keys}
	var names []string
	for _, k := range keys {
		if k.field != nil {
			names = append(names, k.path)
		}
	}
	if len(names) == 0 {
		return v, nil
	}
	var err error
	v.values, err = r.DocValueReader(names)
	return v, err
}

func (v *valueReader) candidate(d *search.DocumentMatch, part int) (candidate, error) {
	h := candidate{part: part, score: d.Score}
	id, err := v.reader.ExternalID(d.IndexInternalID)
	if err != nil {
		return h, err
	}
	h.seq = keySeq([]byte(id))
	if v.values == nil {
		return h, nil
	}
	h.values = make([]any, len(v.keys))
	err = v.values.VisitDocValues(d.IndexInternalID, func(path string, term []byte) {
		for i, k := range v.keys {
			if k.field == nil || k.path != path {
				continue
			}
			value, use := k.value(term)
			if !use {
				continue
			}
			if old := h.values[i]; old == nil || (compareValues(value, old) < 0) != k.desc {
				h.values[i] = value
			}
		}
	})
	for i, k := range v.keys {
		if k.field != nil && h.values[i] == nil {
			h.values[i] = k.absent()
		}
	}
	return h, err
}

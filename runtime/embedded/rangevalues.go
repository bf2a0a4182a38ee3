package embedded

import (
	"bytes"
	"cmp"
	"context"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// fewTerms is up to how many terms of a range are looked up one by one. Beyond
// that the values of all documents are read: to look a million terms up takes
// minutes and gigabytes.
const fewTerms = 4096

// textSpan is a range of terms; a bound that is nil is none.
type textSpan struct {
	low, high     []byte
	lowIn, highIn bool
}

func (s *textSpan) holds(term []byte) bool {
	if s.low != nil {
		if c := bytes.Compare(term, s.low); c < 0 || c == 0 && !s.lowIn {
			return false
		}
	}
	if s.high == nil {
		return true
	}
	c := bytes.Compare(term, s.high)
	return c < 0 || c == 0 && s.highIn
}

func (s *textSpan) clause(f *field, boost float64) clause {
	return fixed(clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		if f.family == familyKeyword {
			many, err := s.many(r.reader, f.path)
			if err != nil {
				return nil, err
			}
			if many {
				return s.filter(ctx, r.reader, f.path, o)
			}
		}
		return searcher.NewTermRangeSearcher(ctx, r.reader, s.low, bytes.Clone(s.high), &s.lowIn, &s.highIn, f.path, 1, o)
	}}, boost)
}

// many reports whether an index has more than a few terms in the range.
func (s *textSpan) many(r bleveindex.IndexReader, path string) (many bool, err error) {
	dict, err := r.FieldDictRange(path, append([]byte{}, s.low...), bytes.Clone(s.high))
	if err != nil {
		return false, err
	}
	defer func() { err = cmp.Or(err, dict.Close()) }()
	for range fewTerms {
		if term, err := dict.Next(); err != nil || term == nil {
			return false, err
		}
	}
	return true, nil
}

// filter finds the documents by the values that they have.
func (s *textSpan) filter(ctx context.Context, r bleveindex.IndexReader, path string, o search.SearcherOptions) (search.Searcher, error) {
	values, err := r.DocValueReader([]string{path})
	if err != nil {
		return nil, err
	}
	all, err := searcher.NewMatchAllSearcher(ctx, r, 1, o)
	if err != nil {
		return nil, err
	}
	found := &filtered{}
	found.FilteringSearcher = searcher.NewFilteringSearcher(ctx, all, func(_ *search.SearchContext, d *search.DocumentMatch) bool {
		held := false
		err := values.VisitDocValues(d.IndexInternalID, func(_ string, term []byte) { held = held || s.holds(term) })
		found.failed = cmp.Or(found.failed, err)
		return held || err != nil
	})
	return found, nil
}

// filtered are documents that a filter keeps, until it fails.
type filtered struct {
	*searcher.FilteringSearcher
	failed error
}

func (f *filtered) Next(c *search.SearchContext) (*search.DocumentMatch, error) {
	d, err := f.FilteringSearcher.Next(c)
	return d, cmp.Or(err, f.failed)
}

func (f *filtered) Advance(c *search.SearchContext, id bleveindex.IndexInternalID) (*search.DocumentMatch, error) {
	d, err := f.FilteringSearcher.Advance(c, id)
	return d, cmp.Or(err, f.failed)
}

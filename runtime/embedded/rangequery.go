package embedded

import (
	"context"
	"errors"
	"math"
	"strconv"

	"github.com/blevesearch/bleve/v2/numeric"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

func readRange(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("range", "", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("range", body, "gt", "gte", "lt", "lte", "format", "relation", "time_zone"); err != nil {
		return clause{}, err
	}
	if body["time_zone"] != nil {
		return clause{}, unsupported("[time_zone] of a range")
	}
	if name == "_seq_no" {
		return seqRange(body)
	}
	f, err := c.searchable(name)
	if err != nil || f == nil {
		return matchNone(), err
	}
	boost := boostOf(body)
	switch f.family {
	case familyDate:
		return c.dateRange(f, body, boost)
	case familyInteger, familyFloat:
		return numberRange(f, body, boost)
	case familyBool:
		return clause{}, unsupported("a range on the boolean field [%s]", name)
	case familyIP:
		return clause{}, unsupported("a range on the ip field [%s]", name)
	}
	return textRange(f, body, boost)
}

// span64 is a closed range.
type span64 struct{ low, high int64 }

func (s span64) clause(path string, boost float64) clause {
	if s.low > s.high {
		return matchNone()
	}
	return fixed(clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		terms, err := s.terms(r.reader, path)
		if err != nil {
			return nil, err
		}
		if len(terms) == 0 {
			return searcher.NewMatchNoneSearcher(r.reader)
		}
		return searcher.NewMultiTermSearcherBytes(ctx, r.reader, terms, path, 1, o, false)
	}}, boost)
}

// terms lists the terms of the index that lie in the range.
func (s span64) terms(r bleveindex.IndexReader, path string) (terms [][]byte, err error) {
	eachLevel(s.low, s.high, func(shift uint, low, high int64) {
		if err != nil {
			return
		}
		first, last := numeric.MustNewPrefixCodedInt64(low, shift), numeric.MustNewPrefixCodedInt64(high, shift)
		var dict bleveindex.FieldDict
		if dict, err = r.FieldDictRange(path, first, append(last, 0)); err != nil { // the end is exclusive
			return
		}
		var entry *bleveindex.DictEntry
		for entry, err = dict.Next(); err == nil && entry != nil; entry, err = dict.Next() {
			terms = append(terms, []byte(entry.Term))
		}
		err = errors.Join(err, dict.Close())
	})
	return terms, err
}

func numberRange(f *field, body map[string]any, boost float64) (clause, error) {
	s := span64{math.MinInt64, math.MaxInt64}
	for _, op := range []string{"gt", "gte", "lt", "lte"} {
		v := body[op]
		if v == nil {
			continue
		}
		text := numberText(v)
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return clause{}, queryFailed("failed to create query: For input string: \"%s\"", text).
				causedBy(fail(400, "number_format_exception", "For input string: \"%s\"", text))
		}
		n, fraction := numeric.Float64ToInt64(x), false
		if f.family == familyInteger {
			if n, err = strconv.ParseInt(text, 10, 64); err != nil {
				n, fraction = clampInt(math.Floor(x)), x != math.Floor(x)
			}
		} else if f.typ == "float" {
			n = numeric.Float64ToInt64(float64(float32(x)))
		}
		s.bound(op, n, fraction)
	}
	return s.clause(f.path, boost), nil
}

func clampInt(x float64) int64 {
	switch {
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	}
	return int64(x)
}

// bound narrows the range; fraction means that the bound lies between n and n+1.
func (s *span64) bound(op string, n int64, fraction bool) {
	switch op {
	case "gt":
		s.low = max(s.low, following(n))
	case "gte":
		if fraction {
			n = following(n)
		}
		s.low = max(s.low, n)
	case "lt":
		if !fraction {
			n = preceding(n)
		}
		s.high = min(s.high, n)
	case "lte":
		s.high = min(s.high, n)
	}
}

func following(n int64) int64 {
	if n == math.MaxInt64 {
		return n
	}
	return n + 1
}

func preceding(n int64) int64 {
	if n == math.MinInt64 {
		return n
	}
	return n - 1
}

func (c *compiler) dateRange(f *field, body map[string]any, boost float64) (clause, error) {
	format := f.format
	if own, isText := body["format"].(string); isText {
		if !knownFormat(own) {
			return clause{}, unsupported("the date format [%s]", own)
		}
		format = own
	}
	s := span64{math.MinInt64, math.MaxInt64}
	for _, op := range []string{"gt", "gte", "lt", "lte"} {
		if body[op] == nil {
			continue
		}
		first, last, err := c.dateSpan(numberText(body[op]), format)
		if err != nil {
			return clause{}, err
		}
		switch op {
		case "gt":
			s.bound(op, last, false)
		case "lte":
			s.bound(op, last, false)
		default:
			s.bound(op, first, false)
		}
	}
	return s.clause(f.path, boost), nil
}

func textRange(f *field, body map[string]any, boost float64) (clause, error) {
	s := &textSpan{lowIn: true, highIn: true}
	for op, v := range body {
		if v == nil {
			continue
		}
		switch op {
		case "gt", "gte":
			s.low, s.lowIn = []byte(numberText(v)), op == "gte"
		case "lt", "lte":
			s.high, s.highIn = []byte(numberText(v)), op == "lte"
		}
	}
	return s.clause(f, boost), nil
}

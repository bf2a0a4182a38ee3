package embedded

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

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
	return fixed(clause{find: func(r *run, o search.SearcherOptions) (search.Searcher, error) {
		terms, err := s.terms(r.reader, path)
		if err != nil {
			return nil, err
		}
		if len(terms) == 0 {
			return searcher.NewMatchNoneSearcher(r.reader)
		}
		return searcher.NewMultiTermSearcherBytes(r.ctx, r.reader, terms, path, 1, o, false)
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

// dateSpan reads a date with date math; a date without time, or one that is rounded, spans milliseconds.
func (c *compiler) dateSpan(text, format string) (first, last int64, err error) {
	base, math := text, ""
	t := time.UnixMilli(c.now).UTC()
	width := time.Duration(0)
	switch {
	case strings.HasPrefix(text, "now"):
		math = text[3:]
	default:
		base, math, _ = strings.Cut(text, "||")
		var ok bool
		if t, ok = parseDate(base, format); !ok {
			if format == "" {
				format = defaultDates
			}
			return 0, 0, fail(400, "parse_exception", "failed to parse date field [%s] with format [%s]", base, format)
		}
		width = precision(base)
	}
	end := t.Add(width)
	for math != "" {
		if t, end, math, err = dateMath(t, math); err != nil {
			return 0, 0, err
		}
	}
	if end.After(t) {
		end = end.Add(-time.Millisecond)
	}
	return t.UnixMilli(), end.UnixMilli(), nil
}

// precision is how long the last part of an ISO date lasts.
func precision(s string) time.Duration {
	day := 24 * time.Hour
	if _, err := strconv.ParseFloat(s, 64); err == nil && len(s) != 4 {
		return 0
	}
	switch len(s) {
	case 4:
		t, _ := parseISO(s)
		return t.AddDate(1, 0, 0).Sub(t)
	case 7:
		t, _ := parseISO(s)
		return t.AddDate(0, 1, 0).Sub(t)
	case 10:
		return day
	case 13:
		return time.Hour
	case 16:
		return time.Minute
	case 19, 20:
		return time.Second
	}
	return 0
}

// dateMath applies one step such as +1d or /d. end is after t when the step rounds.
func dateMath(t time.Time, s string) (start, end time.Time, rest string, err error) {
	bad := fail(400, "parse_exception", "operator not supported for date math [%s]", s)
	i, n := 1, 1
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if s[0] != '/' && s[0] != '+' && s[0] != '-' || i >= len(s) {
		return t, t, "", bad
	}
	if i > 1 {
		n, _ = strconv.Atoi(s[1:i])
	}
	unit, rest := s[i], s[i+1:]
	if s[0] == '/' {
		start = roundDown(t, unit)
		end, ok := addUnit(start, unit, 1)
		if !ok {
			return t, t, "", bad
		}
		return start, end, rest, nil
	}
	if s[0] == '-' {
		n = -n
	}
	t, ok := addUnit(t, unit, n)
	if !ok {
		return t, t, "", bad
	}
	return t, t, rest, nil
}

func addUnit(t time.Time, unit byte, n int) (time.Time, bool) {
	switch unit {
	case 'y':
		return t.AddDate(n, 0, 0), true
	case 'M':
		return t.AddDate(0, n, 0), true
	case 'w':
		return t.AddDate(0, 0, 7*n), true
	case 'd':
		return t.AddDate(0, 0, n), true
	case 'h', 'H':
		return t.Add(time.Duration(n) * time.Hour), true
	case 'm':
		return t.Add(time.Duration(n) * time.Minute), true
	case 's':
		return t.Add(time.Duration(n) * time.Second), true
	}
	return t, false
}

func roundDown(t time.Time, unit byte) time.Time {
	y, m, d := t.Date()
	switch unit {
	case 'y':
		m, d = 1, 1
	case 'M':
		d = 1
	case 'w':
		d -= (int(t.Weekday()) + 6) % 7
	case 'h', 'H':
		return t.Truncate(time.Hour)
	case 'm':
		return t.Truncate(time.Minute)
	case 's':
		return t.Truncate(time.Second)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func textRange(f *field, body map[string]any, boost float64) (clause, error) {
	var low, high []byte
	lowIn, highIn := true, true
	for op, v := range body {
		if v == nil {
			continue
		}
		switch op {
		case "gt", "gte":
			low, lowIn = []byte(numberText(v)), op == "gte"
		case "lt", "lte":
			high, highIn = []byte(numberText(v)), op == "lte"
		}
	}
	return fixed(clause{find: func(r *run, o search.SearcherOptions) (search.Searcher, error) {
		var top []byte
		if high != nil {
			top = append([]byte{}, high...)
		}
		return searcher.NewTermRangeSearcher(r.ctx, r.reader, low, top, &lowIn, &highIn, f.path, 1, o)
	}}, boost), nil
}

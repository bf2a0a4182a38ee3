package embedded

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
)

// boolParts are the compiled clauses of a bool query.
type boolParts struct {
	must, filter, should, mustNot []clause
	least                         int // of should
}

func readBool(c *compiler, o map[string]any) (clause, error) {
	if err := only("bool", o, "must", "filter", "should", "must_not", "minimum_should_match", "adjust_pure_negative"); err != nil {
		e := asAPI(err)
		e.typ = "x_content_parse_exception"
		return clause{}, e
	}
	var b boolParts
	for _, part := range []struct {
		key string
		to  *[]clause
	}{{"must", &b.must}, {"filter", &b.filter}, {"should", &b.should}} {
		list, err := c.compileList(o[part.key])
		if err != nil {
			return clause{}, within("bool", part.key, err)
		}
		*part.to = list
	}
	marked := c.marks
	c.marks = marks{} // what must not match is not highlighted
	list, err := c.compileList(o["must_not"])
	c.marks = marked
	if err != nil {
		return clause{}, within("bool", "must_not", err)
	}
	b.mustNot = list
	if len(b.should) > 0 && len(b.must)+len(b.filter) == 0 {
		b.least = 1
	}
	if v := o["minimum_should_match"]; v != nil {
		if b.least, err = minimumMatch(v, len(b.should)); err != nil {
			return clause{}, err
		}
		if len(b.should) > 0 && len(b.must)+len(b.filter) == 0 {
			b.least = max(1, b.least)
		}
	}
	return b.clause(), nil
}

// minimumMatch reads minimum_should_match: a count or a percentage, each possibly negative.
func minimumMatch(v any, of int) (int, error) {
	s := strings.TrimSpace(show(v))
	if t, isText := v.(string); isText {
		s = strings.TrimSpace(t)
	}
	number, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0, unsupported("minimum_should_match [%s]", s)
	}
	if percent {
		n = of * n / 100
	}
	if n < 0 {
		n += of
	}
	return max(0, n), nil
}

// clause joins the parts.
func (b boolParts) clause() clause {
	for _, c := range append(append([]clause{}, b.must...), b.filter...) {
		if c.none {
			return matchNone()
		}
	}
	if b.least > len(b.should) {
		return matchNone()
	}
	if len(b.mustNot) == 0 && b.least == 0 && len(b.should) == 0 {
		if one, ok := single(b.must, b.filter); ok {
			return one
		}
	}
	return clause{find: b.find}
}

// single is the clause that a bool query amounts to when it has no more than one that is not match_all.
func single(must, filter []clause) (clause, bool) {
	var rest []clause
	for _, c := range must {
		if !c.all {
			rest = append(rest, c)
		}
	}
	scored := len(rest)
	for _, c := range filter {
		if !c.all {
			rest = append(rest, c)
		}
	}
	if len(rest) == 0 {
		return matchAll(1), true
	}
	if len(rest) == 1 && (scored == len(must) && scored == 1 || rest[0].ids != nil) {
		return rest[0], true
	}
	return clause{}, false
}

func (b boolParts) find(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
	must, err := searchersOf(ctx, r, o, b.must)
	if err != nil {
		return nil, err
	}
	filters, err := searchersOf(ctx, r, unscored, b.filter)
	if err != nil {
		return nil, err
	}
	must = append(must, filters...)
	var should search.Searcher
	if len(b.should) > 0 && (b.least > 0 || o.Score != "none") {
		if should, err = anyOf(b.should, max(b.least, 0)).find(ctx, r, o); err != nil {
			return nil, err
		}
		if b.least > 0 {
			must, should = append(must, should), nil
		}
	}
	if len(must) == 0 {
		all, err := searcher.NewMatchAllSearcher(ctx, r.reader, 1, o)
		if err != nil {
			return nil, err
		}
		must = append(must, all)
	}
	base := must[0]
	if len(must) > 1 {
		if base, err = searcher.NewConjunctionSearcher(ctx, r.reader, must, o); err != nil {
			return nil, err
		}
	}
	if should == nil && len(b.mustNot) == 0 {
		return base, nil
	}
	var not search.Searcher
	if len(b.mustNot) > 0 {
		if not, err = anyOf(b.mustNot, 1).find(ctx, r, unscored); err != nil {
			return nil, err
		}
	}
	return searcher.NewBooleanSearcher(ctx, r.reader, base, should, not, o)
}

func searchersOf(ctx context.Context, r *run, o search.SearcherOptions, list []clause) ([]search.Searcher, error) {
	out := make([]search.Searcher, 0, len(list))
	for _, c := range list {
		s, err := c.find(ctx, r, o)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// anyOf matches what at least `least` of the clauses match.
func anyOf(list []clause, least int) clause {
	var useful []clause
	for _, c := range list {
		if !c.none {
			useful = append(useful, c)
		}
	}
	switch {
	case len(useful) == 0 && least > 0, least > len(useful):
		return matchNone()
	case len(useful) == 1 && least == 1:
		return useful[0]
	}
	return clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		all, err := searchersOf(ctx, r, o, useful)
		if err != nil {
			return nil, err
		}
		return searcher.NewDisjunctionSearcher(ctx, r.reader, all, float64(least), o)
	}}
}

// allOf matches what all of the clauses match.
func allOf(list []clause) clause {
	switch len(list) {
	case 0:
		return matchNone()
	case 1:
		return list[0]
	}
	return boolParts{must: list}.clause()
}

func numberText(v any) string {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	}
	return show(v)
}

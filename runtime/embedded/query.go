package embedded

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// run is one query on one index's snapshot.
type run struct {
	reader bleveindex.IndexReader
	docs   buckets
	seen   int64 // the snapshot
	m      *mapping
}

// clause is a compiled part of a query. all, ids and seqs mark those that need no Bleve.
type clause struct {
	find func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error)
	all  bool
	ids  []string
	seqs *span64
	none bool
}

// compiler turns the query language into clauses for one index.
type compiler struct {
	ix    *index
	m     *mapping
	now   int64 // milliseconds since 1970
	marks marks
	depth int
}

// marks are the words to highlight: field → word; a word that ends in * is a prefix.
type marks map[string]map[string]bool

func (m marks) add(field, word string) {
	if m[field] == nil {
		m[field] = map[string]bool{}
	}
	m[field][word] = true
}

var unscored = search.SearcherOptions{Score: "none"}

func matchAll(boost float64) clause {
	return clause{all: true, find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		return searcher.NewMatchAllSearcher(ctx, r.reader, boost, o)
	}}
}

func matchNone() clause {
	return clause{none: true, find: func(_ context.Context, r *run, _ search.SearcherOptions) (search.Searcher, error) {
		return searcher.NewMatchNoneSearcher(r.reader)
	}}
}

// compile reads {"name": body}.
func (c *compiler) compile(v any) (clause, error) {
	o, isObject := v.(map[string]any)
	if !isObject {
		return clause{}, parsing("[query] malformed, must start with start_object")
	}
	if len(o) == 0 {
		return clause{}, malformed("query malformed, empty clause found at [1:1]")
	}
	if len(o) > 1 {
		names := slices.Sorted(maps.Keys(o))
		return clause{}, parsing("[%s] malformed query, expected [END_OBJECT] but found [FIELD_NAME]", names[0])
	}
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > 30 {
		return clause{}, illegal("The nested depth of the query exceeds the maximum nested depth for queries set in [indices.query.bool.max_nested_depth]")
	}
	for name, body := range o {
		read := queryReaders()[name]
		if read == nil {
			return clause{}, unknownQuery(name)
		}
		p, isObject := body.(map[string]any)
		if !isObject {
			return clause{}, parsing("[%s] query malformed, no start_object after query name", name)
		}
		return read(c, p)
	}
	return clause{}, nil
}

// otherQueries exist in Elasticsearch, not here.
var otherQueries = []string{
	"boosting", "combined_fields", "distance_feature", "function_score", "geo_bounding_box", "geo_distance", "geo_grid", "geo_polygon", "geo_shape",
	"has_child", "has_parent", "intervals", "knn", "match_bool_prefix", "match_phrase_prefix", "more_like_this", "nested", "parent_id", "percolate",
	"pinned", "rank_feature", "regexp", "rule", "script", "script_score", "semantic", "shape", "span_first", "span_near", "span_not", "span_or", "span_term",
	"sparse_vector", "terms_set", "text_expansion", "weighted_tokens", "wrapper", "geo_bounding",
}

func unknownQuery(name string) error {
	if slices.Contains(otherQueries, name) {
		return unsupported("the query [%s]", name)
	}
	return parsing("unknown query [%s]", name).causedBy(fail(400, "named_object_not_found_exception", "unknown field [%s]", name))
}

type queryReader func(*compiler, map[string]any) (clause, error)

func queryReaders() map[string]queryReader {
	return map[string]queryReader{
		"match_all": readMatchAll, "match_none": func(*compiler, map[string]any) (clause, error) { return matchNone(), nil },
		"match": readMatch, "multi_match": readMultiMatch, "match_phrase": readMatchPhrase, "term": readTerm, "terms": readTerms, "range": readRange,
		"exists": readExists, "ids": readIDs, "prefix": readPrefix, "wildcard": readWildcard, "fuzzy": readFuzzy, "bool": readBool,
		"constant_score": readConstantScore, "dis_max": readDisMax, "query_string": readQueryString, "simple_query_string": readQueryString,
	}
}

// only refuses members that a query does not have.
func only(query string, o map[string]any, names ...string) error {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if key != "_name" && key != "boost" && !slices.Contains(names, key) {
			return parsing("[%s] query does not support [%s]", query, key)
		}
	}
	return nil
}

func boostOf(o map[string]any) float64 {
	if b, err := strconv.ParseFloat(strings.Trim(show(o["boost"]), `"`), 64); err == nil {
		return b
	}
	return 1
}

func readMatchAll(_ *compiler, o map[string]any) (clause, error) {
	return matchAll(boostOf(o)), only("match_all", o)
}

// fieldBody reads {"field": value} or {"field": {short: value, …}}.
func fieldBody(query, short string, o map[string]any) (string, map[string]any, error) {
	name, found := "", false
	var body any
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if key == "boost" || key == "_name" {
			continue
		}
		if found {
			return "", nil, parsing("[%s] query doesn't support multiple fields, found [%s] and [%s]", query, name, key)
		}
		name, body, found = key, o[key], true
	}
	if !found {
		return "", nil, malformed("field name is null or empty")
	}
	if m, isObject := body.(map[string]any); isObject {
		return name, m, nil
	}
	if _, isList := body.([]any); isList {
		if strings.HasPrefix(query, "match") {
			return "", nil, malformed("Expected text but found START_ARRAY")
		}
		return "", nil, parsing("[%s] query does not support array of values", query)
	}
	return name, map[string]any{short: body, "boost": o["boost"]}, nil
}

func readConstantScore(c *compiler, o map[string]any) (clause, error) {
	if err := only("constant_score", o, "filter"); err != nil {
		return clause{}, err
	}
	if o["filter"] == nil {
		return clause{}, parsing("[constant_score] requires a 'filter' element")
	}
	inner, err := c.compile(o["filter"])
	if err != nil || inner.all || inner.ids != nil || inner.seqs != nil || inner.none {
		return inner, err
	}
	boost := boostOf(o)
	return clause{find: func(ctx context.Context, r *run, opts search.SearcherOptions) (search.Searcher, error) {
		s, err := inner.find(ctx, r, unscored)
		if err != nil || opts.Score == "none" {
			return s, err
		}
		return constant(s, boost), nil
	}}, nil
}

// constantSearcher gives every match the same score.
type constantSearcher struct {
	search.Searcher
	score float64
}

func constant(s search.Searcher, score float64) search.Searcher {
	return constantSearcher{Searcher: s, score: score}
}

func (s constantSearcher) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	return s.scored(s.Searcher.Next(ctx))
}

func (s constantSearcher) Advance(ctx *search.SearchContext, id bleveindex.IndexInternalID) (*search.DocumentMatch, error) {
	return s.scored(s.Searcher.Advance(ctx, id))
}

func (s constantSearcher) scored(m *search.DocumentMatch, err error) (*search.DocumentMatch, error) {
	if m != nil {
		m.Score = s.score
	}
	return m, err
}

func readDisMax(c *compiler, o map[string]any) (clause, error) {
	if err := only("dis_max", o, "queries", "tie_breaker"); err != nil {
		return clause{}, err
	}
	list, err := c.compileList(o["queries"])
	if err != nil {
		return clause{}, err
	}
	if len(list) == 0 {
		return clause{}, parsing("[dis_max] requires 'queries' field with at least one clause")
	}
	return anyOf(list, 1), nil
}

func (c *compiler) compileList(v any) ([]clause, error) {
	var list []any
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		list = v
	default:
		list = []any{v}
	}
	out := make([]clause, 0, len(list))
	for _, q := range list {
		one, err := c.compile(q)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

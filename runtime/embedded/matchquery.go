package embedded

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
)

// matching are the options of a full-text query.
type matching struct {
	and       bool
	phrase    bool
	least     any
	fuzziness any
	lenient   bool
	zeroAll   bool // zero_terms_query: all
	boost     float64
}

func readMatching(body map[string]any) (matching, error) {
	o := matching{boost: boostOf(body), fuzziness: body["fuzziness"], least: body["minimum_should_match"], lenient: body["lenient"] == true}
	switch op := strings.ToLower(boolText(body["operator"])); op {
	case "", "or":
	case "and":
		o.and = true
	default:
		return o, illegal("No enum constant for operator [%s]", op)
	}
	switch z := strings.ToLower(boolText(body["zero_terms_query"])); z {
	case "", "none":
	case "all":
		o.zeroAll = true
	default:
		return o, unsupported("zero_terms_query [%s]", z)
	}
	if body["slop"] != nil && numberText(body["slop"]) != "0" {
		return o, unsupported("[slop]")
	}
	return o, nil
}

// matchOptions are accepted; those that only tune speed have no effect.
var matchOptions = []string{
	"query", "operator", "minimum_should_match", "fuzziness", "lenient", "zero_terms_query", "prefix_length", "max_expansions",
	"fuzzy_transpositions", "fuzzy_rewrite", "auto_generate_synonyms_phrase_query", "cutoff_frequency",
}

func readMatch(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("match", "query", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("match", body, matchOptions...); err != nil {
		return clause{}, err
	}
	return c.readText(name, body, false)
}

func readMatchPhrase(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("match_phrase", "query", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("match_phrase", body, "query", "slop", "zero_terms_query"); err != nil {
		return clause{}, err
	}
	return c.readText(name, body, true)
}

func (c *compiler) readText(name string, body map[string]any, phrase bool) (clause, error) {
	if body["query"] == nil {
		return clause{}, malformed("[match] requires query value")
	}
	m, err := readMatching(body)
	if err != nil {
		return clause{}, err
	}
	m.phrase = phrase
	return c.text(name, numberText(body["query"]), m)
}

// text is a full-text query on one field; on other fields than texts it is a term.
func (c *compiler) text(path, value string, o matching) (clause, error) {
	f := c.m.fields[path]
	if f == nil || f.family != familyText || f.analyzer == "keyword" {
		one, err := c.term(path, value, o.boost)
		if err != nil && o.lenient {
			return matchNone(), nil
		}
		return one, err
	}
	if _, err := c.searchable(path); err != nil {
		return clause{}, err
	}
	list := words([]byte(value))
	if len(list) == 0 {
		if o.zeroAll {
			return matchAll(o.boost), nil
		}
		return matchNone(), nil
	}
	for _, w := range list {
		c.marks.add(path, w.term)
	}
	if o.phrase && len(list) > 1 {
		return phraseClause(f, list, o.boost), nil
	}
	return wordsClause(path, list, o)
}

func wordsClause(path string, list []span, o matching) (clause, error) {
	clauses := make([]clause, 0, len(list))
	for _, w := range list {
		one := termClause(path, []byte(w.term), o.boost)
		if o.fuzziness != nil && !o.phrase {
			var err error
			if one, err = fuzzyClause(path, w.term, o.fuzziness, 0, o.boost); err != nil {
				return clause{}, err
			}
		}
		clauses = append(clauses, one)
	}
	if o.and {
		return allOf(clauses), nil
	}
	least := 1
	if o.least != nil {
		n, err := minimumMatch(o.least, len(clauses))
		if err != nil {
			return clause{}, err
		}
		least = max(1, n)
	}
	return anyOf(clauses, least), nil
}

// phraseClause finds documents with all the words and keeps those whose text has them in a row.
func phraseClause(f *field, list []span, boost float64) clause {
	terms := make([]string, 0, len(list))
	clauses := make([]clause, 0, len(list))
	for _, w := range list {
		if !slices.Contains(terms, w.term) {
			clauses = append(clauses, termClause(f.path, []byte(w.term), boost))
		}
		terms = append(terms, w.term)
	}
	all := allOf(clauses)
	return clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		s, err := all.find(ctx, r, o)
		if err != nil {
			return nil, err
		}
		return searcher.NewFilteringSearcher(ctx, s, func(_ *search.SearchContext, d *search.DocumentMatch) bool {
			id, err := r.reader.ExternalID(d.IndexInternalID)
			if err != nil {
				return false
			}
			rec, err := r.docs.read(keySeq([]byte(id)))
			return err == nil && hasPhrase(r.m, f, rec.source, terms)
		}), nil
	}}
}

func hasPhrase(m *mapping, f *field, source []byte, terms []string) bool {
	found := false
	eachText(m, f.path, source, func(text []byte) {
		list := words(text)
		for i := 0; !found && i+len(terms) <= len(list); i++ {
			found = true
			for j, t := range terms {
				if list[i+j].term != t {
					found = false
					break
				}
			}
		}
	})
	return found
}

// eachText visits the texts of a field, or multi-field, in a source.
func eachText(m *mapping, path string, source []byte, visit func([]byte)) {
	w := &walker{m: m, leaf: func(f *field, raw []byte) error {
		if f.path == path || f.subOf(path) {
			visit(scalarText(raw))
		}
		return nil
	}}
	_ = w.document(source)
}

// subOf reports whether path names a multi-field of f.
func (f *field) subOf(path string) bool {
	for _, sub := range f.subs {
		if sub.path == path {
			return true
		}
	}
	return false
}

func readMultiMatch(c *compiler, o map[string]any) (clause, error) {
	if err := only("multi_match", o, append(slices.Clone(matchOptions), "fields", "type", "tie_breaker", "slop")...); err != nil {
		return clause{}, err
	}
	if o["query"] == nil {
		return clause{}, parsing("No text specified for multi_match query")
	}
	m, err := readMatching(o)
	if err != nil {
		return clause{}, err
	}
	switch t := boolText(o["type"]); t {
	case "", "best_fields", "most_fields":
	case "phrase":
		m.phrase = true
	default:
		return clause{}, unsupported("multi_match of type [%s]", t)
	}
	return c.multi(texts(o["fields"]), numberText(o["query"]), m)
}

// multi matches in any of several fields, all when none is named.
func (c *compiler) multi(names []string, value string, o matching) (clause, error) {
	fields := c.expand(names)
	clauses := make([]clause, 0, len(fields))
	for _, f := range fields {
		each := o
		each.boost *= f.boost
		each.lenient = o.lenient || f.wild
		one, err := c.text(f.path, value, each)
		if err != nil {
			return clause{}, err
		}
		clauses = append(clauses, one)
	}
	return anyOf(clauses, 1), nil
}

// boosted is a field of a query over several.
type boosted struct {
	path  string
	boost float64
	wild  bool // from a pattern
}

// expand resolves patterns and boosts (title^2); no names are all fields that texts can be looked for in.
func (c *compiler) expand(names []string) []boosted {
	if len(names) == 0 {
		names = []string{"*"}
	}
	var out []boosted
	for _, name := range names {
		path, boost := name, 1.0
		if base, factor, found := strings.Cut(name, "^"); found {
			if x, err := strconv.ParseFloat(factor, 64); err == nil {
				path, boost = base, x
			}
		}
		if !strings.Contains(path, "*") {
			out = append(out, boosted{path: path, boost: boost})
			continue
		}
		for _, have := range slices.Sorted(maps.Keys(c.m.fields)) {
			f := c.m.fields[have]
			if matchWildcard(path, have) && f.indexed && !f.foreign && f.family != familyObject && f.family != familyBinary {
				out = append(out, boosted{path: have, boost: boost, wild: true})
			}
		}
	}
	return out
}

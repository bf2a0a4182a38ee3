package embedded

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/numeric"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
)

func termClause(path string, term []byte, boost float64) clause {
	return clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		return searcher.NewTermSearcherBytes(ctx, r.reader, term, path, boost, o)
	}}
}

// searchable finds a field that a query may use; nil means that nothing can match.
func (c *compiler) searchable(path string) (*field, error) {
	f := c.m.fields[path]
	if f == nil || f.family == familyObject {
		return nil, nil
	}
	if !f.findable() || f.family == familyBinary {
		return nil, queryFailed("failed to create query: Cannot search on field [%s] since it is not indexed.", path)
	}
	if f.foreign {
		return nil, unsupported("a search on field [%s], whose analyzer or normalizer this node does not have,", path)
	}
	return f, nil
}

func readTerm(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("term", "value", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("term", body, "value", "case_insensitive"); err != nil {
		return clause{}, err
	}
	if body["case_insensitive"] == true {
		return clause{}, unsupported("[case_insensitive]")
	}
	if body["value"] == nil {
		return clause{}, malformed("value cannot be null")
	}
	return c.term(name, numberText(body["value"]), boostOf(body))
}

// term matches one exact value of a field.
func (c *compiler) term(path, value string, boost float64) (clause, error) {
	switch path {
	case "_id":
		return idsClause([]string{value}), nil
	case "_index":
		if matchWildcard(value, c.ix.name) {
			return matchAll(boost), nil
		}
		return matchNone(), nil
	case "_seq_no":
		return seqRange(map[string]any{"gte": value, "lte": value})
	}
	f, err := c.searchable(path)
	if err != nil || f == nil {
		return matchNone(), err
	}
	raw := quote(value)
	switch f.family {
	case familyBool:
		v, problem := f.boolean(raw)
		if problem != nil {
			return clause{}, queryFailed("failed to create query: Can't parse boolean value [%s], expected [true] or [false]", value)
		}
		return termClause(path, boolTerm(v), boost), nil
	case familyInteger, familyFloat:
		return c.numberTerm(f, value, boost)
	case familyDate:
		return c.dateRange(f, map[string]any{"gte": value, "lte": value}, boost)
	}
	c.marks.add(path, value)
	return termClause(path, []byte(value), boost), nil
}

func quote(s string) []byte { return appendText(nil, s) }

func (c *compiler) numberTerm(f *field, value string, boost float64) (clause, error) {
	x, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return clause{}, queryFailed("failed to create query: For input string: \"%s\"", value).
			causedBy(fail(400, "number_format_exception", "For input string: \"%s\"", value))
	}
	if f.family == familyInteger && x != math.Trunc(x) {
		return matchNone(), nil
	}
	n, ok := f.sortable(quote(value))
	if !ok {
		return matchNone(), nil
	}
	return termClause(f.path, numeric.MustNewPrefixCodedInt64(n, 0), boost), nil
}

func readTerms(c *compiler, o map[string]any) (clause, error) {
	var name string
	var values any
	for key, v := range o {
		if key == "boost" || key == "_name" {
			continue
		}
		if name != "" {
			return clause{}, parsing("[terms] query does not support more than one field. Already got: [%s] but also found [%s]", name, key)
		}
		name, values = key, v
	}
	list, isList := values.([]any)
	if !isList {
		if _, lookup := values.(map[string]any); lookup {
			return clause{}, unsupported("a terms lookup")
		}
		return clause{}, parsing("[terms] query does not support [%s]", name)
	}
	if len(list) > 65536 {
		return clause{}, illegal("The number of terms [%d] used in the Terms Query request has exceeded the allowed maximum of [65536].", len(list))
	}
	if name == "_id" {
		ids := make([]string, 0, len(list))
		for _, v := range list {
			ids = append(ids, numberText(v))
		}
		return idsClause(ids), nil
	}
	clauses := make([]clause, 0, len(list))
	for _, v := range list {
		if v == nil {
			return clause{}, malformed("value cannot be null")
		}
		one, err := c.term(name, numberText(v), 1)
		if err != nil {
			return clause{}, err
		}
		clauses = append(clauses, one)
	}
	return fixed(anyOf(clauses, 1), boostOf(o)), nil
}

// fixed gives every match of a clause the same score.
func fixed(inner clause, boost float64) clause {
	if inner.all || inner.none || inner.ids != nil || inner.seqs != nil {
		return inner
	}
	return clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		s, err := inner.find(ctx, r, unscored)
		if err != nil || o.Score == "none" {
			return s, err
		}
		return constant(s, boost), nil
	}}
}

func readExists(c *compiler, o map[string]any) (clause, error) {
	if err := only("exists", o, "field"); err != nil {
		return clause{}, err
	}
	path, _ := o["field"].(string)
	if path == "" {
		return clause{}, parsing("[exists] must be provided with a [field]")
	}
	switch path {
	case "_id", "_index", "_source", "_seq_no", "_version":
		return matchAll(1), nil
	}
	var list []clause
	for name, f := range c.m.fields {
		if f.family == familyObject || !matchWildcard(path, name) && !strings.HasPrefix(name, path+".") {
			continue
		}
		if f.parent != nil && f.parent.family != familyObject && name != path && !matchWildcard(path, name) {
			continue
		}
		list = append(list, termClause(fieldExists, []byte(name), 1))
	}
	return fixed(anyOf(list, 1), boostOf(o)), nil
}

func readIDs(_ *compiler, o map[string]any) (clause, error) {
	if err := only("ids", o, "values"); err != nil {
		return clause{}, err
	}
	list, isList := o["values"].([]any)
	if text, isText := o["values"].(string); isText {
		list, isList = []any{text}, true
	}
	if !isList {
		return clause{}, parsing("[ids] failed to parse field [values]")
	}
	ids := make([]string, 0, len(list))
	for _, v := range list {
		ids = append(ids, numberText(v))
	}
	return idsClause(ids), nil
}

// idsClause matches documents by _id. Alone it needs no Bleve; in a larger query the ids become Bleve's.
func idsClause(ids []string) clause {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return matchNone()
	}
	return clause{ids: ids, find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		var seqs []string
		for _, id := range ids {
			rec, found, err := r.docs.at([]byte(id), r.seen)
			if err != nil {
				return nil, err
			}
			if found {
				seqs = append(seqs, string(seqKey(rec.seq)))
			}
		}
		if len(seqs) == 0 {
			return searcher.NewMatchNoneSearcher(r.reader)
		}
		slices.Sort(seqs)
		return searcher.NewDocIDSearcher(ctx, r.reader, seqs, 1, o)
	}}
}

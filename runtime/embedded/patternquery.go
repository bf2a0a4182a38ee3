package embedded

import (
	"context"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
)

func readPrefix(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("prefix", "value", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("prefix", body, "value", "case_insensitive", "rewrite"); err != nil {
		return clause{}, err
	}
	if body["case_insensitive"] == true {
		return clause{}, unsupported("[case_insensitive]")
	}
	return c.prefix(name, numberText(body["value"]), boostOf(body))
}

func (c *compiler) prefix(path, value string, boost float64) (clause, error) {
	f, err := c.textual("prefix", path)
	if err != nil || f == nil {
		return matchNone(), err
	}
	c.marks.add(path, value+"*")
	return fixed(clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		return searcher.NewTermPrefixSearcher(ctx, r.reader, value, path, 1, o)
	}}, boost), nil
}

// textual finds a field with terms that are texts.
func (c *compiler) textual(query, path string) (*field, error) {
	f, err := c.searchable(path)
	if err != nil || f == nil {
		return nil, err
	}
	if f.family != familyText && f.family != familyKeyword {
		return nil, queryFailed("Can only use %s queries on keyword, text and wildcard fields - not on [%s] which is of type [%s]", query, path, f.typ)
	}
	return f, nil
}

func readWildcard(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("wildcard", "value", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("wildcard", body, "value", "wildcard", "case_insensitive", "rewrite"); err != nil {
		return clause{}, err
	}
	if body["case_insensitive"] == true {
		return clause{}, unsupported("[case_insensitive]")
	}
	if body["value"] == nil {
		body["value"] = body["wildcard"]
	}
	f, err := c.textual("wildcard", name)
	if err != nil || f == nil {
		return matchNone(), err
	}
	pattern := wildcardRegexp(numberText(body["value"]))
	return fixed(clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		return searcher.NewRegexpStringSearcher(ctx, r.reader, pattern, name, 1, o)
	}}, boostOf(body)), nil
}

func wildcardRegexp(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteByte('.')
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteString(escapeRegexp(s[i]))
		default:
			b.WriteString(escapeRegexp(c))
		}
	}
	return b.String()
}

func escapeRegexp(c byte) string {
	if strings.IndexByte(`\.+*?()|[]{}^$`, c) >= 0 {
		return `\` + string(rune(c))
	}
	return string([]byte{c})
}

func readFuzzy(c *compiler, o map[string]any) (clause, error) {
	name, body, err := fieldBody("fuzzy", "value", o)
	if err != nil {
		return clause{}, err
	}
	if err := only("fuzzy", body, "value", "fuzziness", "prefix_length", "max_expansions", "transpositions", "rewrite"); err != nil {
		return clause{}, err
	}
	f, err := c.textual("fuzzy", name)
	if err != nil || f == nil {
		return matchNone(), err
	}
	spread := body["fuzziness"]
	if spread == nil {
		spread = "AUTO"
	}
	prefix, _ := strconv.Atoi(numberText(body["prefix_length"]))
	return fuzzyClause(name, numberText(body["value"]), spread, prefix, boostOf(body))
}

func fuzzyClause(path, term string, spread any, prefix int, boost float64) (clause, error) {
	edits := 0
	switch s := strings.ToUpper(numberText(spread)); {
	case s == "AUTO":
		switch n := len([]rune(term)); {
		case n > 5:
			edits = 2
		case n > 2:
			edits = 1
		}
	case s == "0" || s == "1" || s == "2":
		edits = int(s[0] - '0')
	default:
		return clause{}, unsupported("fuzziness [%v]", spread)
	}
	return clause{find: func(ctx context.Context, r *run, o search.SearcherOptions) (search.Searcher, error) {
		return searcher.NewFuzzySearcher(ctx, r.reader, term, prefix, edits, path, boost, o)
	}}, nil
}

package embedded

import (
	"strings"
)

// readQueryString reads query_string and simple_query_string: words, "phrases", field:word, word*, + - AND OR NOT.
// The rest of the two languages is refused.
func readQueryString(c *compiler, o map[string]any) (clause, error) {
	err := only("query_string", o, "query", "fields", "default_field", "default_operator", "lenient", "analyze_wildcard", "flags", "quote_field_suffix", "type")
	if err != nil {
		return clause{}, err
	}
	text, isText := o["query"].(string)
	if !isText {
		return clause{}, parsing("[query_string] must be provided with a [query]")
	}
	names := texts(o["fields"])
	if f, isText := o["default_field"].(string); isText {
		names = append(names, f)
	}
	q := queryString{c: c, fields: names, and: strings.EqualFold(boolText(o["default_operator"]), "and")}
	return q.compile(text)
}

// queryString is one text in the query string language.
type queryString struct {
	c      *compiler
	fields []string
	and    bool
	parts  boolParts
}

// word is one operand of a query string.
type word struct {
	field, text      string
	quoted           bool
	required, banned bool
}

func (q *queryString) compile(text string) (clause, error) {
	if strings.TrimSpace(text) == "" {
		return matchNone(), nil
	}
	if strings.TrimSpace(text) == "*" || strings.TrimSpace(text) == "*:*" {
		return matchAll(1), nil
	}
	list, and, or, err := splitQuery(text)
	if err != nil {
		return clause{}, err
	}
	if and && or {
		return clause{}, unsupported("a query string that mixes AND and OR")
	}
	q.and = q.and && !or || and
	for _, w := range list {
		one, err := q.operand(w)
		if err != nil {
			return clause{}, err
		}
		switch {
		case w.banned:
			q.parts.mustNot = append(q.parts.mustNot, one)
		case w.required || q.and:
			q.parts.must = append(q.parts.must, one)
		default:
			q.parts.should = append(q.parts.should, one)
		}
	}
	if len(q.parts.must) == 0 && len(q.parts.should) > 0 {
		q.parts.least = 1
	}
	return q.parts.clause(), nil
}

func (q *queryString) operand(w word) (clause, error) {
	fields := q.fields
	if w.field != "" {
		if w.field == "_exists_" {
			return readExists(q.c, map[string]any{"field": w.text})
		}
		fields = []string{w.field}
	}
	if prefix, wild := strings.CutSuffix(w.text, "*"); wild && !w.quoted {
		if prefix == "" && w.field != "" {
			return readExists(q.c, map[string]any{"field": w.field})
		}
		var clauses []clause
		for _, f := range q.c.expand(fields) {
			if have := q.c.m.fields[f.path]; have == nil || have.family != familyText && have.family != familyKeyword {
				continue
			} else if have.family == familyText {
				prefix = strings.ToLower(prefix)
			}
			one, err := q.c.prefix(f.path, prefix, f.boost)
			if err != nil {
				return clause{}, err
			}
			clauses = append(clauses, one)
		}
		return anyOf(clauses, 1), nil
	}
	return q.c.multi(fields, w.text, matching{and: q.and, phrase: w.quoted, boost: 1, lenient: len(q.fields) == 0 && w.field == ""})
}

// splitQuery cuts a query string into operands.
func splitQuery(text string) (list []word, and, or bool, err error) {
	negate := false
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' || text[i] == '\n' {
			i++
			continue
		}
		w := word{banned: negate}
		negate = false
		switch text[i] {
		case '+':
			w.required, i = true, i+1
		case '-', '!':
			w.banned, i = true, i+1
		}
		start := i
		for i < len(text) && text[i] != ' ' && text[i] != '"' && text[i] != ':' {
			i++
		}
		if i < len(text) && text[i] == ':' {
			w.field, i = text[start:i], i+1
			start = i
			for i < len(text) && text[i] != ' ' && text[i] != '"' {
				i++
			}
		}
		if i < len(text) && text[i] == '"' && i == start {
			end := strings.IndexByte(text[i+1:], '"')
			if end < 0 {
				return nil, false, false, queryFailed("Failed to parse query [%s]", text)
			}
			w.text, w.quoted = text[i+1:i+1+end], true
			i += end + 2
		} else {
			w.text = text[start:i]
		}
		switch {
		case w.quoted || w.field != "":
		case w.text == "AND" || w.text == "&&":
			and = true
			continue
		case w.text == "OR" || w.text == "||" || w.text == "|":
			or = true
			continue
		case w.text == "NOT":
			negate = true
			continue
		case w.text == "":
			continue
		}
		if !w.quoted && (strings.ContainsAny(w.text, `()[]{}^~?\/"<>=`) || strings.Contains(strings.TrimSuffix(w.text, "*"), "*")) {
			return nil, false, false, unsupported("[%s] in a query string", w.text)
		}
		list = append(list, w)
	}
	return list, and, or, nil
}

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

// splitter cuts a query string into operands.
type splitter struct {
	text    string
	i       int
	list    []word
	and, or bool
	negate  bool
}

func splitQuery(text string) (list []word, and, or bool, err error) {
	s := &splitter{text: text}
	for s.i < len(text) {
		if strings.IndexByte(" \t\n", text[s.i]) >= 0 {
			s.i++
			continue
		}
		if err := s.next(); err != nil {
			return nil, false, false, err
		}
	}
	return s.list, s.and, s.or, nil
}

// until moves on to the next of the stops, or the end, and returns what lies between.
func (s *splitter) until(stops string) string {
	start := s.i
	for s.i < len(s.text) && strings.IndexByte(stops, s.text[s.i]) < 0 {
		s.i++
	}
	return s.text[start:s.i]
}

func (s *splitter) at(c byte) bool { return s.i < len(s.text) && s.text[s.i] == c }

// next reads one operand or operator.
func (s *splitter) next() error {
	w := word{banned: s.negate}
	s.negate = false
	switch {
	case s.at('+'):
		w.required, s.i = true, s.i+1
	case s.at('-'), s.at('!'):
		w.banned, s.i = true, s.i+1
	}
	w.text = s.until(" \t\n\":")
	if s.at(':') {
		s.i++
		w.field, w.text = w.text, s.until(" \t\n\"")
	}
	if s.at('"') && w.text == "" {
		s.i++
		w.text, w.quoted = s.until("\""), true
		if !s.at('"') {
			return queryFailed("Failed to parse query [%s]", s.text)
		}
		s.i++
	}
	return s.take(w)
}

// take adds an operand, or notes an operator.
func (s *splitter) take(w word) error {
	if !w.quoted && w.field == "" {
		switch w.text {
		case "AND", "&&":
			s.and = true
			return nil
		case "OR", "||", "|":
			s.or = true
			return nil
		case "NOT":
			s.negate = true
			return nil
		}
	}
	if !w.quoted && (w.text == "" || strings.ContainsAny(w.text, `()[]{}^~?\/"<>=`) || strings.Contains(strings.TrimSuffix(w.text, "*"), "*")) {
		return unsupported("[%s] in a query string", w.text)
	}
	s.list = append(s.list, w)
	return nil
}

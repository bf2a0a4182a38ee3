package cron

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads an expression. An error is an [*Error].
func Parse(expr string) (Schedule, error) {
	s := Schedule{text: strings.TrimSpace(expr)}
	if err := s.read(split(expr), utf8.RuneCountInString(expr)+1); err != nil {
		err.Expr = expr
		return Schedule{}, err
	}
	return s, nil
}

// token is the text of one field, in capitals.
type token struct {
	text   string
	column int
}

// split cuts an expression at white space.
func split(expr string) []token {
	var tokens []token
	column, start, begun := 0, -1, 0 // start is where a token begins in expr, begun is its column
	for i, r := range expr + " " {
		column++
		switch space := unicode.IsSpace(r); {
		case space && start >= 0:
			tokens = append(tokens, token{capitals(expr[start:i]), begun})
			start = -1
		case !space && start < 0:
			start, begun = i, column
		}
	}
	return tokens
}

// capitals turns ASCII letters to upper case and leaves everything else, so
// that no other letter becomes one of them.
func capitals(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, text)
}

// read takes the fields in their order; end is the column after the last
// character.
func (s *Schedule) read(tokens []token, end int) *Error {
	if err := countFields(tokens, end); err != nil {
		return err
	}
	if len(tokens) < len(fields) {
		tokens = append(tokens, token{"*", end})
	}
	for i := range fields {
		if err := s.readField(&fields[i], tokens[i]); err != nil {
			return err
		}
	}
	s.dropMonths()
	return nil
}

func (s *Schedule) readField(f *field, t token) *Error {
	if n := strings.IndexFunc(t.text, foreign); n >= 0 {
		bad, _ := utf8.DecodeRuneInString(t.text[n:])
		return &Error{Field: f.name, Column: t.column + utf8.RuneCountInString(t.text[:n]),
			Problem: fmt.Sprintf("%q has no meaning here", bad), Remedy: "a field is made of digits, names and * ? , - / L W #"}
	}
	for text := range strings.SplitSeq(t.text, ",") {
		if err := (item{f, text, t.column}).read(s); err != nil {
			return err
		}
		t.column += len(text) + 1
	}
	return nil
}

// foreign reports a character that no field may hold.
func foreign(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && !strings.ContainsRune("*?,-/#", r)
}

func countFields(tokens []token, end int) *Error {
	n := len(tokens)
	switch {
	case n == 0:
		return &Error{Field: fields[0].name, Column: 1, Problem: "there is nothing", Remedy: "every day at midnight is 0 0 0 * * ?"}
	case strings.HasPrefix(tokens[0].text, "@"):
		return nickname(tokens[0])
	case n == len(fields)-2:
		return &Error{Field: fields[0].name, Column: tokens[0].column, Problem: "5 fields are Unix cron, which has no seconds", Remedy: unixRemedy(tokens[n-1])}
	case n < len(fields)-2:
		return &Error{Field: fields[n].name, Column: end, Problem: "it is missing", Remedy: sixFields}
	case n > len(fields):
		return &Error{Field: fields[len(fields)-1].name, Column: tokens[len(fields)].column, Problem: "nothing can follow it", Remedy: sixFields}
	}
	return nil
}

const sixFields = "write second, minute, hour, day of month, month, day of week, and a year if you like"

// unixRemedy says how to go on from Unix cron, where weekdays count from 0.
func unixRemedy(weekdays token) string {
	if strings.ContainsAny(weekdays.text, "01234567") {
		return `put "0 " before it and name the weekdays (SUN-SAT): as numbers they count from 1 here, not from 0`
	}
	return `put "0 " before it`
}

// nickname answers the short names that some kinds of cron have.
func nickname(t token) *Error {
	expr := map[string]string{
		"@YEARLY": "0 0 0 1 1 ?", "@ANNUALLY": "0 0 0 1 1 ?", "@MONTHLY": "0 0 0 1 * ?", "@WEEKLY": "0 0 0 ? * SUN",
		"@DAILY": "0 0 0 * * ?", "@MIDNIGHT": "0 0 0 * * ?", "@HOURLY": "0 0 * * * ?",
	}[t.text]
	remedy := sixFields
	if expr != "" {
		remedy = "write " + expr
	}
	return &Error{Field: fields[0].name, Column: t.column, Problem: "Quartz has no names that begin with @", Remedy: remedy}
}

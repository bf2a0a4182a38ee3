package cron

import "fmt"

// Error says what is wrong with an expression, where, and what to write.
type Error struct {
	Expr    string // the expression as it was given
	Field   string // name of the field, such as "day of month"
	Column  int    // place in Expr in characters, from 1; one past its end where something is missing
	Problem string
	Remedy  string
}

// longestQuoted is how many characters of an expression an error repeats.
const longestQuoted = 100

// Error returns all of it as one line.
func (e *Error) Error() string {
	expr := e.Expr
	if runes := []rune(expr); len(runes) > longestQuoted {
		expr = string(runes[:longestQuoted]) + "…"
	}
	return fmt.Sprintf("schedule %q: %s, column %d: %s; %s", expr, e.Field, e.Column, e.Problem, e.Remedy)
}

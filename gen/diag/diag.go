// Package diag holds the problems that the generator finds: where, what, and
// what to do about it.
package diag

import (
	"cmp"
	"slices"
	"strings"
)

// Diagnostic is one problem at one place.
type Diagnostic struct {
	// Code is an entry of the table [Codes].
	Code string `json:"code"`
	// File is a slash path relative to the root.
	File string `json:"file"`
	// Line and Column count from 1, columns in characters; 0 where the
	// problem is the file itself.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Message says what is wrong, in lower case without a full stop.
	Message string `json:"message"`
	// Hint says what to do; it may be empty.
	Hint string `json:"hint,omitempty"`
	// Note says that it is no problem, but worth knowing.
	Note bool `json:"note,omitempty"`
	// Text is the line of the file that holds the problem.
	Text string `json:"text,omitempty"`
}

// List is the problems of one run. As an error it is the text of all.
type List []Diagnostic

// Error returns what [List.WriteText] prints.
func (l List) Error() string {
	var b strings.Builder
	_ = l.WriteText(&b)
	return strings.TrimSuffix(b.String(), "\n")
}

// Problems counts what is no note.
func (l List) Problems() int {
	n := 0
	for _, d := range l {
		if !d.Note {
			n++
		}
	}
	return n
}

// Sort orders problems by file, line, column, code and message, and drops
// those that repeat another one.
func (l List) Sort() List {
	slices.SortFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Hint, b.Hint),
		)
	})
	return slices.Compact(l)
}

package connector

import (
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration or with rules, in
// words that a user can act on. It never holds a secret.
type Problem struct {
	// Pointer is the place as a JSON pointer (RFC 6901): "/port".
	Pointer string `json:"pointer"`
	// Label is the field's name for people; empty where there is no field.
	Label string `json:"label,omitempty"`
	// Message says what is wrong and what is allowed.
	Message string `json:"message"`
	// Line and Column are the place in the text that a person wrote, from 1;
	// 0 where there was no text.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Warning marks what is reported but does no harm.
	Warning bool `json:"warning,omitempty"`
}

// String returns the message with the label or the pointer before it.
func (p Problem) String() string {
	switch {
	case p.Label != "":
		return p.Label + ": " + p.Message
	case p.Pointer != "":
		return p.Pointer + ": " + p.Message
	}
	return p.Message
}

// Problems is every problem of one input. As an error it is all of them.
type Problems []Problem

// Error joins the problems with "; ".
func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.String()
	}
	return strings.Join(texts, "; ")
}

// And returns the problems with those of more that are not among them.
func (ps Problems) And(more Problems) Problems {
	seen := make(map[Problem]bool, len(ps)+len(more))
	for _, p := range ps {
		seen[p] = true
	}
	all := slices.Clip(ps)
	for _, p := range more {
		if !seen[p] {
			seen[p] = true
			all = append(all, p)
		}
	}
	return all
}

// Err returns the problems that are no warnings as an error, or nil.
func (ps Problems) Err() error {
	var bad Problems
	for _, p := range ps {
		if !p.Warning {
			bad = append(bad, p)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return bad
}

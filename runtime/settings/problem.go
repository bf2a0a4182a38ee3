package settings

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with the settings. It never holds a
// secret.
type Problem struct {
	// Origin is the file, the environment variable or the flag.
	Origin string
	// Line and Column are the place in a file, from 1; 0 elsewhere.
	Line, Column int
	// Message says what is wrong and what is allowed.
	Message string
}

// String returns "file:line:column: message".
func (p Problem) String() string {
	switch {
	case p.Origin == "":
		return p.Message
	case p.Line == 0:
		return p.Origin + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Origin, p.Line, p.Column, p.Message)
}

// Problems is everything that is wrong. As an error it is one line for each.
type Problems []Problem

// Error joins the problems with line ends.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

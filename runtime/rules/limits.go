package rules

import (
	"errors"
	"fmt"
	"regexp/syntax"
)

// MaxText is the largest filtering in bytes. With the other limits it bounds
// the time and the memory that rules take, however they are written.
const MaxText = 4 << 20

// The limits of basic rules. A field reaches so many levels into objects.
const (
	maxRules  = 10_000
	maxField  = 1000 // bytes
	maxLevels = 50
	maxID     = 1000 // bytes
	maxNumber = 1000 // bytes of an order
	maxValue  = 10_000
)

// maxAdvanced is the largest advanced rules in bytes.
const maxAdvanced = 128 << 10

// The limits of one regex. Matching takes time by its states and by the length
// of the text. Elasticsearch allows regexes of 1,000 characters.
const (
	maxPattern    = 1000    // bytes
	maxTranslated = 100_000 // bytes, with the classes of Unicode characters written out
	maxStates     = 10_000
)

// maxEffort bounds all regexes of a set together.
const maxEffort = 1_000_000

// effort is what is left for the regexes of a set, in steps of compiling them.
type effort struct{ left int }

var errEffort = errors.New("regex: the regexes up to this one are too large together; use fewer sets of characters and smaller repeat counts")

func newEffort() *effort { return &effort{left: maxEffort} }

// spend takes steps; it fails when there are not so many.
func (e *effort) spend(steps int) error {
	if e.left -= steps; e.left < 0 {
		e.left = 0
		return errEffort
	}
	return nil
}

// textProblem says that a filtering is too large, or nothing.
func textProblem(text []byte) string {
	if len(text) <= MaxText {
		return ""
	}
	return fmt.Sprintf("filtering has %d bytes, of which at most %d are allowed", len(text), MaxText)
}

// states is about the size of the machine that a regex becomes.
func states(re *syntax.Regexp) int { return weigh(re, func([]rune) int { return 1 }) }

// steps is about what it takes to compile a regex: a set of characters counts
// by its ranges.
func steps(re *syntax.Regexp) int {
	return weigh(re, func(ranges []rune) int { return 1 + len(ranges)/2 })
}

// weigh adds up the parts of a regex, each as often as it is repeated.
func weigh(re *syntax.Regexp, set func(ranges []rune) int) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpCharClass:
		n = set(re.Rune)
	case syntax.OpRepeat, syntax.OpConcat:
		n = 0
	}
	for _, sub := range re.Sub {
		n += weigh(sub, set)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(1, re.Min, re.Max)
	}
	return min(n, 1<<30)
}

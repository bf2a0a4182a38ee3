package rules

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// regexProblem is what RE2 lacks, or what is broken, at one place of a regex.
type regexProblem struct {
	at      int    // the character, from 1; 0 when it can't be told
	what    string // is wrong
	instead string // is the nearest spelling in RE2, or what to do
}

// String says it in one line.
func (p regexProblem) String() string {
	text := "regex: " + p.what
	if p.at > 0 {
		text = fmt.Sprintf("regex: at character %d: %s", p.at, p.what)
	}
	if p.instead != "" {
		text += "; " + p.instead
	}
	return text
}

// inspector walks over a regex, finds what RE2 does not know, and writes the
// rest as RE2 must read it: \d, \w and \s mean the characters of Unicode, as
// they do in Elastic's service.
type inspector struct {
	src      string
	i        int // the byte to be read next
	out      strings.Builder
	open     []int    // where the open groups begin
	groups   []string // the texts of the closed groups by number
	numbers  []int    // the numbers of the open groups, -1 for those without
	names    map[string]int
	problems []regexProblem
	// quantified tells that the last thing read was a quantifier.
	quantified bool
}

// inspect returns the regex in RE2's meaning and every problem.
func inspect(src string) (translated string, problems []regexProblem) {
	s := &inspector{src: src, names: map[string]int{}}
	for s.i < len(src) {
		s.next()
	}
	for _, at := range s.open {
		s.report(at, "this bracket is never closed", `close it with ")", or write "\("`)
	}
	return s.out.String(), s.problems
}

// maxProblems is how many problems of one regex are listed.
const maxProblems = 20

func (s *inspector) report(at int, what, instead string) {
	if len(s.problems) == maxProblems {
		return
	}
	s.problems = append(s.problems, regexProblem{1 + utf8.RuneCountInString(s.src[:at]), what, instead})
}

// nearest is the advice to write something else.
func nearest(spelling string) string { return "write " + quoteAll(cut(spelling, 300)) }

// copy takes n bytes over as they are.
func (s *inspector) copy(n int) {
	s.out.WriteString(s.src[s.i : s.i+n])
	s.i += n
}

func (s *inspector) rest() string { return s.src[s.i:] }

func (s *inspector) next() {
	quantified := s.quantified
	s.quantified = false
	switch c := s.src[s.i]; c {
	case '\\':
		s.escape(false)
	case '[':
		s.class()
	case '(':
		s.group()
	case ')':
		s.closeGroup()
	case '*', '+', '?':
		s.quantifier(1, quantified)
	case '{':
		s.braces(quantified)
	default:
		s.copy(1)
	}
}

// quantifier reads n bytes that repeat what stands before, with a "?" that
// makes them lazy.
func (s *inspector) quantifier(n int, again bool) {
	at := s.i
	if again {
		s.report(at, quote(s.src[at:at+n])+" repeats what is repeated already", "put the inner part into (?:…)")
		s.copy(n)
		return
	}
	s.copy(n)
	s.quantified = true
	switch {
	case strings.HasPrefix(s.rest(), "?"):
		s.copy(1)
	case strings.HasPrefix(s.rest(), "+"):
		s.report(s.i, "RE2 has no possessive quantifiers", nearest(s.src[at:s.i]))
		s.copy(1)
	}
}

// braces reads {n}, {n,} and {n,m}; all else in braces is plain text.
func (s *inspector) braces(again bool) {
	end := strings.IndexByte(s.rest(), '}')
	if end < 0 {
		s.copy(1)
		return
	}
	inside := s.src[s.i+1 : s.i+end]
	low, high, comma := strings.Cut(inside, ",")
	switch {
	case low == "" && comma && isCount(high):
		s.report(s.i, "RE2 takes "+quote("{"+inside+"}")+" as plain text", nearest("{0,"+high+"}"))
		s.copy(end + 1)
	case !isCount(low) || comma && high != "" && !isCount(high):
		s.copy(1)
	case tooMany(low) || tooMany(high):
		s.report(s.i, "RE2 repeats at most 1000 times", nearest("{"+atMost(low)+","+atMost(high)+"}")+" or another quantifier")
		s.copy(end + 1)
	default:
		s.quantifier(end+1, again)
	}
}

func isCount(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

// maxRepeat is RE2's largest repeat count.
const maxRepeat = "1000"

func tooMany(count string) bool {
	count = strings.TrimLeft(count, "0")
	return len(count) > len(maxRepeat) || len(count) == len(maxRepeat) && count > maxRepeat
}

func atMost(count string) string {
	if tooMany(count) {
		return maxRepeat
	}
	return count
}

// class reads a set of characters in square brackets.
func (s *inspector) class() {
	at := s.i
	s.copy(1)
	if strings.HasPrefix(s.rest(), "^") {
		s.copy(1)
	}
	if strings.HasPrefix(s.rest(), "]") {
		s.copy(1)
	}
	for s.i < len(s.src) {
		switch s.src[s.i] {
		case ']':
			s.copy(1)
			return
		case '\\':
			s.escape(true)
		default:
			if end := posixEnd(s.rest()); end > 0 {
				s.copy(end)
				continue
			}
			s.copy(1)
		}
	}
	s.report(at, "this set of characters is never closed", `close it with "]", or write "\["`)
}

// posixEnd returns the length of [:name:] at the start of a text, or 0.
func posixEnd(text string) int {
	if !strings.HasPrefix(text, "[:") {
		return 0
	}
	if end := strings.Index(text, ":]"); end > 0 {
		return end + 2
	}
	return 0
}

// describeSyntax says what Go's parser found wrong.
func describeSyntax(src string, err error) regexProblem {
	var broken *syntax.Error
	if !errors.As(err, &broken) {
		return regexProblem{what: err.Error()}
	}
	p := regexProblem{what: broken.Code.String()}
	if broken.Expr != "" && broken.Expr != src {
		p.what += " " + quote(broken.Expr)
	}
	if at := strings.Index(src, broken.Expr); at >= 0 && broken.Expr != src {
		p.at = 1 + utf8.RuneCountInString(src[:at])
	} else if broken.Expr == src {
		p.at = 1
	}
	return p
}

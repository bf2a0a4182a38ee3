package rules

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"unicode"
)

// pattern is a regex that must match from the start of a text, not to its end.
// The common simple ones are decided without the regex machine.
type pattern struct {
	machine *regexp.Regexp
	prefix  []byte // what every match begins with
	needle  []byte // what every match holds
	shape   shape
	// plain is a regex that says "anything", always one that matches every text.
	plain, always bool
}

// shape is what is known to decide in place of the machine.
type shape uint8

const (
	anyShape   shape = iota
	onlyPrefix       // the prefix decides
	lineHolds        // ".*needle": in a text of one line the needle decides
	lineEnds         // ".*needle$": in a text of one line its end decides
)

// parsePattern reads a regex, or says what is wrong and what to write.
func parsePattern(text string, e *effort) (tree *syntax.Regexp, translated string, err error) {
	if len(text) > maxPattern {
		return nil, "", fmt.Errorf("regex: it has %d bytes, of which at most %d are allowed", len(text), maxPattern)
	}
	if err := e.spend(4 * len(text)); err != nil {
		return nil, "", err
	}
	translated, problems := inspect(text)
	if err := e.spend(min(len(translated), maxTranslated)); err != nil {
		return nil, "", err
	}
	if len(problems) > 0 {
		return nil, "", joinProblems(problems)
	}
	if len(translated) > maxTranslated {
		return nil, "", errors.New(`regex: it has too many sets of characters with \W or \S in them; write what is meant instead`)
	}
	if tree, err = syntax.Parse(translated, syntax.Perl); err != nil {
		return nil, "", joinProblems([]regexProblem{describeSyntax(text, err)})
	}
	return tree, translated, nil
}

// compilePattern compiles a regex, or says what is wrong and what to write.
func compilePattern(text string, e *effort) (*pattern, error) {
	tree, translated, err := parsePattern(text, e)
	if err != nil {
		return nil, err
	}
	if n := states(tree); n > maxStates {
		return nil, fmt.Errorf("regex: it has about %d states, of which at most %d are allowed; use smaller repeat counts", n, maxStates)
	}
	if err := e.spend(steps(tree)); err != nil {
		return nil, err
	}
	machine, err := regexp.Compile(`\A(?:` + translated + `)`)
	if err != nil {
		return nil, joinProblems([]regexProblem{describeSyntax(text, err)})
	}
	p := &pattern{machine: machine}
	p.plain, p.always = matchAll(tree)
	p.analyse(parts(tree))
	return p, nil
}

// match reports whether the regex matches from the start of the text.
func (p *pattern) match(text []byte) bool {
	if !bytes.HasPrefix(text, p.prefix) {
		return false
	}
	switch p.shape {
	case onlyPrefix:
		return true
	case lineHolds, lineEnds:
		if bytes.IndexByte(text, '\n') >= 0 {
			break
		}
		if p.shape == lineEnds {
			return bytes.HasSuffix(text, p.needle)
		}
		return bytes.Contains(text, p.needle)
	default:
		if len(p.needle) > len(p.prefix) && !bytes.Contains(text, p.needle) {
			return false
		}
	}
	return p.machine.Match(text)
}

// analyse finds what decides without the machine, or sooner.
func (p *pattern) analyse(list []*syntax.Regexp) {
	for i, part := range list {
		if !isLiteral(part) {
			continue
		}
		literal := []byte(string(part.Rune))
		if i == 0 {
			p.prefix = literal
		}
		if len(literal) > len(p.needle) {
			p.needle = literal
		}
	}
	switch {
	case len(p.prefix) > 0 && matchesNothing(list[1:]):
		p.shape = onlyPrefix
	case len(list) > 1 && isAnything(list[0]) && isLiteral(list[1]):
		p.needle = []byte(string(list[1].Rune))
		switch rest := list[2:]; {
		case bytes.IndexByte(p.needle, '\n') >= 0:
		case matchesNothing(rest):
			p.shape = lineHolds
		case len(rest) == 1 && rest[0].Op == syntax.OpEndText:
			p.shape = lineEnds
		}
	}
}

// parts are the pieces of a regex one after the other, without groups and
// without anchors at the start, where it is anchored anyway.
func parts(tree *syntax.Regexp) []*syntax.Regexp {
	for tree.Op == syntax.OpCapture {
		tree = tree.Sub[0]
	}
	list := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		list = tree.Sub
	}
	for len(list) > 0 && (list[0].Op == syntax.OpBeginText || list[0].Op == syntax.OpBeginLine) {
		list = list[1:]
	}
	return list
}

func isLiteral(re *syntax.Regexp) bool {
	return re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0
}

// isAnything reports .* in any spelling.
func isAnything(re *syntax.Regexp) bool {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	if re.Op != syntax.OpStar {
		return false
	}
	sub := re.Sub[0]
	for sub.Op == syntax.OpCapture {
		sub = sub.Sub[0]
	}
	switch sub.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpCharClass:
		return len(sub.Rune) == 2 && sub.Rune[0] == 0 && sub.Rune[1] == unicode.MaxRune
	}
	return false
}

// matchesNothing reports whether the pieces match the empty text anywhere, so
// that they exclude nothing at the end of a regex.
func matchesNothing(list []*syntax.Regexp) bool {
	for _, re := range list {
		if !matchesEmpty(re) {
			return false
		}
	}
	return true
}

func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		return matchesNothing(re.Sub)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if matchesEmpty(sub) {
				return true
			}
		}
	}
	return false
}

// matchAll tells that a regex is nothing but "match anything", and whether it
// matches every text there is.
func matchAll(tree *syntax.Regexp) (plain, always bool) {
	list := parts(tree)
	always = matchesNothing(list)
	for len(list) > 0 && (list[len(list)-1].Op == syntax.OpEndText || list[len(list)-1].Op == syntax.OpEndLine) {
		list = list[:len(list)-1]
	}
	return len(list) == 0 && always || len(list) == 1 && isAnything(list[0]), always
}

// joinProblems makes one error of every problem of a regex.
func joinProblems(problems []regexProblem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = errors.New(p.String())
	}
	return joined{errs}
}

// joined is several errors in one line.
type joined struct{ errs []error }

func (j joined) Error() string {
	text := ""
	for i, err := range j.errs {
		if i > 0 {
			text += "; "
		}
		text += err.Error()
	}
	return text
}

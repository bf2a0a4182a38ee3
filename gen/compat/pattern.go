package compat

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxSteps is how far two patterns are followed before they count as too
// different to compare.
const maxSteps = 500_000

// lost returns a text that one pattern takes and another does not. Both match
// anywhere in a text; an empty pattern takes every text. The text has at least
// shortest runes, and at most longest where that is not negative. decided is false where the patterns are too
// large to compare, or look at more than the runes and the ends of a text.
func lost(was, now string, shortest, longest int64) (text string, found, decided bool) {
	a, okA := compilePattern(was)
	b, okB := compilePattern(now)
	if !okA || !okB {
		return "", false, false
	}
	s := &search{a: a, b: b, alphabet: alphabet(a.prog, b.prog), seen: map[string]bool{}}
	return s.run(shortest, longest)
}

// automaton follows a pattern rune by rune.
type automaton struct{ prog *syntax.Prog }

func compilePattern(pattern string) (automaton, bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return automaton{}, false
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return automaton{}, false
	}
	for _, inst := range prog.Inst {
		if inst.Op == syntax.InstEmptyWidth && syntax.EmptyOp(inst.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return automaton{}, false
		}
	}
	return automaton{prog}, true
}

// state is where an automaton may be: instructions, in order. matched says that
// it has matched, whatever follows.
type state struct {
	at      []uint32
	matched bool
}

// start is the state before a text.
func (a automaton) start() state {
	return a.closure([]uint32{uint32(a.prog.Start)}, syntax.EmptyBeginText)
}

// closure follows everything that takes no rune. What waits for the end of the
// text stays.
func (a automaton) closure(at []uint32, here syntax.EmptyOp) state {
	var s state
	seen := make([]bool, len(a.prog.Inst))
	for len(at) > 0 {
		pc := at[len(at)-1]
		at = at[:len(at)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch inst := &a.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			at = append(at, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			at = append(at, inst.Out)
		case syntax.InstEmptyWidth:
			if missing := syntax.EmptyOp(inst.Arg) &^ here; missing == 0 {
				at = append(at, inst.Out)
			} else if missing == syntax.EmptyEndText {
				s.at = append(s.at, pc)
			}
		case syntax.InstMatch:
			return state{matched: true}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			s.at = append(s.at, pc)
		}
	}
	slices.Sort(s.at)
	return s
}

// takes reports whether a text that ends here is taken. first says that it also
// starts here.
func (a automaton) takes(s state, first bool) bool {
	here := syntax.EmptyEndText
	if first {
		here |= syntax.EmptyBeginText
	}
	return s.matched || a.closure(slices.Clone(s.at), here).matched
}

// step reads one rune. A match may start after it.
func (a automaton) step(s state, r rune) state {
	if s.matched {
		return s
	}
	next := []uint32{uint32(a.prog.Start)}
	for _, pc := range s.at {
		if inst := &a.prog.Inst[pc]; inst.Op != syntax.InstEmptyWidth && inst.MatchRune(r) {
			next = append(next, inst.Out)
		}
	}
	return a.closure(next, 0)
}

// alphabet holds one rune for each class that two programs tell apart.
func alphabet(programs ...*syntax.Prog) []rune {
	edges := map[rune]bool{'a': true, '\n': true, '\n' + 1: true}
	for _, p := range programs {
		for _, inst := range p.Inst {
			for _, r := range inst.Rune {
				edges[r-1], edges[r], edges[r+1] = true, true, true
				for folded := unicode.SimpleFold(r); folded != r; folded = unicode.SimpleFold(folded) {
					edges[folded], edges[folded+1] = true, true
				}
			}
		}
	}
	var runes []rune
	for r := range edges {
		if utf8.ValidRune(r) {
			runes = append(runes, r)
		}
	}
	slices.SortFunc(runes, byLooks)
	return runes
}

// byLooks puts runes first that people can read.
func byLooks(a, b rune) int {
	rank := func(r rune) int {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return 0
		case unicode.IsPrint(r):
			return 1
		}
		return 2
	}
	if x, y := rank(a), rank(b); x != y {
		return x - y
	}
	return int(a - b)
}

// key tells pairs of states apart.
func (w walked) key() string {
	key := binary.AppendUvarint(nil, uint64(len(w.a.at)))
	if w.a.matched {
		key = append(key, 0xff)
	}
	for _, pc := range slices.Concat(w.a.at, w.b.at) {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	return string(key)
}

// search walks both automata side by side, shortest texts first.
type search struct {
	a, b     automaton
	alphabet []rune
	seen     map[string]bool
}

// walked is a text and where it has led.
type walked struct {
	a, b state
	text []rune
}

// run meets each pair of states first with the shortest text that leads there.
func (s *search) run(shortest, longest int64) (text string, found, decided bool) {
	queue := []walked{{a: s.a.start(), b: s.b.start()}}
	for steps := 0; len(queue) > 0; queue = queue[1:] {
		w := queue[0]
		first := len(w.text) == 0
		length := int64(len(w.text))
		if length >= shortest && s.a.takes(w.a, first) && !s.b.takes(w.b, first) {
			return string(w.text), true, true
		}
		if length == longest {
			continue
		}
		for _, r := range s.alphabet {
			if steps += 1 + len(w.a.at) + len(w.b.at); steps > maxSteps {
				return "", false, false
			}
			next := walked{a: s.a.step(w.a, r), b: s.b.step(w.b, r), text: append(slices.Clip(w.text), r)}
			if key := next.key(); !s.seen[key] && !next.b.matched {
				s.seen[key] = true
				queue = append(queue, next)
			}
		}
	}
	return "", false, true
}

package doctest

import "strings"

// lines splits a shell text into commands: lines, with those that end in a
// backslash joined, and what ; && || and | separate. Each is a list of words
// without quotes; comments, redirections and settings of variables before a
// command are left out. A | within a word stands for one of several.
func lines(text string) []numbered {
	var list []numbered
	pending, start := "", 0
	for i, line := range strings.Split(text, "\n") {
		if pending == "" {
			start = i
		}
		if rest, ok := strings.CutSuffix(line, "\\"); ok {
			pending += rest
			continue
		}
		for _, words := range split(pending + line) {
			list = append(list, numbered{start, words})
		}
		pending = ""
	}
	return list
}

type numbered struct {
	line  int // from 0
	words []string
}

// shellLine reads one line of a shell.
type shellLine struct {
	commands [][]string
	words    []string
	word     strings.Builder
	begun    bool
	quote    rune
}

func split(line string) [][]string {
	var s shellLine
	for _, r := range line {
		switch {
		case s.quote != 0 && r == s.quote:
			s.quote = 0
		case s.quote != 0:
			s.word.WriteRune(r)
		case r == '\'' || r == '"':
			s.quote, s.begun = r, true
		case r == ' ' || r == '\t':
			s.endWord()
		case r == ';' || r == '&' || r == '|' && !s.begun:
			s.endCommand()
		case r == '#' && !s.begun:
			s.endCommand()
			return s.commands
		default:
			s.word.WriteRune(r)
			s.begun = true
		}
	}
	s.endCommand()
	return s.commands
}

func (s *shellLine) endWord() {
	if s.begun {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.begun = false
}

func (s *shellLine) endCommand() {
	s.endWord()
	if words := bare(s.words); len(words) > 0 {
		s.commands = append(s.commands, words)
	}
	s.words = nil
}

// bare is a command without settings before it and redirections.
func bare(words []string) []string {
	for len(words) > 0 && strings.Contains(words[0], "=") && strings.ToUpper(words[0][:1]) == words[0][:1] {
		words = words[1:]
	}
	for i, w := range words {
		if strings.HasPrefix(w, ">") || strings.HasPrefix(w, "2>") || w == "<" {
			return words[:i]
		}
	}
	return words
}

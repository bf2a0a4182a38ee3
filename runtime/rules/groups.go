package rules

import "strings"

// group reads the opening bracket of a group with what follows it.
func (s *inspector) group() {
	at, text := s.i, s.rest()
	for _, g := range foreignGroups {
		if !strings.HasPrefix(text, g.open) {
			continue
		}
		instead := g.instead
		if g.keeps {
			instead = nearest("(?:" + s.inside(at+len(g.open)) + ")")
		}
		s.report(at, "RE2 has no "+g.name+" "+quote(g.open), instead)
		s.enter(at, -1)
		s.copy(len(g.open))
		return
	}
	switch {
	case strings.HasPrefix(text, "(?P="), strings.HasPrefix(text, "(?P>"):
		s.named(at, text)
	case strings.HasPrefix(text, "(?P<"), strings.HasPrefix(text, "(?<"):
		s.capture(at, text)
	case strings.HasPrefix(text, "(?"):
		s.flags(at, text)
	default:
		s.groups = append(s.groups, "")
		s.enter(at, len(s.groups))
		s.copy(1)
	}
}

// foreignGroups are the groups that RE2 does not know.
var foreignGroups = []struct {
	open, name string
	keeps      bool   // its content as a plain group comes nearest
	instead    string // where nothing comes near
}{
	{"(?=", "look-ahead", true, ""},
	{"(?!", "negative look-ahead", false, "put a rule of its own before this one that decides about what must not follow"},
	{"(?<=", "look-behind", true, ""},
	{"(?<!", "negative look-behind", false, "put a rule of its own before this one that decides about what must not stand before"},
	{"(?>", "atomic group", true, ""},
	{"(?|", "branch reset group", true, ""},
	{"(?#", "comment", false, "leave it out"},
	{"(?(", "condition", false, `write both cases out: "(?:…|…)"`},
	{"(?'", "group named in quotes", false, `write "(?P<name>…)"`},
	{"(?R", "recursion", false, "write the levels out"},
	{"(?&", "recursion", false, "write the levels out"},
}

// inside returns the text from a place to the bracket that closes the group.
func (s *inspector) inside(from int) string {
	depth, set := 0, false
	for i := from; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\\':
			i++
		case set:
			set = c != ']'
		case c == '[':
			set = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return s.src[from:i]
			}
		}
	}
	return s.src[from:]
}

func (s *inspector) enter(at, number int) {
	s.open = append(s.open, at)
	s.numbers = append(s.numbers, number)
}

func (s *inspector) closeGroup() {
	last := len(s.open) - 1
	if last < 0 {
		s.report(s.i, `")" closes nothing`, nearest(`\)`))
		s.copy(1)
		return
	}
	s.copy(1)
	if n := s.numbers[last]; n > 0 {
		s.groups[n-1] = s.src[s.open[last]:s.i]
	}
	s.open, s.numbers = s.open[:last], s.numbers[:last]
}

// capture reads the opening of a group with a name.
func (s *inspector) capture(at int, text string) {
	start := strings.IndexByte(text, '<') + 1
	end := strings.IndexByte(text, '>')
	s.groups = append(s.groups, "")
	if end > start {
		s.names[text[start:end]] = len(s.groups)
	}
	s.enter(at, len(s.groups))
	s.copy(max(end+1, start))
}

// named reads a reference to a group with a name, brackets included.
func (s *inspector) named(at int, text string) {
	name, end := text[len("(?P="):], len(text)
	if i := strings.IndexByte(text, ')'); i >= 0 {
		name, end = text[len("(?P="):i], i+1
	}
	s.reference(at, text[:end], s.names[name])
	s.copy(end)
}

// reference reports a back-reference to a group by its number, if known.
func (s *inspector) reference(at int, spelling string, group int) {
	instead := "write out what the group stands for"
	if group > 0 && group <= len(s.groups) && s.groups[group-1] != "" {
		instead = nearest(s.groups[group-1]) + ", the group's own regex, which need not match the same text"
	}
	s.report(at, "RE2 has no back-references such as "+quote(spelling), instead)
}

// flags reads (?flags) or (?flags: and reports the flags that RE2 lacks.
func (s *inspector) flags(at int, text string) {
	end := 2
	for end < len(text) && (text[end] >= 'a' && text[end] <= 'z' || text[end] >= 'A' && text[end] <= 'Z' || text[end] == '-' || text[end] == '^') {
		if instead := foreignFlag(text[end]); instead != "" {
			s.report(at+end, "RE2 has no flag "+quote(text[end:end+1]), instead)
		}
		end++
	}
	if end < len(text) && text[end] >= '0' && text[end] <= '9' {
		s.report(at, "RE2 has no recursion", "write the levels out")
	}
	if end < len(text) && text[end] == ')' {
		s.copy(end + 1)
		return
	}
	s.enter(at, -1)
	s.copy(min(end+1, len(text)))
}

// foreignFlag returns what to do in place of a flag, or nothing when RE2 has it.
func foreignFlag(flag byte) string {
	switch flag {
	case 'i', 'm', 's', 'U', '-':
		return ""
	case 'x':
		return "leave it out, and spaces and comments too"
	case 'a':
		return `leave it out, and write "[0-9]" for "\d" and "[0-9A-Za-z_]" for "\w"`
	case 'u':
		return "leave it out: it is always so"
	}
	return "leave it out"
}

package mongodb

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// selection says which collections are read: one, or those that a comma list
// of names and patterns selects.
type selection struct {
	one   string         // the name, where the field holds nothing but a name
	names []string       // those of the list that are no patterns
	match *regexp.Regexp // of whole names
}

// parseSelection reads the field "collection". Behind a backslash a comma or a
// star belongs to the name.
func parseSelection(text string) selection {
	var s selection
	var list []string
	parts := splitNames(text)
	for _, part := range parts {
		if len(parts) > 1 {
			part = strings.TrimSpace(part)
		}
		if part == "" {
			continue
		}
		name, expression, pattern := readName(part)
		list = append(list, expression)
		if !pattern {
			s.names = append(s.names, name)
		}
	}
	s.match = regexp.MustCompile("^(?:" + strings.Join(list, "|") + ")$")
	if len(list) == 1 && len(s.names) == 1 && len(parts) == 1 {
		s.one = s.names[0]
	}
	return s
}

// splitNames splits at commas without a backslash.
func splitNames(text string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ',':
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// readName returns the name that a part of the list stands for, or with stars
// in it the expression of those that match.
func readName(part string) (name, expression string, pattern bool) {
	var plain, expr strings.Builder
	for i := 0; i < len(part); i++ {
		c := part[i]
		switch {
		case c == '*':
			pattern = true
			expr.WriteString("(?s:.*)")
			continue
		case c == '\\' && i+1 < len(part) && strings.IndexByte(`,*\`, part[i+1]) >= 0:
			i++
			c = part[i]
		}
		plain.WriteByte(c)
		expr.WriteString(regexp.QuoteMeta(string([]byte{c})))
	}
	return plain.String(), expr.String(), pattern
}

// selects reports whether a collection is read. Patterns leave MongoDB's own
// collections out.
func (s selection) selects(name string) bool {
	if strings.HasPrefix(name, "system.") && !slices.Contains(s.names, name) {
		return false
	}
	return s.match.MatchString(name)
}

// prefix is what ids of a collection's documents begin with: nothing for the
// only one, so that they are those of Elastic's connector.
func (s selection) prefix(name string) string {
	if s.one != "" {
		return ""
	}
	return idPrefix(name)
}

func (s selection) problems() connector.Problems {
	if s.match.String() == "^(?:)$" {
		return connector.Problems{{Pointer: "/collection", Label: "Collection", Message: "it names no collection"}}
	}
	return nil
}

package directory

import (
	"fmt"
	"path/filepath"

	"github.com/tributary-search/tributary/runtime/connector"
)

// rule is an advanced rule whose pattern is read.
type rule struct {
	Rule
	glob *glob // nil matches every path
}

// readRules returns the rules of a filter, and the problems that their schema
// can't find.
func readRules(filter connector.Filter) ([]rule, connector.Problems) {
	rules, _, err := advancedRules(filter)
	if err != nil {
		return nil, connector.Problems{{Message: err.Error()}}
	}
	var problems connector.Problems
	compiled := make([]rule, len(rules))
	for i, r := range rules {
		compiled[i].Rule = r
		if r.Pattern == nil {
			continue
		}
		g, err := newGlob(*r.Pattern)
		if err != nil {
			problems = append(problems, connector.Problem{Pointer: fmt.Sprintf("/%d/pattern", i), Message: err.Error()})
		}
		compiled[i].glob = &g
	}
	return compiled, problems
}

// matches reports whether a file meets every condition of the rule.
func (r *rule) matches(path string, s *stat) bool {
	switch {
	case r.glob != nil && !r.glob.matches(filepath.ToSlash(path)):
		return false
	case r.MinSize != nil && s.size < *r.MinSize:
		return false
	case r.MaxSize != nil && s.size > *r.MaxSize:
		return false
	}
	return r.ModifiedAfter == nil || s.modified().After(*r.ModifiedAfter)
}

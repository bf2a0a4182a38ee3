package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// dependencies decides the conditions of all fields.
func (s *sourceBuilder) dependencies() {
	for i, p := range s.props {
		n := p.node.Get("x-ui").Get("depends_on")
		if n == nil || n.Kind != load.Object {
			continue
		}
		for j := range n.Members {
			if c, ok := s.condition(&n.Members[j]); ok {
				s.out.Config[i].DependsOn = append(s.out.Config[i].DependsOn, c)
			}
		}
		slices.SortFunc(s.out.Config[i].DependsOn, func(a, b Condition) int { return cmp.Compare(a.Field, b.Field) })
	}
	s.circles()
}

func (s *sourceBuilder) condition(m *load.Member) (Condition, bool) {
	i := slices.IndexFunc(s.out.Config, func(f Field) bool { return f.Name == m.Key })
	if i < 0 {
		message := fmt.Sprintf("depends_on names %q, which is not a field", shorten(m.Key))
		if m.Value.File != s.root.File {
			message += " of " + s.root.File.Name
		}
		s.add(m.At(diag.DependsUnknown, message, didYouMean(m.Key, s.fieldNames())))
		return Condition{}, false
	}
	other := s.out.Config[i]
	if other.Type == "" {
		return Condition{}, false
	}
	if other.Type != String && other.Type != Integer && other.Type != Boolean {
		s.add(m.At(diag.DependsValue, fmt.Sprintf("depends_on can't name %q: only texts, integers and booleans can be depended on", m.Key), ""))
		return Condition{}, false
	}
	if other.Secret {
		s.add(m.At(diag.DependsValue, fmt.Sprintf("depends_on can't name %q: it is a secret", m.Key), ""))
		return Condition{}, false
	}
	value, problem := decode(m.Value, other.Type)
	if problem == "" && value == "" {
		problem = "an empty text counts as no value"
	}
	if problem == "" && len(other.Enum) > 0 && !slices.Contains(other.Enum, value) {
		problem = "it is not in enum"
	}
	if problem != "" {
		s.add(m.Value.At(diag.DependsValue, fmt.Sprintf("%q can't have this value: %s", m.Key, problem), enumHint(other)))
		return Condition{}, false
	}
	return Condition{Field: m.Key, Value: value}, true
}

func enumHint(f Field) string {
	if len(f.Enum) == 0 {
		return ""
	}
	texts := make([]string, len(f.Enum))
	for i, v := range f.Enum {
		texts[i] = fmt.Sprint(v)
	}
	return "one of " + shorten(strings.Join(texts, ", "))
}

// circles reports each circle of conditions once, at its first field.
func (s *sourceBuilder) circles() {
	done := map[string]bool{}
	for i, f := range s.out.Config {
		if done[f.Name] {
			continue
		}
		path := s.circle(f.Name, f.Name, []string{f.Name})
		if path == nil {
			continue
		}
		for _, name := range path {
			done[name] = true
		}
		n := s.props[i].node.Get("x-ui").Member("depends_on")
		s.add(n.At(diag.DependsCycle, "depends_on runs in a circle: "+strings.Join(append(path, f.Name), " → "), "remove one of the conditions"))
	}
}

// circle returns a path of conditions from a field that leads to start.
func (s *sourceBuilder) circle(start, from string, path []string) []string {
	i := slices.IndexFunc(s.out.Config, func(f Field) bool { return f.Name == from })
	for _, c := range s.out.Config[i].DependsOn {
		if c.Field == start {
			return path
		}
		if slices.Contains(path, c.Field) {
			continue
		}
		if found := s.circle(start, c.Field, append(slices.Clone(path), c.Field)); found != nil {
			return found
		}
	}
	return nil
}

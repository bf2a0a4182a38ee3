package compat

import (
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/model"
)

// mayCount reports whether a stored configuration can meet the conditions of a
// field.
func (p *pair) mayCount(g *model.Field) bool {
	return !slices.ContainsFunc(g.DependsOn, func(c model.Condition) bool { return !p.mayHold(c) })
}

// mayHold reports whether a stored configuration can have the value that a
// condition asks for: as the default, as the value with which a new field is
// added, or because base took it.
func (p *pair) mayHold(c model.Condition) bool {
	other := &p.now.Config[fieldIndex(p.now, c.Field)]
	if other.Default == c.Value || other.Preset == c.Value {
		return true
	}
	was := p.before(other)
	return was != nil && (len(was.Enum) == 0 || slices.Contains(was.Enum, c.Value))
}

// counts reports a field that may count where it did not, and would then be
// validated.
func (p *pair) counts(f, g *model.Field) {
	if !p.mayCount(g) {
		return
	}
	for _, c := range f.DependsOn {
		if reason := p.unasked(c, g); reason != "" {
			p.add(at(g, "x-ui").At(diag.CountsNow, fmt.Sprintf("%s counted only when %s is %v; %s%s", quoted(g), c.Field, c.Value, reason, wasAt(placeOf(f, "x-ui"))),
				"keep it as it was, or add a field with a new name"))
		}
	}
}

// unasked says why a field may count where an old condition is not met; empty
// where it can't.
func (p *pair) unasked(c model.Condition, g *model.Field) string {
	other := p.byOld[c.Field]
	if other == nil || !slices.Contains(g.DependsOn, model.Condition{Field: other.Name, Value: c.Value}) {
		return "that condition is gone"
	}
	if was := p.base.Config[fieldIndex(p.base, c.Field)]; other.Default == c.Value && was.Default != c.Value {
		return "that is the default now"
	}
	return ""
}

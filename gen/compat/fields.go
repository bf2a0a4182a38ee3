package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// pair is a source and the one that takes its place.
type pair struct {
	*comparison
	base, now model.Source
	// byOld leads from the name of a field in base to the field now.
	byOld map[string]*model.Field
}

// match finds the field that reads what is stored under each name.
func (p *pair) match() {
	for i := range p.now.Config {
		f := &p.now.Config[i]
		for _, name := range append([]string{f.Name}, f.RenamedFrom...) {
			p.byOld[name] = f
		}
	}
}

// before returns the field of base whose values a field reads; nil for a new
// one. Its own name comes before former names.
func (p *pair) before(f *model.Field) *model.Field {
	for _, name := range append([]string{f.Name}, f.RenamedFrom...) {
		if i := fieldIndex(p.base, name); i >= 0 {
			return &p.base.Config[i]
		}
	}
	return nil
}

func fieldIndex(s model.Source, name string) int {
	return slices.IndexFunc(s.Config, func(f model.Field) bool { return f.Name == name })
}

// gone reports names of base that lead to no field, and fields that were two
// and are one.
func (p *pair) gone() {
	for i := range p.base.Config {
		f := &p.base.Config[i]
		successor := p.byOld[f.Name]
		switch {
		case successor == nil:
			p.fieldGone(f)
			continue
		case p.before(successor) != f && !f.Deprecated:
			p.merged(f, successor)
			continue
		}
		for _, old := range f.RenamedFrom {
			if p.byOld[old] != successor {
				p.formerGone(f, successor, old)
			}
		}
	}
}

func (p *pair) fieldGone(f *model.Field) {
	message := fmt.Sprintf("the field %q is gone%s", f.Name, wasAt(f.At.Value.File, f.At.Offset))
	at := p.now.Root.Get("config").Member("properties")
	if at == nil {
		at = p.now.Root.Member("config")
	}
	if f.Deprecated {
		p.note(at.At(diag.FieldGone, message+"; it was deprecated", "configurations that people wrote themselves and that still name it are refused"))
		return
	}
	p.add(at.At(diag.FieldGone, message, p.renameHint(f)))
}

// renameHint guesses which new field is the old one: that of the same title, or
// of the nearest name.
func (p *pair) renameHint(f *model.Field) string {
	var added []string
	for i := range p.now.Config {
		g := &p.now.Config[i]
		if p.before(g) != nil || g.Type != f.Type {
			continue
		}
		if g.Title == f.Title {
			return fmt.Sprintf("if %q is its new name: \"x-renamed-from\": [%q]", g.Name, f.Name)
		}
		added = append(added, g.Name)
	}
	if near := schema.Suggest(f.Name, added); near != "" {
		return fmt.Sprintf("if %q is its new name: \"x-renamed-from\": [%q]", near, f.Name)
	}
	return fmt.Sprintf("give its successor \"x-renamed-from\": [%q], or keep it with \"deprecated\": true", f.Name)
}

// merged reports a field that became another one which was there already: a
// stored configuration holds values for both.
func (p *pair) merged(f, successor *model.Field) {
	at := successor.At
	if m := successor.Node.Member("x-renamed-from"); m != nil {
		at = m
	}
	message := fmt.Sprintf("%q takes the place of %q and of %q, so one of two stored values is lost%s", successor.Name, p.before(successor).Name, f.Name, wasAt(f.At.Value.File, f.At.Offset))
	p.add(at.At(diag.FieldGone, message, fmt.Sprintf("keep %q with \"deprecated\": true for a release first", f.Name)))
}

func (p *pair) formerGone(f, successor *model.Field, old string) {
	at := successor.At
	if m := successor.Node.Member("x-renamed-from"); m != nil {
		at = m
	}
	n := f.Node.Get("x-renamed-from")
	message := fmt.Sprintf("%q is no former name of %q any more%s", old, successor.Name, wasAt(n.File, n.Offset))
	p.add(at.At(diag.FieldGone, message, fmt.Sprintf("add %q to \"x-renamed-from\"", old)))
}

// identity reports when other values, or the same in another order, tell
// configurations apart.
func (p *pair) identity() {
	was := make([]string, len(p.base.Identity))
	for i, name := range p.base.Identity {
		if p.byOld[name] == nil {
			return // that the field is gone was reported
		}
		was[i] = p.byOld[name].Name
	}
	if slices.Equal(was, p.now.Identity) {
		return
	}
	at := p.now.Root.Member("x-identity")
	if at == nil {
		at = p.now.Root.Member("config")
	}
	message := fmt.Sprintf("the identity was [%s] and is [%s]: indexed documents would belong to nobody", quoteAll(was), quoteAll(p.now.Identity))
	p.add(at.At(diag.IdentityChanged, message, fmt.Sprintf("write \"x-identity\": [%s]", quoteAll(was))))
}

// owner notes a service type that became an alias: it is a part of the identity.
func (p *pair) owner() {
	if p.base.ServiceType == p.now.ServiceType {
		return
	}
	message := fmt.Sprintf("the service type was %q and is %q", p.base.ServiceType, p.now.ServiceType)
	p.note(p.now.Root.Get("service_type").At(diag.IdentityChanged, message, "stored connectors find their source; documents indexed under the old name stay, and new ones are indexed beside them"))
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}

// needed are abilities that stored rules and indexed documents rely on.
var needed = []string{"advanced_rules", "access_control"}

func (p *pair) abilities() {
	for _, ability := range needed {
		if !slices.Contains(p.base.Abilities, ability) || slices.Contains(p.now.Abilities, ability) {
			continue
		}
		at := p.now.Root.Member("abilities")
		if at == nil {
			at = p.now.Root.Member("service_type")
		}
		n := p.base.Root.Get("abilities")
		p.add(at.At(diag.AbilityGone, fmt.Sprintf("the ability %s is gone%s", ability, wasAt(n.File, itemOffset(n, ability))), "keep it"))
	}
}

func itemOffset(n *load.Node, text string) int {
	for _, item := range n.List() {
		if item.Text == text {
			return item.Offset
		}
	}
	return n.Offset
}

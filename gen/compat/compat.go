// Package compat compares two versions of the declarations and finds the edits
// that break what users have stored: configurations, advanced rules, and the
// names by which connectors lead to their source.
package compat

import (
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
)

// Compare returns what breaks between base and now, at places in now; what is
// gone also names its place in base. now is free of problems; base may have
// been written for another version of the generator, and what it does not
// make sense of is not compared. Notes tell what only people can judge.
func Compare(base, now load.Input) diag.List {
	before, _ := model.Read(base)
	after, _ := model.Read(now)
	c := &comparison{}
	for _, s := range before.Sources {
		for _, t := range c.successors(s, after.Sources, now.Registry) {
			c.source(s, t)
		}
	}
	return c.found.Sort()
}

// comparison collects what breaks.
type comparison struct {
	found diag.List
}

func (c *comparison) add(d diag.Diagnostic) { c.found = append(c.found, d) }

func (c *comparison) note(d diag.Diagnostic) {
	d.Note = true
	c.add(d)
}

// successors returns the sources that answer to the names of a source, those
// that lead nowhere reported.
func (c *comparison) successors(s model.Source, after []model.Source, r load.Registry) []model.Source {
	var list []model.Source
	for _, n := range names(s) {
		i := slices.IndexFunc(after, func(t model.Source) bool { return answers(t, n.Text) })
		if i < 0 {
			c.nameGone(s, n, after, r)
			continue
		}
		if !slices.ContainsFunc(list, func(t model.Source) bool { return t.Dir == after[i].Dir }) {
			list = append(list, after[i])
		}
	}
	return list
}

// names returns a source's service type and its aliases.
func names(s model.Source) []*load.Node {
	var list []*load.Node
	for _, n := range append([]*load.Node{s.Root.Get("service_type")}, s.Root.Get("aliases").List()...) {
		if n != nil && n.Kind == load.String {
			list = append(list, n)
		}
	}
	return list
}

func answers(s model.Source, name string) bool {
	return s.ServiceType == name || slices.Contains(s.Aliases, name)
}

func (c *comparison) nameGone(s model.Source, n *load.Node, after []model.Source, r load.Registry) {
	message := fmt.Sprintf("no source answers to %q any more%s", n.Text, wasAt(n.File, n.Offset))
	hint := fmt.Sprintf("add it to the aliases of the source that takes its place: %q", n.Text)
	i := slices.IndexFunc(after, func(t model.Source) bool { return t.Dir == s.Dir })
	switch {
	case i >= 0:
		c.add(after[i].Root.Get("service_type").At(diag.NameGone, message, fmt.Sprintf("add %q to \"aliases\"", n.Text)))
	case r.Offset >= 0:
		c.add(r.File.At(r.Offset, diag.NameGone, message, hint))
	default:
		c.add(r.File.Whole(diag.NameGone, message, hint))
	}
}

// wasAt is the end of a message about what is gone.
func wasAt(f *load.File, offset int) string {
	line, column := f.LineCol(offset)
	return fmt.Sprintf(" (base: %s:%d:%d)", f.Name, line, column)
}

// source compares a source with one that answers to its names.
func (c *comparison) source(base, now model.Source) {
	p := &pair{comparison: c, base: base, now: now, byOld: map[string]*model.Field{}}
	p.match()
	p.gone()
	for i := range now.Config {
		p.field(&now.Config[i])
	}
	p.identity()
	p.owner()
	p.abilities()
	if n, m := base.Root.Get("advanced_rules"), now.Root.Member("advanced_rules"); n != nil && m != nil {
		newRules(c, base.Root, now.Root).compare(n, m, "the advanced rules")
	}
}

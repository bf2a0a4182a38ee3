package compat

import (
	"fmt"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
)

// field compares a field with the one that it was.
func (p *pair) field(g *model.Field) {
	f := p.before(g)
	switch {
	case f == nil:
		p.added(g)
		return
	case f.Type == "": // base made no sense to this generator
		return
	case f.Type != g.Type && !(f.Type == model.Integer && g.Type == model.Number):
		p.add(at(g, "type").At(diag.TypeChanged, fmt.Sprintf("%s was %s and is %s%s", quoted(g), typeName(f.Type), typeName(g.Type), wasAt(placeOf(f, "type"))),
			"keep the type, or add a field with a new name"))
		return
	}
	if f.Secret && !g.Secret {
		p.add(at(g, "writeOnly").At(diag.Exposed, fmt.Sprintf("%s was a secret and would be shown%s", quoted(g), wasAt(placeOf(f, "writeOnly"))), `keep "writeOnly": true`))
	}
	p.demanded(f, g)
	p.fallback(f, g)
	p.counts(f, g)
	p.values(f, g)
}

// values reports values that were valid and are no more. Empty texts and lists
// count as no value, so a least length of 1 demands nothing.
func (p *pair) values(f, g *model.Field) {
	l := &limits{comparison: p.comparison, code: diag.Narrowed, name: quoted(g), at: g.At, floor: 1}
	l.compare(f.Node, g.Node)
	if items := g.Node.Member("items"); items != nil {
		l := &limits{comparison: p.comparison, code: diag.Narrowed, name: "an item of " + quoted(g), at: items}
		l.compare(f.Node.Get("items"), items.Value)
	}
}

// added reports a new field whose value stored configurations lack.
func (p *pair) added(g *model.Field) {
	if g.Required && g.Default == nil && p.mayCount(g) {
		p.add(p.requiredAt(g).At(diag.Demanded, quoted(g)+" is new and required, and has no default", "give it a default, or leave it out of \"required\""))
	}
}

func (p *pair) demanded(f, g *model.Field) {
	if !g.Required || !p.mayCount(g) {
		return
	}
	switch {
	case !f.Required:
		p.add(p.requiredAt(g).At(diag.Demanded, quoted(g)+" was optional and is required: its stored value may be empty", "leave it out of \"required\""))
	case f.Default != nil && g.Default == nil:
		p.add(g.At.At(diag.Demanded, fmt.Sprintf("%s is required and lost its default%s", quoted(g), wasAt(placeOf(f, "default"))), "keep the default"))
	}
}

// requiredAt returns the entry of a field in required.
func (p *pair) requiredAt(g *model.Field) *load.Node {
	required := p.now.Root.Get("config").Get("required")
	for _, item := range required.List() {
		if item.Text == g.Name {
			return item
		}
	}
	return g.Node
}

// fallback notes a default that is another one.
func (p *pair) fallback(f, g *model.Field) {
	if f.Default == nil || g.Default == nil || sameDefault(f, g) {
		return
	}
	p.note(at(g, "default").At(diag.DefaultChanged, fmt.Sprintf("the default of %s was %s and is %s", quoted(g), shown(f.Default), shown(g.Default)),
		"stored configurations that leave it empty change with it"))
}

// sameDefault compares defaults; an integer may have become a number.
func sameDefault(f, g *model.Field) bool {
	was, wasNumber := f.Node.Get("default").Rat()
	is, isNumber := g.Node.Get("default").Rat()
	if wasNumber && isNumber {
		return was.Cmp(is) == 0
	}
	return fmt.Sprint(f.Default) == fmt.Sprint(g.Default)
}

// at returns a keyword of a field, or the field.
func at(f *model.Field, keyword string) *load.Member {
	if m := f.Node.Member(keyword); m != nil {
		return m
	}
	return f.At
}

func placeOf(f *model.Field, keyword string) (*load.File, int) {
	m := at(f, keyword)
	return m.Value.File, m.Offset
}

func quoted(f *model.Field) string { return fmt.Sprintf("%q", f.Name) }

func typeName(t model.FieldType) string {
	switch t {
	case model.StringList:
		return "a list of strings"
	case model.IntegerList:
		return "a list of integers"
	case model.Integer:
		return "an integer"
	}
	return "a " + string(t)
}

func shown(v any) string {
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%.60q", s)
	}
	return fmt.Sprintf("%.60s", fmt.Sprint(v))
}

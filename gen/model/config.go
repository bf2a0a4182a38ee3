package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// config decides the fields of the configuration and its runtime schema.
func (s *sourceBuilder) config() {
	s.props = s.properties()
	required := s.required()
	for _, p := range s.props {
		s.out.Config = append(s.out.Config, s.field(p, slices.Contains(required, p.name)))
	}
	s.titles()
	s.goNames()
	s.renames()
	s.dependencies()
	if len(s.problems) == 0 {
		s.out.ConfigSchema = lowerConfig(s.out, s.props)
	}
}

func (s *sourceBuilder) required() []string {
	n := s.root.Get("config").Get("required")
	return s.namesIn(n, s.fieldNames(), diag.Required, "required")
}

// fieldNames returns the names of all fields; nil where they could not be
// read, which was reported before.
func (s *sourceBuilder) fieldNames() []string {
	config := s.root.Get("config")
	if wrong(config, load.Object) || wrong(config.Get("properties"), load.Object) || config == nil {
		return nil
	}
	list := make([]string, len(s.props))
	for i, p := range s.props {
		list[i] = p.name
	}
	return list
}

// namesIn returns the texts of a list, each of which must be one of known and
// stand once. known is nil where the names could not be read.
func (b *builder) namesIn(n *load.Node, known []string, code, keyword string) []string {
	if n == nil || n.Kind != load.Array || known == nil {
		return nil
	}
	var list []string
	for _, item := range n.Items {
		switch {
		case item.Kind != load.String:
			continue
		case slices.Contains(list, item.Text):
			b.add(item.At(code, fmt.Sprintf("%s names %q twice", keyword, shorten(item.Text)), "remove one"))
		case !slices.Contains(known, item.Text):
			b.add(item.At(code, fmt.Sprintf("%s names %q, which is not a property", keyword, shorten(item.Text)), cmp.Or(didYouMean(item.Text, known), "add the property, or take the name out")))
		default:
			list = append(list, item.Text)
		}
	}
	return list
}

func (s *sourceBuilder) titles() {
	first := map[string]property{}
	for _, p := range s.props {
		title := p.node.Get("title")
		if title == nil || title.Kind != load.String {
			continue
		}
		if other, twice := first[title.Text]; twice {
			line, column := other.node.Get("title").File.LineCol(other.node.Get("title").Offset)
			message := fmt.Sprintf("the title %q is used twice (first at %d:%d, %s)", shorten(title.Text), line, column, other.name)
			s.add(title.At(diag.Title, message, "labels in a form must differ"))
			continue
		}
		first[title.Text] = p
	}
}

// goNames reports fields that would have one name in the struct.
func (s *sourceBuilder) goNames() {
	first := map[string]property{}
	for i, p := range s.props {
		name := s.out.Config[i].GoName
		if name == "" {
			continue
		}
		if other, twice := first[name]; twice {
			message := fmt.Sprintf("fields %q and %q both become Go field %s (the other at %s)", other.name, p.name, name, placeOf(other.at))
			s.add(p.at.At(diag.GoNames, message, "rename one, or set x-go-name"))
			continue
		}
		first[name] = p
	}
}

func (s *sourceBuilder) renames() {
	known := s.fieldNames()
	for _, p := range s.props {
		n := p.node.Get("x-renamed-from")
		if n == nil || n.Kind != load.Array {
			continue
		}
		for _, item := range n.Items {
			if item.Kind != load.String {
				continue
			}
			if slices.Contains(known, item.Text) {
				s.add(item.At(diag.Renamed, fmt.Sprintf("%q is a field or the former name of another one", shorten(item.Text)), "a former name leads to one field"))
				continue
			}
			known = append(known, item.Text)
		}
	}
}

// identity decides which fields tell configurations apart.
func (s *sourceBuilder) identity() {
	n := s.root.Get("x-identity")
	if n == nil {
		for _, f := range s.out.Config {
			if f.Required && !f.Secret {
				s.out.Identity = append(s.out.Identity, f.Name)
			}
		}
		return
	}
	s.out.Identity = s.namesIn(n, s.fieldNames(), diag.Identity, "x-identity")
	for _, item := range n.Items {
		for _, f := range s.out.Config {
			if f.Secret && item.Text == f.Name {
				s.add(item.At(diag.Identity, fmt.Sprintf("x-identity names %q, which is a secret", f.Name), "it would be visible in names of indices"))
			}
		}
	}
}

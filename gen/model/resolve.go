package model

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

const sharedDir = "schemas/shared/"

// lookup returns what a $ref leads to, or nil after reporting why it leads
// nowhere. parts are the sections that may be referred to.
func (b *builder) lookup(ref *load.Node, parts ...string) *load.Node {
	file, fragment, _ := strings.Cut(ref.Text, "#")
	name := ref.File.Name
	if file != "" {
		name = path.Join(path.Dir(name), file)
		if strings.Contains(file, "://") || !strings.HasPrefix(name, sharedDir) {
			b.add(ref.At(diag.Reference, fmt.Sprintf("$ref %q leads out of schemas/shared", shorten(ref.Text)), "only local files are read: "+b.sharedList()))
			return nil
		}
	}
	root, ok := b.roots[name]
	if !ok {
		b.unreadable(ref, name)
		return nil
	}
	if fragment == "" && file != "" && len(parts) == 0 {
		return root
	}
	if file == "" && !strings.HasPrefix(name, sharedDir) {
		parts = []string{"$defs"}
	}
	return b.part(ref, root, fragment, parts)
}

func (b *builder) unreadable(ref *load.Node, name string) {
	if _, exists := b.in.Shared[name]; exists {
		return // its own problem was reported
	}
	b.add(ref.At(diag.Reference, fmt.Sprintf("$ref leads to %s, which does not exist", name), b.sharedList()))
}

func (b *builder) sharedList() string {
	if len(b.in.Shared) == 0 {
		return "schemas/shared is empty"
	}
	return "there are " + strings.Join(slices.Sorted(maps.Keys(b.in.Shared)), ", ")
}

func (b *builder) part(ref, root *load.Node, fragment string, parts []string) *load.Node {
	steps := strings.Split(strings.TrimPrefix(fragment, "/"), "/")
	if len(steps) != 2 || !slices.Contains(parts, steps[0]) {
		b.add(ref.At(diag.Reference, fmt.Sprintf("$ref %q names no part that can be referred to", shorten(ref.Text)), "write #/$defs/NAME, or ../../schemas/shared/FILE.json#/properties/NAME"))
		return nil
	}
	section := root.Get(steps[0])
	key := steps[1]
	if target := section.Get(key); target != nil {
		return target
	}
	b.add(ref.At(diag.Reference, fmt.Sprintf("$ref %q leads nowhere", shorten(ref.Text)), didYouMean(key, keysOf(section))))
	return nil
}

func keysOf(n *load.Node) []string {
	if n == nil {
		return nil
	}
	list := make([]string, len(n.Members))
	for i, m := range n.Members {
		list[i] = m.Key
	}
	return list
}

// property is one field of a configuration with its references resolved.
type property struct {
	name string
	at   *load.Member // where it joins the configuration
	node *load.Node
}

// properties returns the fields of the configuration, those of shared blocks
// included, in the order of the file.
func (s *sourceBuilder) properties() []property {
	var list []property
	config := s.root.Get("config")
	if config == nil {
		return nil
	}
	for i := range config.Members {
		switch m := &config.Members[i]; m.Key {
		case "properties":
			list = s.join(list, m.Value, nil)
		case "allOf":
			for _, item := range m.Value.Items {
				ref := item.Get("$ref")
				if ref == nil || ref.Kind != load.String {
					continue
				}
				if block := s.lookup(ref); block != nil {
					list = s.join(list, block.Get("properties"), ref)
				}
			}
		}
	}
	return list
}

// join adds the properties of one block; ref is what brought it, nil for the
// declaration's own.
func (s *sourceBuilder) join(list []property, block, ref *load.Node) []property {
	if block == nil {
		return list
	}
	for i := range block.Members {
		m := &block.Members[i]
		if m.Value.Kind != load.Object {
			continue
		}
		if j := slices.IndexFunc(list, func(p property) bool { return p.name == m.Key }); j >= 0 {
			s.clash(m, list[j].at, ref)
			continue
		}
		if node := s.follow(m.Value, nil); node != nil {
			list = append(list, property{name: m.Key, at: m, node: node})
		}
	}
	return list
}

func (s *sourceBuilder) clash(m, first *load.Member, ref *load.Node) {
	message := fmt.Sprintf("the field %q stands in two blocks (the other at %s)", m.Key, placeOf(first))
	if ref != nil {
		s.add(ref.At(diag.Shared, message, "remove one of the two"))
		return
	}
	s.add(m.At(diag.Shared, message, "remove one of the two"))
}

func placeOf(m *load.Member) string {
	line, column := m.Value.File.LineCol(m.Offset)
	return fmt.Sprintf("%s:%d:%d", m.Value.File.Name, line, column)
}

// follow resolves the $ref of a field. What stands beside it overrides.
func (s *sourceBuilder) follow(n *load.Node, seen []*load.Node) *load.Node {
	ref := n.Get("$ref")
	if ref == nil || ref.Kind != load.String {
		return n
	}
	if slices.Contains(seen, n) {
		s.add(ref.At(diag.ReferenceCycle, fmt.Sprintf("$ref %q leads back to itself", shorten(ref.Text)), ""))
		return nil
	}
	target := s.lookup(ref, "$defs", "properties")
	if target == nil || target.Kind != load.Object {
		return nil
	}
	base := s.follow(target, append(seen, n))
	if base == nil {
		return nil
	}
	return overlay(base, n)
}

// overlay returns base with the members of n, except its $ref.
func overlay(base, n *load.Node) *load.Node {
	merged := &load.Node{File: n.File, Kind: load.Object, Pointer: n.Pointer, Offset: n.Offset}
	for _, m := range base.Members {
		if n.Get(m.Key) == nil {
			merged.Members = append(merged.Members, m)
		}
	}
	for _, m := range n.Members {
		if m.Key != "$ref" {
			merged.Members = append(merged.Members, m)
		}
	}
	return merged
}

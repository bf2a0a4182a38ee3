package model

import (
	"cmp"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// Build decides the project that the input declares. With any problem the
// project is empty; problems are all that there are, in order.
func Build(in load.Input) (Project, diag.List) {
	p, problems := Read(in)
	if len(problems) > 0 {
		return Project{}, problems
	}
	return p, nil
}

// Read is [Build] for declarations that were written for another version of
// the generator: it decides what it can, whatever problems there are.
func Read(in load.Input) (Project, diag.List) {
	b := &builder{in: in, roots: map[string]*load.Node{}}
	b.check()
	p := Project{Module: in.Module, Readmes: map[string]string{}}
	for _, d := range in.Declarations {
		b.directory(d)
		if d.Root == nil || d.Root.Kind != load.Object {
			continue
		}
		s := &sourceBuilder{builder: b, root: d.Root, out: Source{Dir: d.Dir, Root: d.Root}}
		p.Sources = append(p.Sources, s.build())
		b.readme(d)
	}
	b.serviceTypes()
	p.Registry = b.registry()
	for name, f := range in.Readmes {
		p.Readmes[name] = string(f.Text)
	}
	slices.SortFunc(p.Sources, func(a, b Source) int { return cmp.Compare(a.Dir, b.Dir) })
	return p, b.problems.Sort()
}

// builder collects the problems of one run.
type builder struct {
	in       load.Input
	roots    map[string]*load.Node // of every file, by path
	problems diag.List
}

func (b *builder) add(d diag.Diagnostic) { b.problems = append(b.problems, d) }

// check reports what the text of each file alone has wrong.
func (b *builder) check() {
	c := &checker{}
	for name, root := range b.in.Shared {
		if root != nil {
			b.roots[name] = root
			c.shared(root)
		}
	}
	for _, d := range b.in.Declarations {
		if d.Root != nil {
			b.roots[d.File.Name] = d.Root
			c.declaration(d.Root)
		}
	}
	b.problems = append(b.problems, c.problems...)
}

// sourceBuilder decides one source.
type sourceBuilder struct {
	*builder
	root  *load.Node
	props []property
	out   Source
}

func (s *sourceBuilder) build() Source {
	s.out.ServiceType = s.root.Str("service_type")
	s.out.Name = s.root.Str("name")
	s.out.About = s.root.Str("about")
	s.out.Aliases = slices.Sorted(slices.Values(textList(s.root.Get("aliases"))))
	s.abilities()
	s.config()
	s.identity()
	s.rules()
	return s.out
}

// wrong reports whether a value is there and of another kind.
func wrong(n *load.Node, kind load.Kind) bool { return n != nil && n.Kind != kind }

// textList returns the texts of a list; what is no text is left out, as it was
// reported before.
func textList(n *load.Node) []string {
	if n == nil || n.Kind != load.Array {
		return nil
	}
	var list []string
	for _, item := range n.Items {
		if item.Kind == load.String {
			list = append(list, item.Text)
		}
	}
	return list
}

package model

import (
	"fmt"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// preset decides what the form starts with, and reports a value that can't be
// that.
func (s *sourceBuilder) preset(n *load.Node, f *Field) {
	if n == nil || f.Type == "" {
		return
	}
	value, problem := decode(n, f.Type)
	if problem == "" {
		problem = f.refuses(n)
	}
	switch {
	case problem != "":
		s.add(n.At(diag.Default, fmt.Sprintf("the preset of %q is not valid: %s", f.Name, problem), "give one that is valid, or leave it out"))
	case f.Secret:
		s.add(n.At(diag.Secret, fmt.Sprintf("%q is a secret and has a preset", f.Name), "a secret that everybody knows is none; leave it out"))
	case f.Required && f.Default == nil:
		s.add(n.At(diag.Default, fmt.Sprintf("%q is required and has a preset, but no default", f.Name), `write it as "default": the form of a required field starts with that`))
	default:
		f.Preset = value
	}
}

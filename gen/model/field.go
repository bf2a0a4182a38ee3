package model

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

var looksSecret = regexp.MustCompile(`(^|_)(pass|password|passwd|passphrase|pwd|secret|token|credential|credentials)(_|$)|(api|access|private|secret|account|shared)_?key(_|$)|password$`)

// field decides one field of the configuration.
func (s *sourceBuilder) field(p property, required bool) Field {
	n := p.node
	f := Field{
		Name: p.name, GoName: s.goName(p), Title: n.Str("title"), Description: n.Str("description"),
		Type: fieldType(n), Required: required, Secret: n.True("writeOnly"), Deprecated: n.True("deprecated"),
		RenamedFrom: textList(n.Get("x-renamed-from")), At: p.at, Node: n,
	}
	f.Check = s.constraints(n, f.Type)
	f.Enum = s.enum(n, f.Type)
	s.ui(n, &f)
	s.secret(p, f)
	s.defaultValue(n, &f)
	s.preset(n.Get("x-ui").Get("preset"), &f)
	f.Optional = !required && f.Default == nil && (f.Type == Integer || f.Type == Number || f.Type == Boolean)
	return f
}

func (s *sourceBuilder) goName(p property) string {
	if pinned := p.node.Get("x-go-name"); pinned != nil {
		return s.pinned(pinned)
	}
	if !snakeCase.MatchString(p.name) {
		hint := "use a-z, 0-9 and _, starting with a letter"
		if try := strings.ToLower(strings.Join(words(p.name), "_")); snakeCase.MatchString(try) {
			hint = fmt.Sprintf("did you mean %q?", try)
		}
		s.add(p.at.At(diag.GoName, fmt.Sprintf("the field %q is not in snake_case", shorten(p.name)), hint))
		return ""
	}
	if len(p.name) > maxName {
		s.add(p.at.At(diag.GoName, fmt.Sprintf("the field %q is longer than %d characters", shorten(p.name), maxName), "choose a shorter one"))
		return ""
	}
	return GoName(p.name)
}

// pinned returns the name that x-go-name gives.
func (b *builder) pinned(n *load.Node) string {
	if n.Kind != load.String {
		return ""
	}
	if !exported(n.Text) {
		b.add(n.At(diag.GoName, fmt.Sprintf("x-go-name %q is no exported Go identifier", shorten(n.Text)), didYouMean(n.Text, []string{GoName(n.Text)})))
		return ""
	}
	return n.Text
}

// fieldType returns the type of a field, or "" where it was refused.
func fieldType(n *load.Node) FieldType {
	switch t := n.Str("type"); t {
	case "string", "integer", "number", "boolean":
		return FieldType(t)
	case "array":
		switch n.Get("items").Str("type") {
		case "string":
			return StringList
		case "integer":
			return IntegerList
		}
	}
	return ""
}

// secret reports a field whose name speaks of a secret and that does not say
// whether it is one.
func (s *sourceBuilder) secret(p property, f Field) {
	if f.Type == String && p.node.Get("writeOnly") == nil && looksSecret.MatchString(p.name) {
		s.add(p.at.At(diag.Secret, fmt.Sprintf("%q looks like a secret", p.name), `say "writeOnly": true or "writeOnly": false`))
	}
}

// defaultValue decides the default and reports one that the field's own schema
// would refuse.
func (s *sourceBuilder) defaultValue(n *load.Node, f *Field) {
	d := n.Get("default")
	if d == nil || f.Type == "" {
		return
	}
	value, problem := decode(d, f.Type)
	if problem == "" {
		problem = f.refuses(d)
	}
	if problem != "" {
		code := diag.Default
		if problem == outsideInt64 {
			code = diag.Int64
		}
		s.add(d.At(code, fmt.Sprintf("the default of %q is not valid: %s", f.Name, problem), defaultHint(*f, d)))
		return
	}
	f.Default = value
	if f.Secret && value != "" {
		s.add(d.At(diag.Secret, fmt.Sprintf("%q is a secret and has a default", f.Name), "a secret that everybody knows is none; leave the default out"))
	}
}

func defaultHint(f Field, d *load.Node) string {
	if d.Kind == load.String && d.Text == "" && f.Type == String && !f.Required {
		return "leave it out: a text that is absent is empty"
	}
	if d.Kind == load.Null {
		return "leave it out"
	}
	return "give one that is valid, or leave it out"
}

package model

import (
	"fmt"
	"go/token"
	"slices"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// exported reports whether a text is an exported Go identifier.
func exported(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }

// reservedNames are identifiers of a source's package that generated code or
// the author declares.
func reservedNames() map[string]*load.Node {
	taken := map[string]*load.Node{}
	for _, name := range []string{"Config", "DecodeConfig", "Kind", "Source", "Open", "AdvancedRules"} {
		taken[name] = nil
	}
	return taken
}

// typer decides the Go types of advanced rules.
type typer struct {
	*sourceBuilder
	list  []*Type
	named map[*load.Node]*Type  // a struct or enumeration by its schema
	taken map[string]*load.Node // names of the package; nil for reserved ones
	open  []*load.Node          // definitions whose type is being decided
}

func (t *typer) root(n *load.Node) *Type {
	if n.Str("type") == "object" {
		delete(t.taken, "AdvancedRules")
		return t.typeOf(n, "AdvancedRules")
	}
	return t.typeOf(n, "Rule")
}

// typeOf decides the type of a node. name is that of a struct or enumeration,
// should it become one.
func (t *typer) typeOf(n *load.Node, name string) *Type {
	doc := n.Str("description")
	if n.Get("$ref") != nil {
		return t.reference(n)
	}
	if isUnion(n) {
		return &Type{Kind: RawKind, Doc: doc}
	}
	switch n.Str("type") {
	case "object":
		return t.object(n, name)
	case "array":
		if items := n.Get("items"); items != nil && items.Kind == load.Object {
			if name != "Rule" {
				name += "Item"
			}
			return &Type{Kind: SliceKind, Doc: doc, Elem: t.typeOf(items, name)}
		}
	case "string":
		return t.text(n, name)
	case "integer":
		return &Type{Kind: IntKind, Doc: doc}
	case "number":
		return &Type{Kind: FloatKind, Doc: doc}
	case "boolean":
		return &Type{Kind: BoolKind, Doc: doc}
	}
	return &Type{Kind: RawKind, Doc: doc}
}

// isUnion reports whether a node allows values of several forms. Branches that
// only say what an object needs leave it one form.
func isUnion(n *load.Node) bool {
	for _, key := range []string{"anyOf", "oneOf"} {
		union := n.Get(key)
		if union == nil {
			continue
		}
		if n.Str("type") != "object" || slices.ContainsFunc(union.Items, func(b *load.Node) bool { return !onlyRequired(b) }) {
			return true
		}
	}
	return false
}

func (t *typer) object(n *load.Node, name string) *Type {
	more := n.Get("additionalProperties")
	switch {
	case more == nil || more.Kind == load.Boolean && more.Text == "true":
		return &Type{Kind: RawKind, Doc: n.Str("description")}
	case more.Kind == load.Object:
		return &Type{Kind: MapKind, Doc: n.Str("description"), Elem: t.typeOf(more, name+"Value")}
	}
	s := &Type{Kind: StructKind, GoName: name, Doc: n.Str("description")}
	t.claimName(n, s)
	required := textList(n.Get("required"))
	prefix := name
	if name == "AdvancedRules" {
		prefix = "Rule"
	}
	if properties := n.Get("properties"); properties != nil && properties.Kind == load.Object {
		for i := range properties.Members {
			if m := &properties.Members[i]; m.Value.Kind == load.Object {
				t.member(s, m, prefix, slices.Contains(required, m.Key))
			}
		}
	}
	t.memberNames(n, s)
	return s
}

func (t *typer) member(s *Type, m *load.Member, prefix string, required bool) {
	name := GoName(m.Key)
	if pinned := m.Value.Get("x-go-name"); pinned != nil {
		name = t.pinned(pinned)
	} else if name == "" || len(name) > maxName {
		name = ""
		t.add(m.At(diag.GoName, fmt.Sprintf("the key %q gives no Go name of 1 to %d characters", shorten(m.Key), maxName), "set x-go-name"))
	}
	s.Fields = append(s.Fields, RuleField{
		Name: m.Key, GoName: name, Doc: m.Value.Str("description"), Required: required,
		Type: t.typeOf(m.Value, prefix+name),
	})
}

// memberNames reports members that would have one name in the struct.
func (t *typer) memberNames(n *load.Node, s *Type) {
	first := map[string]string{}
	for _, f := range s.Fields {
		m := n.Get("properties").Member(f.Name)
		other, twice := first[f.GoName]
		if twice && f.GoName != "" {
			message := fmt.Sprintf("keys %q and %q both become Go field %s (the other at %s)", other, f.Name, f.GoName, placeOf(n.Get("properties").Member(other)))
			t.add(m.At(diag.GoNames, message, "set x-go-name"))
			continue
		}
		first[f.GoName] = f.Name
	}
}

// claimName puts a named type into the package.
func (t *typer) claimName(n *load.Node, s *Type) {
	t.named[n] = s
	t.list = append(t.list, s)
	t.claim(n, s.GoName, "type")
}

// claim takes an identifier of the package.
func (t *typer) claim(n *load.Node, name, what string) {
	other, taken := t.taken[name]
	if !taken {
		t.taken[name] = n
		return
	}
	message := fmt.Sprintf("the Go %s %s is declared already", what, name)
	if other != nil && other != n {
		line, column := other.File.LineCol(other.Offset)
		message += fmt.Sprintf(" (for %d:%d)", line, column)
	}
	t.add(n.At(diag.GoNames, message, "rename the key or the definition"))
}

// nodeOf returns the schema of a named type.
func (t *typer) nodeOf(s *Type) *load.Node {
	for n, named := range t.named {
		if named == s {
			return n
		}
	}
	return t.sourceBuilder.root
}

// text decides the type of a text: an enumeration where each value has a name
// of its own, a time, or a string.
func (t *typer) text(n *load.Node, name string) *Type {
	doc := n.Str("description")
	e := &Type{Kind: EnumKind, GoName: name, Doc: doc, Enum: textList(n.Get("enum"))}
	if constants := e.Constants(); constants != nil {
		t.claimName(n, e)
		for _, constant := range constants {
			t.claim(n, constant, "constant")
		}
		return e
	}
	if n.Str("format") == "date-time" {
		return &Type{Kind: TimeKind, Doc: doc}
	}
	return &Type{Kind: StringKind, Doc: doc}
}

// reference decides the type of a $ref: that of the definition, decided once.
func (t *typer) reference(n *load.Node) *Type {
	raw := &Type{Kind: RawKind, Doc: n.Str("description")}
	ref := n.Get("$ref")
	if ref.Kind != load.String || ref.Text == "" {
		return raw
	}
	target := t.lookup(ref, "$defs")
	if target == nil || target.Kind != load.Object {
		return raw
	}
	if target.File != n.File {
		t.add(ref.At(diag.Reference, "advanced rules refer to definitions of their own file only", `write "$ref": "#/$defs/NAME"`))
		return raw
	}
	if done, ok := t.named[target]; ok {
		return done
	}
	if slices.Contains(t.open, target) {
		t.add(ref.At(diag.ReferenceCycle, fmt.Sprintf("$ref %q leads back to itself", shorten(ref.Text)), "an object with an optional member can end the circle"))
		return raw
	}
	t.open = append(t.open, target)
	defer func() { t.open = t.open[:len(t.open)-1] }()
	return t.typeOf(target, GoName(target.Pointer[len("/$defs/"):]))
}

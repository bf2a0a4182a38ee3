package emit

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/tributary-search/tributary/gen/model"
)

// rulesName is the Go type of a source's advanced rules.
const rulesName = "AdvancedRules"

// rulesFile emits the typed advanced rules and their schema.
func (g *source) rulesFile() ([]byte, error) {
	f := g.newFile()
	if !named(g.Rules) || g.Rules.GoName != rulesName {
		if err := f.rulesType(g.Rules); err != nil {
			return nil, err
		}
	}
	for _, t := range g.RuleTypes {
		if err := f.namedType(t); err != nil {
			return nil, err
		}
	}
	f.Line().Add(f.rulesFunc())
	schema, err := rawJSON(g.RulesSchema)
	if err != nil {
		return nil, err
	}
	f.Line().Add(block(comment("rulesSchema checks advanced rules."),
		jen.Var().Id("rulesSchema").Op("=").Add(f.schema("New")).Call(schema)))
	return f.bytes()
}

// rulesType names the type of rules that is no named type itself.
func (f goFile) rulesType(t *model.Type) error {
	expr, err := ruleGoType(t)
	if err != nil {
		return err
	}
	decl := jen.Type().Id(rulesName)
	if t.Kind == model.RawKind {
		// A defined type would lose the methods of json.RawMessage.
		decl.Op("=")
	}
	about := t.Doc
	if about == "" {
		about = rulesName + " are the advanced rules of one filter."
	}
	f.Add(block(comment(about), decl.Add(expr)))
	return nil
}

func (f goFile) rulesFunc() *jen.Statement {
	about := comment("advancedRules decodes the advanced rules of a filter and reports whether there are any.")
	return block(about, jen.Func().Id("advancedRules").Params(jen.Id("filter").Add(f.connector("Filter"))).
		Params(jen.Id(rulesName), jen.Bool(), jen.Error()).Block(
		jen.Return(f.schema("DecodeRules").Types(jen.Id(rulesName)).Call(jen.Id("filter").Dot("AdvancedRules")))))
}

// namedType emits a struct or a string enumeration.
func (f goFile) namedType(t *model.Type) error {
	f.Line()
	if t.Kind == model.EnumKind {
		f.Add(block(comment(typeDoc(t)), jen.Type().Id(t.GoName).String()))
		f.enumConstants(t)
		return nil
	}
	if t.Kind != model.StructKind {
		return fmt.Errorf("type %s of kind %s can't be named", t.GoName, t.Kind)
	}
	members := make([]structMember, len(t.Fields))
	for i, field := range t.Fields {
		expr, err := ruleGoType(field.Type)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.GoName, field.GoName, err)
		}
		if !tagName(field.Name) {
			return fmt.Errorf("%s: the key %q can't be a JSON name in Go", t.GoName, field.Name)
		}
		members[i] = structMember{comment(sentence(field.Doc)), ruleMember(field, expr)}
	}
	f.Add(block(comment(typeDoc(t)), jen.Type().Id(t.GoName).Struct(spaced(members)...)))
	return nil
}

func typeDoc(t *model.Type) string {
	if t.Doc != "" {
		return sentence(t.Doc)
	}
	if t.Kind == model.EnumKind {
		return t.GoName + " is one of the values below."
	}
	return t.GoName + " is a part of the advanced rules."
}

// ruleMember emits a member; one that is not required is a pointer, unless it
// is a slice, a map or raw.
func ruleMember(field model.RuleField, expr *jen.Statement) *jen.Statement {
	tag := field.Name
	member := jen.Id(field.GoName)
	if !field.Required {
		tag += ",omitempty"
		switch field.Type.Kind {
		case model.SliceKind, model.MapKind, model.RawKind:
		default:
			member.Op("*")
		}
	}
	if tag == "-" {
		tag = "-," // the dash alone would leave the member out
	}
	return member.Add(expr).Tag(map[string]string{"json": tag})
}

// tagName reports whether encoding/json takes a name from a tag; it ignores
// others without a word.
func tagName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

func named(t *model.Type) bool {
	return t.Kind == model.StructKind || t.Kind == model.EnumKind
}

func ruleGoType(t *model.Type) (*jen.Statement, error) {
	switch t.Kind {
	case model.StructKind, model.EnumKind:
		return jen.Id(t.GoName), nil
	case model.SliceKind, model.MapKind:
		elem, err := ruleGoType(t.Elem)
		if err != nil {
			return nil, err
		}
		if t.Kind == model.MapKind {
			return jen.Map(jen.String()).Add(elem), nil
		}
		return jen.Index().Add(elem), nil
	case model.StringKind:
		return jen.String(), nil
	case model.IntKind:
		return jen.Int64(), nil
	case model.FloatKind:
		return jen.Float64(), nil
	case model.BoolKind:
		return jen.Bool(), nil
	case model.TimeKind:
		return jen.Qual("time", "Time"), nil
	case model.RawKind:
		return rawMessage(), nil
	}
	return nil, fmt.Errorf("unknown kind of type %q", t.Kind)
}

// enumConstants emits one constant for every value, where the values make
// names.
func (f goFile) enumConstants(t *model.Type) {
	names := t.Constants()
	if names == nil {
		return
	}
	consts := make([]jen.Code, len(names))
	for i, name := range names {
		consts[i] = jen.Id(name).Id(t.GoName).Op("=").Id(text(t.Enum[i]))
	}
	f.Line().Add(block(comment("The values of "+t.GoName+"."), jen.Const().Defs(consts...)))
}

package emit

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/tributary-search/tributary/gen/model"
)

// configFile emits the typed configuration and its decoding.
func (g *source) configFile() ([]byte, error) {
	f := g.newFile()
	f.Add(block(comment("Config is the configuration of a source of the type "+g.ServiceType+"."), f.configType(g.Config)))
	f.Line().Add(f.decodeConfig(g.Config))
	table := make([]jen.Code, len(g.Config))
	for i, field := range g.Config {
		d, err := Describe(field)
		if err != nil {
			return nil, err
		}
		if table[i], err = f.fieldLiteral(d); err != nil {
			return nil, fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	f.Line().Add(block(comment("configFields describes the fields of the configuration, in the order in which they are shown."),
		jen.Var().Id("configFields").Op("=").Add(f.schema("NewFields")).Call(
			jen.Index().Add(f.schema("Field")).Add(lines(table...)))))
	text, err := rawJSON(g.ConfigSchema)
	if err != nil {
		return nil, err
	}
	f.Line().Add(block(comment("configSchema is the JSON Schema of the configuration in plain values."),
		jen.Const().Id("configSchema").Op("=").Add(text)))
	return f.bytes()
}

func (g *source) newFile() goFile {
	return newFile(g.module, g.module+"/sources/"+g.Dir, g.Dir, "sources/"+g.Dir+"/schema.json")
}

func (f goFile) configType(fields []model.Field) *jen.Statement {
	list := make([]structMember, len(fields))
	for i, field := range fields {
		list[i] = structMember{fieldDoc(field), jen.Id(field.GoName).Add(f.configGoType(field))}
	}
	return jen.Type().Id("Config").Struct(spaced(list)...)
}

// fieldDoc documents a field by its description, its choices and its default.
func fieldDoc(f model.Field) []jen.Code {
	about := sentence(f.Description)
	if about == "" && !strings.EqualFold(strings.ReplaceAll(f.Title, " ", ""), f.GoName) {
		about = sentence(f.Title)
	}
	if len(f.Enum) > 0 {
		about += " One of " + choices(f.Enum) + "."
	}
	if f.Default != nil && !isEmptyValue(f.Default) && !f.Secret {
		about += " Default: " + inWords(f.Default) + "."
	}
	if len(f.DependsOn) > 0 {
		about += " Counts only when " + conditionText(f.DependsOn) + "."
	}
	deprecated := ""
	if f.Deprecated {
		deprecated = "Deprecated: it is kept for stored configurations."
	}
	return paragraphs(about, deprecated)
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s = strings.TrimSpace(s); s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

func (f goFile) configGoType(field model.Field) *jen.Statement {
	plain := map[model.FieldType]*jen.Statement{
		model.String: jen.String(), model.Integer: jen.Int64(), model.Number: jen.Float64(), model.Boolean: jen.Bool(),
		model.StringList: jen.Index().String(), model.IntegerList: jen.Index().Int64(),
	}[field.Type]
	switch {
	case field.Secret:
		return f.connector("Secret")
	case field.Optional:
		return f.connector("Opt").Types(plain)
	}
	return plain
}

// getter names the method of schema.Values that returns a field's value.
func getter(f model.Field) string {
	if f.Secret {
		return "Secret"
	}
	name := map[model.FieldType]string{
		model.String: "String", model.Integer: "Int", model.Number: "Float", model.Boolean: "Bool",
		model.StringList: "Strings", model.IntegerList: "Ints",
	}[f.Type]
	if f.Optional {
		return "Opt" + name
	}
	return name
}

func (f goFile) decodeConfig(fields []model.Field) *jen.Statement {
	members := make([]jen.Code, len(fields))
	for i, field := range fields {
		members[i] = jen.Id(field.GoName).Op(":").Id("v").Dot(getter(field)).Call(jen.Id(text(field.Name)))
	}
	values := jen.Id("v")
	if len(fields) == 0 {
		values = jen.Id("_")
	}
	about := paragraphs("DecodeConfig reads a configuration in plain values or as Kibana stores it, and returns every " +
		"problem with it. The configuration is fit for use only when the problems hold no error.")
	return block(about, jen.Func().Id("DecodeConfig").Params(jen.Id("raw").Add(rawMessage())).
		Params(jen.Id("Config"), f.connector("Problems")).Block(
		jen.List(values, jen.Id("problems")).Op(":=").Id("configFields").Dot("Decode").Call(jen.Id("raw")),
		jen.Return(jen.Id("Config").Add(lines(members...)), jen.Id("problems")),
	))
}

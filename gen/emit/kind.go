package emit

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/tributary-search/tributary/gen/model"
)

// ability ties a name in declarations to the contract.
type ability struct {
	name     string
	constant string
	promises string // the interface of the contract; empty where there is none
}

var abilities = []ability{
	{"access_control", "AbilityAccessControl", "AccessController"},
	{"advanced_rules", "AbilityAdvancedRules", ""},
	{"basic_rules_check", "AbilityBasicRulesCheck", "BasicRulesValidators"},
	{"bulk_limits", "AbilityBulkLimits", "BulkTuner"},
	{"changes", "AbilityChanges", "ChangeDetector"},
	{"config_check", "AbilityConfigCheck", "ConfigValidator"},
	{"field_types", "AbilityFieldTypes", "FieldTyper"},
	{"incremental", "AbilityIncremental", "Incremental"},
	{"rules_check", "AbilityRulesCheck", "AdvancedRulesValidators"},
}

func abilitiesOf(s model.Source) ([]ability, error) {
	list := make([]ability, len(s.Abilities))
	for i, name := range s.Abilities {
		at := slices.IndexFunc(abilities, func(a ability) bool { return a.name == name })
		if at < 0 {
			return nil, fmt.Errorf("unknown ability %q", name)
		}
		list[i] = abilities[at]
	}
	return list, nil
}

// kindFile emits the source type, the way from stored text to an open source,
// and the guards by which the compiler proves the abilities.
func (g *source) kindFile() ([]byte, error) {
	f := g.newFile()
	able, err := abilitiesOf(g.Source)
	if err != nil {
		return nil, err
	}
	guards := []jen.Code{f.guard("Source")}
	for _, a := range able {
		if a.promises != "" {
			guards = append(guards, f.guard(a.promises))
		}
	}
	f.Add(block(comment("The compiler proves what the declaration promises."), jen.Var().Defs(guards...)))
	members := g.kindMembers(f, able)
	f.Line().Add(block(comment("Kind describes the source type "+g.ServiceType+"."),
		jen.Func().Id("Kind").Params().Add(f.connector("Kind")).Block(
			jen.Return(f.connector("Kind").Add(lines(members...))))))
	f.Line().Add(g.openFunc(f))
	return f.bytes()
}

func (f goFile) guard(name string) *jen.Statement {
	return jen.Id("_").Add(f.connector(name)).Op("=").Params(jen.Op("*").Id("Source")).Call(jen.Nil())
}

func (g *source) kindMembers(f goFile, able []ability) []jen.Code {
	t := &table{}
	t.set("ServiceType", g.ServiceType)
	if len(g.Aliases) > 0 {
		t.set("Aliases", g.Aliases)
	}
	t.set("Name", g.Name)
	t.set("About", g.About)
	if len(able) > 0 {
		list := make([]jen.Code, len(able))
		for i, a := range able {
			list[i] = f.connector(a.constant)
		}
		t.code("Abilities", jen.Index().Add(f.connector("Ability")).Values(list...))
	}
	fields := jen.Id("configFields")
	t.code("ConfigSchema", rawMessage().Call(jen.Id("configSchema")))
	t.code("Configuration", fields.Clone().Dot("Document").Call())
	if g.Rules != nil {
		t.code("RulesSchema", jen.Id("rulesSchema").Dot("Text").Call())
	}
	t.code("CheckConfig", fields.Clone().Dot("Check"))
	t.code("Prepare", fields.Clone().Dot("Prepare"))
	t.code("SetValues", fields.Clone().Dot("SetValues"))
	if g.Rules != nil {
		t.code("CheckRules", jen.Id("rulesSchema").Dot("CheckRules"))
	}
	t.code("Identity", g.identity(f))
	t.code("Open", jen.Id("openConfigured"))
	return t.items
}

// identity emits the function that names the fields of x-identity.
func (g *source) identity(f goFile) *jen.Statement {
	call := []jen.Code{jen.Id("raw")}
	for _, name := range g.Identity {
		call = append(call, jen.Id(text(name)))
	}
	return jen.Func().Params(jen.Id("raw").Add(rawMessage())).
		Params(jen.Index().String(), f.connector("Problems")).
		Block(jen.Return(jen.Id("configFields").Dot("Identity").Call(call...)))
}

func (g *source) openFunc(f goFile) *jen.Statement {
	about := comment("openConfigured decodes a configuration and opens the source with it.")
	params := []jen.Code{
		jen.Id("ctx").Qual("context", "Context"), jen.Id("raw").Add(rawMessage()), jen.Id("deps").Add(f.connector("Deps")),
	}
	failed := func() *jen.Statement { return jen.Return(jen.Nil(), jen.Err()) }
	return block(about, jen.Func().Id("openConfigured").Params(params...).Params(f.connector("Source"), jen.Error()).Block(
		jen.List(jen.Id("cfg"), jen.Id("problems")).Op(":=").Id("DecodeConfig").Call(jen.Id("raw")),
		jen.If(jen.Err().Op(":=").Id("problems").Dot("Err").Call(), jen.Err().Op("!=").Nil()).Block(failed()),
		jen.List(jen.Id("source"), jen.Err()).Op(":=").Id("Open").Call(jen.Id("ctx"), jen.Id("cfg"), jen.Id("deps")),
		jen.If(jen.Err().Op("!=").Nil()).Block(failed()),
		jen.Return(jen.Id("source"), jen.Nil()),
	))
}

// testFile emits the test that runs the conformance suite.
func (g *source) testFile() ([]byte, error) {
	path := g.module + "/sources/" + g.Dir
	f := newFile(g.module, path+"_test", g.Dir+"_test", "sources/"+g.Dir+"/schema.json")
	f.ImportName(path, g.Dir)
	f.ImportName(path+"/fixture", "fixture")
	f.Add(block(comment("TestConformance runs the suite that every source passes."),
		jen.Func().Id("TestConformance").Params(jen.Id("t").Op("*").Qual("testing", "T")).Block(
			jen.Qual(g.module+"/"+conformancePath, "Run").Call(
				jen.Id("t"), jen.Qual(path, "Kind").Call(), jen.Qual(path+"/fixture", "New").Call()))))
	return f.bytes()
}

// registryFile emits the list of what is compiled in.
func registryFile(p model.Project) ([]byte, error) {
	f := newFile(p.Module, p.Module+"/sources", "sources", "config.yml")
	kinds := make([]jen.Code, len(p.Registry))
	for i, dir := range p.Registry {
		path := p.Module + "/sources/" + dir
		f.ImportName(path, dir)
		kinds[i] = jen.Qual(path, "Kind").Call()
	}
	list := jen.Index().Add(f.connector("Kind"))
	f.Add(block(comment("All returns the source types that config.yml lists, in the order of their names."),
		jen.Func().Id("All").Params().Add(list.Clone()).Block(jen.Return(list.Clone().Add(lines(kinds...))))))
	return f.bytes()
}

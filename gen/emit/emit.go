package emit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tributary-search/tributary/gen/model"
)

// Files returns every generated file of a project: slash-separated path from
// the root → content. READMEs are whole files in which only the tables
// between their markers are new.
func Files(p model.Project) (map[string][]byte, error) {
	files := map[string][]byte{}
	for i := range p.Sources {
		g := &source{Source: p.Sources[i], module: p.Module}
		if err := g.files(files); err != nil {
			return nil, fmt.Errorf("sources/%s: %w", g.Dir, err)
		}
		if err := g.readme(files, p.Readmes); err != nil {
			return nil, err
		}
	}
	registry, err := registryFile(p)
	if err != nil {
		return nil, err
	}
	files["sources/registry_gen.go"] = registry
	files[SettingsPath], err = SettingsSchema()
	return files, err
}

// source emits the files of one declaration.
type source struct {
	model.Source
	module string
}

func (g *source) files(files map[string][]byte) error {
	emitters := map[string]func() ([]byte, error){
		"config_gen.go":           g.configFile,
		"kind_gen.go":             g.kindFile,
		"conformance_gen_test.go": g.testFile,
	}
	if g.Rules != nil {
		emitters["rules_gen.go"] = g.rulesFile
	}
	for _, name := range slices.Sorted(maps.Keys(emitters)) {
		content, err := emitters[name]()
		if err != nil {
			return fmt.Errorf("emit %s: %w", name, err)
		}
		files["sources/"+g.Dir+"/"+name] = content
	}
	return nil
}

package pages

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/connector"
)

// abilities says in words what each ability is.
var abilities = map[string]string{
	"advanced_rules":    "Advanced rules select what is read, in the source's own terms.",
	"changes":           "Says cheaply that nothing changed, so that a scheduled sync ends at once.",
	"incremental":       "Incremental syncs read what changed since the last sync, deletions where the system tells them.",
	"access_control":    "Document level security: documents carry who may read them, and an access control sync writes the identities.",
	"field_types":       "Says the types of fields, so that a new index has the right mapping.",
	"config_check":      "Checks a configuration beyond its declaration, with code of its own.",
	"basic_rules_check": "Checks basic rules with code of its own.",
	"rules_check":       "Checks advanced rules beyond their declaration, with code of its own.",
	"bulk_limits":       "Sets by its configuration how much is read and written at once.",
}

// sourcePages are a page for each source that config.yml lists, and a list of
// them, in docs/sources.
func sourcePages(root fs.FS, kinds []connector.Kind) (map[string]string, error) {
	in, problems, err := load.Tree(root)
	if err != nil {
		return nil, err
	}
	project, found := model.Build(in)
	if problems = append(problems, found...); len(problems) > 0 {
		return nil, problems
	}
	var list strings.Builder
	fmt.Fprintf(&list, "# Sources\n\n"+made, "the declarations, sources/*/schema.json")
	list.WriteString("| source | what it reads |\n|---|---|\n")
	pages := map[string]string{}
	for _, s := range project.Sources {
		at := slices.IndexFunc(kinds, func(k connector.Kind) bool { return k.ServiceType == s.ServiceType })
		if at < 0 {
			return nil, fmt.Errorf("sources/%s is not compiled in; run make generate", s.Dir)
		}
		page, err := sourcePage(root, s, kinds[at])
		if err != nil {
			return nil, err
		}
		pages["docs/sources/"+s.Dir+".md"] = page
		fmt.Fprintf(&list, "| [%s](%s.md) | %s |\n", s.ServiceType, s.Dir, escape(s.About))
	}
	pages["docs/sources/README.md"] = list.String()
	return pages, nil
}

func sourcePage(root fs.FS, s model.Source, kind connector.Kind) (string, error) {
	var b strings.Builder
	file := "sources/" + s.Dir + "/schema.json"
	fmt.Fprintf(&b, "# %s\n\n"+made+"%s\n\n", s.Name, file, escape(s.About))
	names := append([]string{s.ServiceType}, s.Aliases...)
	fmt.Fprintf(&b, "Service type `%s`. Documents, privileges, types and limits of what is read: [the source's README](../../sources/%s/README.md).\n\n",
		strings.Join(names, "`, or `"), s.Dir)
	block(&b, "sh", callOf(s))
	configuration, rules := emit.Tables(s)
	fmt.Fprintf(&b, "## Configuration\n\n%s\nA connector's documents are told from another's by %s.\n\n", configuration, identity(s))
	if rules != "" {
		examples, err := rulesExamples(root, file, kind)
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		fmt.Fprintf(&b, "## Advanced rules\n\n%s\n", rules)
		for _, example := range examples {
			block(&b, "json", example)
		}
	}
	b.WriteString("## Abilities\n\n")
	for _, name := range s.Abilities {
		text, ok := abilities[name]
		if !ok {
			return "", fmt.Errorf("%s: the ability %s has no words in tools/docs/pages/sources.go", file, name)
		}
		fmt.Fprintf(&b, "- %s\n", text)
	}
	b.WriteString("- Full syncs, basic rules, preview and verification, as every source.\n\n## Limits\n\n")
	b.WriteString("What a field can't be set to is said in its row. A file whose content is read has at most `service.max_file_download_size` bytes;\n" +
		"requests, batches and deletions have the limits of the [settings](../settings.md)" + tuned(s) + ".\n")
	return b.String(), nil
}

func tuned(s model.Source) string {
	if slices.Contains(s.Abilities, "bulk_limits") {
		return ", made smaller where the configuration says so"
	}
	return ""
}

// callOf is a command with what the source can't do without.
func callOf(s model.Source) string {
	words := []string{"tributary sync", s.ServiceType}
	for _, f := range s.Config {
		switch {
		case !f.Required || f.Default != nil || len(f.DependsOn) > 0:
		case f.Secret:
			words = append(words, f.Name+"=env:"+strings.ToUpper(f.Name))
		default:
			words = append(words, f.Name+"=…")
		}
	}
	return strings.Join(words, " ")
}

func identity(s model.Source) string {
	names := s.Identity
	if len(names) == 0 {
		for _, f := range s.Config {
			if f.Required && !f.Secret {
				names = append(names, f.Name)
			}
		}
	}
	if len(names) == 0 {
		return "nothing: there is one set of documents"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// rulesExamples are files of rules, made of the examples in the declaration.
// Each is checked by the source's own schema.
func rulesExamples(root fs.FS, file string, kind connector.Kind) ([]string, error) {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return nil, err
	}
	var d declaration
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	values, err := d.compose(d.Rules, maxDepth)
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("the advanced rules have no example; say some in \"examples\" of their members")
	}
	var texts []string
	for _, value := range values {
		if err := kind.CheckRules(value).Err(); err != nil {
			return nil, fmt.Errorf("the example %s is refused by the rules' own schema: %w; mend \"examples\" in the declaration", value, err)
		}
		file := map[string]any{"advanced_snippet": map[string]any{"value": value}}
		text, err := json.MarshalIndent(file, "", "  ")
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

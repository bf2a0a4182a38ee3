package load

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tributary-search/tributary/gen/diag"
)

// Registry is the section sources: of config.yml.
type Registry struct {
	File *File
	// Offset is where the section's key stands; -1 without the section.
	Offset  int
	Entries []Entry
	// Unread says that the file could not be read as such.
	Unread bool
}

// Entry is one line of the registry: a service type and its folder.
type Entry struct {
	ServiceType string
	Folder      string
	KeyOffset   int
	ValueOffset int
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// ReadRegistry reads the section sources: of a configuration file. Other
// sections are not looked at.
func ReadRegistry(f *File) (Registry, diag.List) {
	r := Registry{File: f, Offset: -1}
	var doc yaml.Node
	if err := yaml.Unmarshal(f.Text, &doc); err != nil {
		r.Unread = true
		return r, diag.List{yamlProblem(f, err)}
	}
	if len(doc.Content) == 0 {
		return r, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		r.Unread = true
		return r, diag.List{f.At(f.Offset(root.Line, root.Column), diag.RegistryForm, "the file is no mapping of settings", "")}
	}
	var problems diag.List
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if key.Value != "sources" {
			continue
		}
		at := f.Offset(key.Line, key.Column)
		if r.Offset >= 0 {
			problems = append(problems, f.At(at, diag.RegistryForm, "sources: stands twice", "put both lists under one"))
			continue
		}
		r.Offset = at
		problems = append(problems, r.entries(value)...)
	}
	return r, problems
}

func yamlProblem(f *File, err error) diag.Diagnostic {
	line, text := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	var types *yaml.TypeError
	if errors.As(err, &types) {
		text = strings.Join(types.Errors, "; ")
	}
	return f.At(f.Offset(max(line, 1), 1), diag.RegistryForm, "not YAML: "+text, "")
}

func (r *Registry) entries(section *yaml.Node) diag.List {
	at := func(n *yaml.Node) int { return r.File.Offset(n.Line, n.Column) }
	if section.Kind == yaml.ScalarNode && section.Tag == "!!null" {
		return nil
	}
	if section.Kind != yaml.MappingNode {
		r.Unread = true
		return diag.List{r.File.At(at(section), diag.RegistryForm, "sources: is no mapping", "write SERVICE_TYPE: sources/FOLDER")}
	}
	var problems diag.List
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i], section.Content[i+1]
		if key.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode || value.Value == "" {
			problems = append(problems, r.File.At(at(key), diag.RegistryForm, "an entry of sources: is no pair of texts", "write SERVICE_TYPE: sources/FOLDER"))
			continue
		}
		r.Entries = append(r.Entries, Entry{
			ServiceType: key.Value, Folder: value.Value, KeyOffset: at(key), ValueOffset: at(value),
		})
	}
	return problems
}

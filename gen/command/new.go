package command

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/tributary-search/tributary/gen/apply"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/runtime/schema"
)

// templates is where each template has a folder that is made like that of a
// source; defaultTemplate is the one of those who name none.
const (
	templates       = "templates"
	defaultTemplate = "http"

	notWritten = "connector.ErrNotWritten" // what GetDocs of a new source returns
)

// newVerb makes a source that compiles and whose suite fails in one test: the
// one that waits for GetDocs.
func newVerb(root, name, kind string, s Streams) int {
	fsys := os.DirFS(root)
	_, problems, err := Generate(fsys)
	switch {
	case err != nil:
		return failed(s, err)
	case len(problems) > 0:
		print(s, problems, false, "put them right first; nothing was written")
		return ExitProblems
	}
	made, err := scaffold(fsys, name, cmp.Or(kind, defaultTemplate))
	var bad *nameError
	switch {
	case errors.As(err, &bad):
		fmt.Fprintf(s.Err, "new-source: %v\n", bad)
		return ExitProblems
	case err != nil:
		return failed(s, err)
	}
	if err := write(root, made); err != nil {
		return failed(s, err)
	}
	report(s, name, made)
	return generateVerb(root, false, s)
}

// nameError is a name that a source can't have, and the remedy.
type nameError struct{ name, reason, remedy string }

func (e *nameError) Error() string {
	text := fmt.Sprintf("%q %s", e.name, e.reason)
	if e.remedy != "" {
		text += " (" + e.remedy + ")"
	}
	return text
}

// scaffold returns the files of a new source by path, config.yml with its
// line included.
func scaffold(fsys fs.FS, name, kind string) (map[string][]byte, error) {
	in, _, err := load.Tree(fsys)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(checkName(fsys, in, name), checkTemplate(fsys, kind)); err != nil {
		return nil, err
	}
	config, err := register(in.Registry, name)
	if err != nil {
		return nil, err
	}
	made := map[string][]byte{"config.yml": config}
	from := templates + "/" + kind
	err = fs.WalkDir(fsys, from, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		to := strings.TrimSuffix(strings.TrimPrefix(file, from+"/"), ".tmpl")
		switch to {
		case "source.go":
			to = name + ".go"
		case name + ".go":
			return &nameError{name, "is the name of a file of the template " + kind, fmt.Sprintf("try %q", name+"_source")}
		}
		text, err := render(fsys, file, in.Module, name)
		made["sources/"+name+"/"+to] = text
		return err
	})
	return made, err
}

// checkTemplate answers a template that there is not with those that there are.
func checkTemplate(fsys fs.FS, kind string) error {
	entries, err := fs.ReadDir(fsys, templates)
	if err != nil {
		return err
	}
	var there []string
	for _, e := range entries {
		if e.IsDir() {
			there = append(there, e.Name())
		}
	}
	if slices.Contains(there, kind) {
		return nil
	}
	return &nameError{kind, "is no template", "there are " + strings.Join(there, ", ") + schema.DidYouMean(kind, there)}
}

func checkName(fsys fs.FS, in load.Input, name string) error {
	if reason, instead := model.CheckDir(name); reason != "" {
		remedy := ""
		if instead != "" {
			remedy = fmt.Sprintf("try %q", instead)
		}
		return &nameError{name, reason, remedy}
	}
	if _, err := fs.Stat(fsys, "sources/"+name); err == nil {
		return &nameError{name, "is taken: sources/" + name + " already exists", "nothing was changed"}
	}
	for _, d := range in.Declarations {
		known := []string{d.Root.Str("service_type")}
		if aliases := d.Root.Get("aliases"); aliases != nil {
			for _, a := range aliases.Items {
				known = append(known, a.Text)
			}
		}
		if slices.Contains(known, name) {
			return &nameError{name, "is taken: it is a service type or alias of " + d.File.Name, "choose another"}
		}
	}
	return nil
}

// words is what the templates know.
type words struct {
	Name, Title, Upper, Module string
	// Line is where GetDocs returns connector.ErrNotWritten.
	Line int
}

func render(fsys fs.FS, file, module, name string) ([]byte, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	t, err := template.New(file).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	w := words{Name: name, Title: title(name), Upper: strings.ToUpper(name), Module: module}
	w.Line = lineOf(text, notWritten)
	var b bytes.Buffer
	if err := t.Execute(&b, w); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// lineOf returns the line of a word. No template has an action that would move
// lines.
func lineOf(text []byte, word string) int {
	before, _, _ := bytes.Cut(text, []byte(word))
	return bytes.Count(before, []byte("\n")) + 1
}

func title(name string) string {
	list := strings.Split(name, "_")
	for i, w := range list {
		list[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(list, " ")
}

// write creates the files of a source; config.yml is replaced last, so that a
// source that is half made is not listed.
func write(root string, made map[string][]byte) error {
	for _, name := range paths(made) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if name == "config.yml" {
			continue
		}
		if err := apply.Create(path, made[name]); err != nil {
			return err
		}
	}
	return apply.Replace(filepath.Join(root, "config.yml"), made["config.yml"])
}

func paths(files map[string][]byte) []string {
	list := make([]string, 0, len(files))
	for name := range files {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func report(s Streams, name string, made map[string][]byte) {
	fmt.Fprintf(s.Out, "made the source %s, and its line in config.yml:\n", name)
	for _, path := range paths(made) {
		if path != "config.yml" {
			fmt.Fprintf(s.Out, "  %s\n", path)
		}
	}
}

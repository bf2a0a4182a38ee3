package load

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
)

// Input is everything that the generator reads.
type Input struct {
	// Module is the module's path as go.mod states it.
	Module string
	// Declarations are sources/*/schema.json, sorted by folder.
	Declarations []Declaration
	// Shared are schemas/shared/*.json by path.
	Shared map[string]*Node
	// Meta is schemas/source.schema.json; nil when there is none.
	Meta     []byte
	Registry Registry
	// Readmes are sources/*/README.md by path.
	Readmes map[string]*File
}

// Declaration is one sources/<Dir>/schema.json. Root is nil when the file
// could not be read.
type Declaration struct {
	Dir  string
	File *File
	Root *Node
}

// Tree reads the input below a root. The error is for what no declaration is
// to blame for: a missing go.mod, a failing disk.
func Tree(fsys fs.FS) (Input, diag.List, error) {
	in := Input{Shared: map[string]*Node{}, Readmes: map[string]*File{}}
	var err error
	if in.Module, err = Module(fsys); err != nil {
		return in, nil, err
	}
	if in.Meta, err = optional(fsys, "schemas/source.schema.json"); err != nil {
		return in, nil, err
	}
	var problems diag.List
	for _, step := range []func(fs.FS) (diag.List, error){in.shared, in.declarations, in.registry} {
		found, err := step(fsys)
		if err != nil {
			return in, nil, err
		}
		problems = append(problems, found...)
	}
	return in, problems, nil
}

// Declarations reads only the declarations and the shared blocks below a root,
// which needs nothing else: an export of sources/ and schemas/ will do.
func Declarations(fsys fs.FS) (Input, diag.List, error) {
	in := Input{Shared: map[string]*Node{}, Readmes: map[string]*File{}}
	in.Registry = Registry{File: &File{Name: "config.yml"}, Offset: -1, Unread: true}
	problems, err := in.shared(fsys)
	if err != nil {
		return in, nil, err
	}
	found, err := in.declarations(fsys)
	return in, append(problems, found...), err
}

// Module returns the path of the module whose go.mod lies in fsys.
func Module(fsys fs.FS) (string, error) {
	text, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(text) {
		if name, ok := strings.CutPrefix(string(line), "module "); ok {
			return strings.Trim(strings.TrimSpace(name), `"`), nil
		}
	}
	return "", errors.New("go.mod names no module")
}

func optional(fsys fs.FS, name string) ([]byte, error) {
	text, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func (in *Input) shared(fsys fs.FS) (diag.List, error) {
	return eachJSON(fsys, "schemas/shared/*.json", func(file *File, root *Node) error {
		in.Shared[file.Name] = root
		return nil
	})
}

func (in *Input) declarations(fsys fs.FS) (diag.List, error) {
	return eachJSON(fsys, "sources/*/schema.json", func(file *File, root *Node) error {
		dir := path.Dir(file.Name)
		in.Declarations = append(in.Declarations, Declaration{Dir: path.Base(dir), File: file, Root: root})
		readme, err := optional(fsys, dir+"/README.md")
		if err != nil {
			return fmt.Errorf("read %s/README.md: %w", dir, err)
		}
		if readme != nil {
			in.Readmes[dir+"/README.md"] = &File{Name: dir + "/README.md", Text: readme}
		}
		return nil
	})
}

// eachJSON calls visit for every file of a pattern, in order; the root is nil
// when it could not be read.
func eachJSON(fsys fs.FS, pattern string, visit func(*File, *Node) error) (diag.List, error) {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var problems diag.List
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		file := &File{Name: name, Text: text}
		root, found := JSON(file)
		problems = append(problems, found...)
		if err := visit(file, root); err != nil {
			return nil, err
		}
	}
	return problems, nil
}

func (in *Input) registry(fsys fs.FS) (diag.List, error) {
	text, err := optional(fsys, "config.yml")
	if err != nil {
		return nil, err
	}
	file := &File{Name: "config.yml", Text: text}
	if text == nil {
		in.Registry = Registry{File: file, Offset: -1, Unread: true}
		return diag.List{file.Whole(diag.RegistryForm, "the file is missing", "it lists the sources that are compiled in, under sources:")}, nil
	}
	var problems diag.List
	in.Registry, problems = ReadRegistry(file)
	return problems, nil
}

package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// tree is the Go files of one module.
type tree struct {
	root     fs.FS
	module   string // module path
	mod      []Requirement
	files    *token.FileSet
	packages []*pkg // sorted by dir
}

// pkg is the Go files of one folder.
type pkg struct {
	dir   string // slash path; "." is the root
	files []*file
}

// product is the files without tests.
func (p *pkg) product() []*file {
	return slices.DeleteFunc(slices.Clone(p.files), func(f *file) bool { return f.test })
}

type file struct {
	name      string // slash path
	ast       *ast.File
	lines     int
	test      bool
	generated bool
}

func load(root fs.FS) (*tree, error) {
	t := &tree{root: root, files: token.NewFileSet()}
	var err error
	if t.module, t.mod, err = Requirements(root); err != nil {
		return nil, err
	}
	found := map[string]*pkg{}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if t.outside(name) {
				return fs.SkipDir
			}
			return nil
		case path.Ext(name) != ".go":
			return nil
		}
		f, err := t.parse(name)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if found[dir] == nil {
			found[dir] = &pkg{dir: dir}
		}
		found[dir].files = append(found[dir].files, f)
		return nil
	})
	for _, dir := range slices.Sorted(maps.Keys(found)) {
		t.packages = append(t.packages, found[dir])
	}
	return t, err
}

// outside reports whether a folder is no part of the module.
func (t *tree) outside(dir string) bool {
	if dir == "." {
		return false
	}
	base := path.Base(dir)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := fs.Stat(t.root, path.Join(dir, "go.mod"))
	return err == nil
}

func (t *tree) parse(name string) (*file, error) {
	text, err := fs.ReadFile(t.root, name)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(t.files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	return &file{
		name:      name,
		ast:       parsed,
		lines:     strings.Count(string(text), "\n"),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(parsed),
	}, nil
}

// imported is a file's imports by the name they have in it.
func (f *file) imported() map[string]string {
	names := map[string]string{}
	for _, spec := range f.ast.Imports {
		p := importPath(spec)
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}

func importPath(spec *ast.ImportSpec) string {
	return strings.Trim(spec.Path.Value, "`\"")
}

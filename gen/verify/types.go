package verify

import (
	"errors"
	"go/build"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/load"
)

// Types type-checks every emitted Go file, each together with what lies beside
// it on fsys. It needs no go command: packages of the module are read from
// fsys, those of the standard library from the Go installation, and those of
// other modules count as empty. Mistakes outside of emitted files, and those
// that only the author of a source can put right, are left to the compiler.
func Types(fsys fs.FS, files map[string][]byte) error {
	module, err := load.Module(fsys)
	if err != nil {
		return err
	}
	c := &checker{
		module: module, emitted: files, fset: token.NewFileSet(), packages: map[string]*types.Package{},
		own:      tree{fsys: fsys, emitted: files},
		standard: tree{fsys: os.DirFS(filepath.Join(build.Default.GOROOT, "src"))},
	}
	for _, dir := range dirs(files) {
		if _, err := c.Import(module + "/" + dir); err != nil {
			return err
		}
		tests := func(name string) bool { return strings.HasSuffix(name, "_gen_test.go") && files[name] != nil }
		if _, err := c.check(module+"/"+dir+"_test", dir, c.own, tests); err != nil {
			return err
		}
	}
	return errors.Join(c.mistakes...)
}

// dirs lists the folders of Go files.
func dirs(files map[string][]byte) []string {
	set := map[string]bool{}
	for name := range files {
		if strings.HasSuffix(name, ".go") {
			set[path.Dir(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// checker is the importer of one run.
type checker struct {
	module   string
	emitted  map[string][]byte
	own      tree
	standard tree
	fset     *token.FileSet
	packages map[string]*types.Package
	mistakes []error
}

// Import returns a package of the module, of the standard library, or an empty
// one in place of a package of another module.
func (c *checker) Import(name string) (*types.Package, error) {
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	if p, done := c.packages[name]; done {
		return p, nil
	}
	c.packages[name] = types.NewPackage(name, path.Base(name)) // ends a circle
	noTests := func(name string) bool { return !strings.HasSuffix(name, "_test.go") }
	dir, own := strings.CutPrefix(name, c.module+"/")
	var err error
	switch first, _, _ := strings.Cut(name, "/"); {
	case own:
		c.packages[name], err = c.check(name, dir, c.own, noTests)
	case !strings.Contains(first, "."):
		c.packages[name], err = c.check(name, name, c.standard, noTests)
	default:
		c.packages[name].MarkComplete()
	}
	return c.packages[name], err
}

func (c *checker) check(name, dir string, from tree, wanted func(string) bool) (*types.Package, error) {
	parsed, emitted, err := from.parse(c.fset, dir, wanted)
	if err != nil {
		return nil, err
	}
	config := types.Config{
		Importer: c, FakeImportC: true, IgnoreFuncBodies: !emitted, Error: c.mistake,
	}
	p, _ := config.Check(name, c.fset, parsed, nil)
	if p == nil {
		p = types.NewPackage(name, path.Base(name))
	}
	p.MarkComplete()
	return p, nil
}

// authors speaks of what a source's author writes.
var authors = regexp.MustCompile(`\b(Source|Open|fixture)\b`)

// mistake keeps a mistake in emitted code that the generator is to blame for.
func (c *checker) mistake(err error) {
	var at types.Error
	if !errors.As(err, &at) || authors.MatchString(at.Msg) {
		return
	}
	if _, emitted := c.emitted[at.Fset.Position(at.Pos).Filename]; emitted {
		c.mistakes = append(c.mistakes, err)
	}
}

package house

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"
)

const modFile = "go.mod"

// Requirement is a module that go.mod requires.
type Requirement struct {
	Path     string
	Version  string
	Line     int // in go.mod, from 1
	Indirect bool
	Reason   string // the comment of the line
}

// Requirements reads the module path and the requirements of go.mod, in their
// order.
func Requirements(root fs.FS) (module string, mod []Requirement, err error) {
	text, err := fs.ReadFile(root, modFile)
	if err != nil {
		return "", nil, err
	}
	inBlock := false
	for i, line := range strings.Split(string(text), "\n") {
		code, comment, _ := strings.Cut(line, "//")
		words := strings.Fields(code)
		alone := len(words) == 3 && words[0] == "require"
		switch {
		case len(words) == 2 && words[0] == "module":
			module = words[1]
		case len(words) == 2 && words[0] == "require" && words[1] == "(":
			inBlock = true
		case len(words) > 0 && words[0] == ")":
			inBlock = false
		case alone, inBlock && len(words) == 2:
			r := Requirement{Path: words[len(words)-2], Version: words[len(words)-1], Line: i + 1}
			r.Reason, r.Indirect = strings.CutPrefix(strings.TrimSpace(comment), "indirect")
			mod = append(mod, r)
		}
	}
	if module == "" {
		return "", nil, fmt.Errorf("%s names no module", modFile)
	}
	return module, mod, nil
}

// dependencies checks that the direct requirements are what is imported, each
// with a reason.
func (c *checker) dependencies() {
	imported := c.importedModules()
	for _, r := range c.tree.mod {
		switch {
		case imported[r.Path] && r.Indirect:
			c.addFile(modFile, r.Line, "dependencies", "%s is imported but marked indirect: give the reason in its place, as in // the protocol of Y", r.Path)
		case !imported[r.Path] && !r.Indirect:
			c.addFile(modFile, r.Line, "dependencies", "%s is imported by nothing: take it out, or mark it // indirect", r.Path)
		case !r.Indirect && r.Reason == "":
			c.addFile(modFile, r.Line, "dependencies", "%s has no reason: write it behind the version, as in // the protocol of Y, or do without it", r.Path)
		}
	}
}

// importedModules is the required modules that some file imports.
func (c *checker) importedModules() map[string]bool {
	paths := map[string]bool{}
	for _, p := range c.tree.packages {
		for _, f := range p.files {
			for _, spec := range f.ast.Imports {
				paths[importPath(spec)] = true
			}
		}
	}
	modules := map[string]bool{}
	for path := range maps.Keys(paths) {
		best := ""
		for _, r := range c.tree.mod {
			if covers(r.Path, path) && len(r.Path) > len(best) {
				best = r.Path
			}
		}
		modules[best] = true
	}
	return modules
}

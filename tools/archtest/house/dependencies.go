package house

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

const (
	modFile     = "go.mod"
	reasonsFile = "docs/dependencies.md"
)

// requirement is a module that go.mod requires.
type requirement struct {
	path     string
	line     int
	indirect bool
}

// readMod reads the module path and the requirements of go.mod.
func readMod(root fs.FS) (module string, mod []requirement, err error) {
	text, err := fs.ReadFile(root, modFile)
	if err != nil {
		return "", nil, err
	}
	inBlock := false
	for i, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "module":
			module = words[1]
		case len(words) == 2 && words[0] == "require" && words[1] == "(":
			inBlock = true
		case len(words) > 0 && words[0] == ")":
			inBlock = false
		case len(words) > 2 && words[0] == "require":
			mod = append(mod, requirement{words[1], i + 1, strings.Contains(line, "// indirect")})
		case inBlock && len(words) > 1:
			mod = append(mod, requirement{words[0], i + 1, strings.Contains(line, "// indirect")})
		}
	}
	if module == "" {
		return "", nil, fmt.Errorf("%s names no module", modFile)
	}
	return module, mod, nil
}

// dependencies checks that the direct requirements, the imports and the
// reasons speak of the same modules.
func (c *checker) dependencies() {
	reasons := c.reasons()
	for _, r := range c.tree.mod {
		if _, ok := reasons[r.path]; !ok && !r.indirect {
			c.addFile(modFile, r.line, "dependencies", "%s has no row in %s: give the reason, or do without it", r.path, reasonsFile)
		}
	}
	for module, line := range reasons {
		if !slices.ContainsFunc(c.tree.mod, func(r requirement) bool { return r.path == module && !r.indirect }) {
			c.addFile(reasonsFile, line, "dependencies", "%s is not a direct requirement of %s", module, modFile)
		}
	}
	imported := c.importedModules()
	for _, r := range c.tree.mod {
		switch {
		case imported[r.path] && r.indirect:
			c.addFile(modFile, r.line, "dependencies", "%s is imported but marked indirect; run go mod tidy and give a reason in %s", r.path, reasonsFile)
		case !imported[r.path] && !r.indirect:
			c.addFile(modFile, r.line, "dependencies", "%s is imported by nothing; run go mod tidy", r.path)
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
			if covers(r.path, path) && len(r.path) > len(best) {
				best = r.path
			}
		}
		modules[best] = true
	}
	return modules
}

// reasons reads the modules of the table in docs/dependencies.md: rows whose
// first cell is a path in backquotes and whose other cells are filled.
func (c *checker) reasons() map[string]int {
	rows := map[string]int{}
	text, err := fs.ReadFile(c.tree.root, reasonsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.addFile(reasonsFile, 0, "dependencies", "%v", err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|"), "|")
		if len(cells) < 2 || !strings.HasPrefix(strings.TrimSpace(cells[0]), "`") {
			continue
		}
		rows[strings.Trim(cells[0], "` ")] = i + 1
		for _, cell := range cells {
			if strings.TrimSpace(cell) == "" {
				c.addFile(reasonsFile, i+1, "dependencies", "a cell is empty")
			}
		}
	}
	return rows
}

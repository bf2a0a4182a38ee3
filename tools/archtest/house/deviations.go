package house

import (
	"errors"
	"go/ast"
	"io/fs"
	"regexp"
	"strings"
)

const deviationsFile = "docs/deviations.md"

// testName is how a row names what holds it.
var testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark|Example)[A-Z]\\w*)`")

// deviations checks that every row of the list names its test, and that there
// are tests of these names.
func (c *checker) deviations() {
	text, err := fs.ReadFile(c.tree.root, deviationsFile)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.addFile(deviationsFile, 0, "deviations", "%v", err)
		}
		return
	}
	tests := c.tests()
	for i, line := range strings.Split(string(text), "\n") {
		names := testName.FindAllStringSubmatch(line, -1)
		row := strings.HasPrefix(line, "| ") && !strings.HasSuffix(line, "| test |")
		if row && len(names) == 0 {
			c.addFile(deviationsFile, i+1, "deviations", "the row names no test: write the test that holds it")
		}
		for _, name := range names {
			if !tests[name[1]] {
				c.addFile(deviationsFile, i+1, "deviations", "there is no %s: name the test that holds the row", name[1])
			}
		}
	}
}

// tests are the names of the functions in test files.
func (c *checker) tests() map[string]bool {
	names := map[string]bool{}
	for _, p := range c.tree.packages {
		for _, f := range p.files {
			for _, decl := range f.ast.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && f.test && fn.Recv == nil {
					names[fn.Name.Name] = true
				}
			}
		}
	}
	return names
}

package house

import (
	"errors"
	"go/ast"
	"io/fs"
	"regexp"
	"strings"
)

// promiseFiles are pages whose tables say what holds, each row with the test
// that checks it.
var promiseFiles = []string{"docs/deviations.md", "docs/security.md", "docs/reliability.md"}

// testName is how a row names what holds it.
var testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark|Example)[A-Z]\\w*)(?:/[^`]*)?`")

// promises checks that every row of a table whose last column is "test" names
// one, and that there are tests of all names on these pages.
func (c *checker) promises() {
	tests := c.tests()
	for _, name := range promiseFiles {
		text, err := fs.ReadFile(c.tree.root, name)
		switch {
		case err == nil:
			c.page(name, string(text), tests)
		case !errors.Is(err, fs.ErrNotExist):
			c.addFile(name, 0, "promises", "%v", err)
		}
	}
}

func (c *checker) page(name, text string, tests map[string]bool) {
	tested := false // the table at hand has a column of tests
	for i, line := range strings.Split(text, "\n") {
		row := strings.HasPrefix(line, "| ")
		if head := row && strings.HasSuffix(line, "| test |"); head || !strings.HasPrefix(line, "|") {
			tested = head
			row = false
		}
		found := testName.FindAllStringSubmatch(line, -1)
		if row && tested && len(found) == 0 {
			c.addFile(name, i+1, "promises", "the row names no test: write the test that holds it")
		}
		for _, match := range found {
			if !tests[match[1]] {
				c.addFile(name, i+1, "promises", "there is no %s: name the test that holds the row", match[1])
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

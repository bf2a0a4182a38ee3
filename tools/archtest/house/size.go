package house

import (
	"fmt"
	"go/ast"
)

// What is above the first number is noted, above the second a breach. The
// house's habits are lower still: files near 120 lines, functions below 40.
const (
	longFile, tooLongFile         = 300, 500
	longFunction, tooLongFunction = 60, 100
)

// sizes looks at what is written by hand; tests may hold long tables.
func (c *checker) sizes(p *pkg) {
	for _, f := range p.files {
		if f.generated {
			continue
		}
		c.size(f.name, 0, "the file", f.lines, longFile, tooLongFile)
		if f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				from, to := c.tree.files.Position(fn.Pos()).Line, c.tree.files.Position(fn.End()).Line
				c.size(f.name, from, fn.Name.Name, to-from+1, longFunction, tooLongFunction)
			}
		}
	}
}

func (c *checker) size(file string, line int, what string, lines, long, tooLong int) {
	switch {
	case lines > tooLong:
		c.addFile(file, line, "size", "%s has %d lines; %d are the limit: find the part with a name of its own", what, lines, tooLong)
	case lines > long:
		c.report.Notes = append(c.report.Notes, fmt.Sprintf("%s: %s has %d lines", file, what, lines))
	}
}

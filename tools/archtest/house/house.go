// Package house checks a source tree against the rules of the house. It reads
// text and needs no build, so it also checks a tree that does not compile.
package house

import (
	"cmp"
	"fmt"
	"go/token"
	"io/fs"
	"slices"
)

// Problem is one breach of a rule.
type Problem struct {
	File string // slash path in the tree
	Line int    // from 1; 0: the whole file
	Rule string // short name of the rule
	Text string // what is wrong, and the way out
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s: %s", p.File, p.Rule, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Rule, p.Text)
}

// Report is what a check found.
type Report struct {
	Problems []Problem // sorted by place
	Notes    []string  // what is no breach but unusual
}

// Check reads the Go files of a module and returns every breach.
func Check(root fs.FS) (Report, error) {
	tree, err := load(root)
	if err != nil {
		return Report{}, err
	}
	c := &checker{tree: tree}
	for _, p := range tree.packages {
		c.imports(p)
		c.statements(p)
		c.state(p)
		c.sizes(p)
	}
	c.dependencies()
	c.promises()
	if err := c.pinned(); err != nil {
		return Report{}, err
	}
	slices.SortFunc(c.report.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	slices.Sort(c.report.Notes)
	return c.report, nil
}

type checker struct {
	tree   *tree
	report Report
}

// add notes a breach at a position.
func (c *checker) add(pos token.Pos, rule, format string, args ...any) {
	at := c.tree.files.Position(pos)
	c.addFile(at.Filename, at.Line, rule, format, args...)
}

func (c *checker) addFile(file string, line int, rule, format string, args ...any) {
	c.report.Problems = append(c.report.Problems, Problem{file, line, rule, fmt.Sprintf(format, args...)})
}

// Package doctest looks for what is wrong in the documents of a tree: links
// that lead nowhere, blocks that can't be read, commands that are none. It runs
// nothing.
package doctest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Problem is something wrong at a line of a document.
type Problem struct {
	File    string // slash path from the root
	Line    int    // from 1
	Message string // what is wrong, and what to do
}

// Error returns file:line: message.
func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message) }

// checker is one look at a tree.
type checker struct {
	tree     fs.FS
	kinds    []connector.Kind
	pages    map[string]*page
	makefile string
	problems []Problem
	commands []Command
}

// Check returns every problem of the documents of a tree, sorted by place. The
// kinds are the sources that commands may name.
func Check(tree fs.FS, kinds []connector.Kind) ([]Problem, error) {
	c, err := look(tree, kinds)
	if err != nil {
		return nil, err
	}
	return c.problems, nil
}

// Commands returns every command of the documents that is Tributary's own.
func Commands(tree fs.FS, kinds []connector.Kind) ([]Command, error) {
	c, err := look(tree, kinds)
	if err != nil {
		return nil, err
	}
	return c.commands, nil
}

func look(tree fs.FS, kinds []connector.Kind) (*checker, error) {
	c := &checker{tree: tree, kinds: kinds, pages: map[string]*page{}}
	if text, err := fs.ReadFile(tree, "Makefile"); err == nil {
		c.makefile = string(text)
	}
	var names []string
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata" || e.Name() == "node_modules"):
			return fs.SkipDir
		case e.IsDir() || !strings.HasSuffix(name, ".md"):
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		c.pages[name] = read(string(text))
		names = append(names, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		c.links(name)
		c.blocks(name)
		c.spans(name)
	}
	return c, nil
}

func (c *checker) add(file string, line int, format string, args ...any) {
	c.problems = append(c.problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

package directory

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tributary-search/tributary/runtime/connector"
)

// glob is a pattern of paths below the directory, with slashes.
type glob struct {
	pattern string
	base    string // what the paths start with; "." when that is open
	depth   int    // how many directories the paths are deep; -1 when that is open
	all     bool   // everything matches
}

func newGlob(pattern string) (glob, error) {
	pattern = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(pattern, "./"), "/"), "/")
	if !doublestar.ValidatePattern(pattern) {
		return glob{}, fmt.Errorf("the pattern %q can't be read: a bracket is not closed, or nothing follows a \\", pattern)
	}
	g := glob{pattern: pattern, depth: -1, all: pattern == "**/*" || pattern == "**"}
	g.base, _ = doublestar.SplitPattern(pattern)
	if !strings.Contains(pattern, "**") && !strings.Contains(pattern, "{") {
		g.depth = strings.Count(pattern, "/")
	}
	return g, nil
}

func (g *glob) matches(path string) bool {
	return g.all || doublestar.MatchUnvalidated(g.pattern, path)
}

// reaches reports whether paths below a directory may match.
func (g *glob) reaches(dir string) bool {
	if g.all {
		return true
	}
	if g.depth >= 0 && strings.Count(dir, "/") >= g.depth {
		return false
	}
	return g.base == "." || g.base == dir || isBelow(g.base, dir) || isBelow(dir, g.base)
}

func isBelow(path, dir string) bool {
	return len(path) > len(dir) && path[len(dir)] == '/' && path[:len(dir)] == dir
}

// parseGlobs reads one pattern per line.
func parseGlobs(pointer, label, text string) ([]glob, connector.Problems) {
	var globs []glob
	var problems connector.Problems
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		g, err := newGlob(line)
		if err != nil {
			problems = append(problems, connector.Problem{Pointer: pointer, Label: label, Message: err.Error()})
		}
		globs = append(globs, g)
	}
	return globs, problems
}

// names decides about files by their paths alone.
type names struct {
	include, exclude []glob
}

// keeps reports whether a file may become a document.
func (n names) keeps(path string) bool {
	path = filepath.ToSlash(path)
	is := func(g glob) bool { return g.matches(path) }
	return slices.ContainsFunc(n.include, is) && !slices.ContainsFunc(n.exclude, is)
}

// enters reports whether files in a directory may become documents.
func (n names) enters(dir string) bool {
	dir = filepath.ToSlash(dir)
	return slices.ContainsFunc(n.include, func(g glob) bool { return g.reaches(dir) }) &&
		!slices.ContainsFunc(n.exclude, func(g glob) bool { return g.matches(dir) })
}

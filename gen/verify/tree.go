package verify

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// tree is Go files on a file system, with emitted ones in front of them.
type tree struct {
	fsys    fs.FS
	emitted map[string][]byte
}

// parse parses the wanted files of a folder that are built on this machine,
// and reports whether an emitted one is among them.
func (t tree) parse(fset *token.FileSet, dir string, wanted func(string) bool) (parsed []*ast.File, emitted bool, err error) {
	names, err := t.names(dir)
	if err != nil {
		return nil, false, err
	}
	for _, name := range names {
		if !wanted(name) {
			continue
		}
		text, is := t.emitted[name]
		if !is {
			if text, err = fs.ReadFile(t.fsys, name); err != nil {
				return nil, false, err
			}
		}
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil && is {
			return nil, false, fmt.Errorf("emitted code is no Go: %w", err)
		}
		if f != nil {
			parsed, emitted = append(parsed, f), emitted || is
		}
	}
	return parsed, emitted, nil
}

// names lists the Go files of a folder, on the disk or emitted.
func (t tree) names(dir string) ([]string, error) {
	entries, err := fs.ReadDir(t.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if _, is := t.emitted[name]; is || e.IsDir() || !strings.HasSuffix(name, ".go") {
			continue
		}
		if t.builds(dir, e.Name()) {
			list = append(list, name)
		}
	}
	for name := range t.emitted {
		if path.Dir(name) == dir && strings.HasSuffix(name, ".go") {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list, nil
}

// builds reports whether a file belongs into a build on this machine. Without
// cgo no tool is needed.
func (t tree) builds(dir, name string) bool {
	context := build.Default
	context.CgoEnabled = false
	context.JoinPath = path.Join
	context.OpenFile = func(name string) (io.ReadCloser, error) {
		text, err := fs.ReadFile(t.fsys, name)
		return io.NopCloser(bytes.NewReader(text)), err
	}
	match, err := context.MatchFile(dir, name)
	return match && err == nil
}

// Command docs writes what of docs/ is made from the code: whole pages, and the
// parts of others between the marks <!-- made:begin NAME --> and
// <!-- made:end NAME -->. With -check it only says which lines are out of date,
// and looks at every document besides: links, code blocks and commands.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/tributary-search/tributary/sources"
	"github.com/tributary-search/tributary/tools/docs/doctest"
	"github.com/tributary-search/tributary/tools/docs/pages"
)

func main() {
	check := flag.Bool("check", false, "change nothing; fail when something would change, or a document is wrong")
	flag.Parse()
	err := run(*check)
	if *check {
		problems, failed := doctest.Check(os.DirFS("."), sources.All())
		err = errors.Join(err, failed)
		for _, p := range problems {
			err = errors.Join(err, p)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(check bool) error {
	whole, err := pages.All(os.DirFS("."), sources.All())
	if err != nil {
		return err
	}
	for _, p := range pages.Parts() {
		text, ok := whole[p.File]
		if !ok {
			old, err := os.ReadFile(p.File)
			if err != nil {
				return err
			}
			text = string(old)
		}
		part, err := replace([]byte(text), p.Name, p.Text)
		if err != nil {
			return fmt.Errorf("%s: %w", p.File, err)
		}
		whole[p.File] = string(part)
	}
	return errors.Join(apply(whole, check), leftOver(whole, check))
}

// apply writes the pages that differ, or says at which line they do.
func apply(whole map[string]string, check bool) error {
	var stale []error
	for _, file := range slices.Sorted(maps.Keys(whole)) {
		old, err := os.ReadFile(file)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case err == nil && string(old) == whole[file]:
		case check:
			stale = append(stale, fmt.Errorf("%s:%d: out of date; run make docs", file, firstChange(old, []byte(whole[file]))))
		default:
			if err := os.MkdirAll(path.Dir(file), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(file, []byte(whole[file]), 0o644); err != nil {
				return err
			}
		}
	}
	return errors.Join(stale...)
}

// firstChange is the first line, from 1, in which two texts differ.
func firstChange(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y))
}

// leftOver removes pages that nothing makes any more, or names them.
func leftOver(whole map[string]string, check bool) error {
	var stale []error
	for _, folder := range pages.Folders() {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			file := folder + "/" + e.Name()
			if _, ok := whole[file]; ok {
				continue
			}
			if check {
				stale = append(stale, fmt.Errorf("%s:1: nothing makes this page; run make docs, which removes it", file))
				continue
			}
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	return errors.Join(stale...)
}

// replace puts a part between its marks, which stand on lines of their own.
func replace(text []byte, name, part string) ([]byte, error) {
	begin, end := []byte("<!-- made:begin "+name+" -->\n"), []byte("<!-- made:end "+name+" -->\n")
	i, j := bytes.Index(text, begin), bytes.Index(text, end)
	if i < 0 || j < i {
		return nil, fmt.Errorf("the marks of %q are missing or out of order", name)
	}
	return bytes.Join([][]byte{text[:i], begin, []byte(part), text[j:]}, nil), nil
}

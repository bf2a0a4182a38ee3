// Command licences writes NOTICE and docs/dependencies.md from the modules that
// are linked into the program, on every platform that is released, and from
// those that its tests and tools need. It refuses a licence that is not accepted.
// With -check it only says what is out of date, and fails.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "change nothing; fail when something would change")
	flag.Parse()
	if err := run(".", *check); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// run works on the module in a folder.
func run(root string, check bool) error {
	modules, err := modulesOf(root)
	if err != nil {
		return err
	}
	var refused []error
	for i := range modules {
		if err := modules[i].read(); err != nil {
			refused = append(refused, err)
		}
	}
	if err := errors.Join(refused...); err != nil {
		return err
	}
	dependencies, err := page(modules)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		text string
	}{{"NOTICE", notice(modules)}, {"docs/dependencies.md", dependencies}} {
		if err := keep(filepath.Join(root, filepath.FromSlash(file.name)), file.name, file.text, check); err != nil {
			refused = append(refused, err)
		}
	}
	return errors.Join(refused...)
}

// keep writes a file, or says that it is out of date.
func keep(path, name, text string, check bool) error {
	old, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(old, []byte(text)):
		return nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	case check:
		return fmt.Errorf("%s is out of date; run make docs", name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

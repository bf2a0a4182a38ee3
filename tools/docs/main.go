// Command docs writes the parts of docs/ that are made from the code: between
// the marks <!-- made:begin NAME --> and <!-- made:end NAME -->. With -check it
// only says which are out of date, and fails.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
)

// page is a file with the parts that are made in it.
type page struct {
	file  string
	parts map[string]string
}

func pages() []page {
	return []page{{"docs/protocol.md", map[string]string{
		"connector": connectorStates(),
		"job":       jobStates(),
	}}}
}

func main() {
	check := flag.Bool("check", false, "change nothing; fail when something would change")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	var stale []error
	for _, p := range pages() {
		old, err := os.ReadFile(p.file)
		if err != nil {
			return err
		}
		text := old
		for name, part := range p.parts {
			if text, err = replace(text, name, part); err != nil {
				return fmt.Errorf("%s: %w", p.file, err)
			}
		}
		switch {
		case bytes.Equal(old, text):
		case check:
			stale = append(stale, fmt.Errorf("%s is out of date; run make docs", p.file))
		default:
			if err := os.WriteFile(p.file, text, 0o644); err != nil {
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

package command

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/tributary-search/tributary/gen/load"
)

// register returns config.yml with one more line under sources:. Everything
// else, comments included, stays as it is.
func register(r load.Registry, name string) ([]byte, error) {
	text := r.File.Text
	line := "  " + name + ": sources/" + name + "\n"
	if r.Offset < 0 {
		return insert(text, len(text), "sources:\n"+line), nil
	}
	if len(r.Entries) == 0 {
		end := lineEnd(text, r.Offset)
		if rest := bytes.TrimSpace(bytes.TrimPrefix(text[r.Offset:end], []byte("sources:"))); len(rest) > 0 && rest[0] != '#' {
			return nil, errors.New("config.yml: sources: must be empty or a list of lines")
		}
		return insert(text, end, line), nil
	}
	if first := r.Entries[0].KeyOffset; bytes.ContainsAny(text[r.Offset:first], "{") {
		return nil, errors.New("config.yml: write each entry of sources: on a line of its own")
	}
	line = indent(text, r.Entries[0].KeyOffset) + line[2:]
	return insert(text, place(text, r.Entries, name), line), nil
}

// place returns where a new line goes: before the first entry with a greater
// name if the list is sorted, else after the last.
func place(text []byte, entries []load.Entry, name string) int {
	byName := func(a, b load.Entry) int { return cmp.Compare(a.ServiceType, b.ServiceType) }
	last := entries[0]
	for _, e := range entries {
		if e.KeyOffset > last.KeyOffset {
			last = e
		}
	}
	if slices.IsSortedFunc(entries, byName) {
		previous := -1
		for i, e := range entries {
			if e.ServiceType < name {
				previous = i
			}
		}
		if previous < 0 {
			return lineStart(text, entries[0].KeyOffset)
		}
		last = entries[previous]
	}
	return lineEnd(text, last.ValueOffset)
}

func lineStart(text []byte, offset int) int {
	return bytes.LastIndexByte(text[:offset], '\n') + 1
}

func lineEnd(text []byte, offset int) int {
	if i := bytes.IndexByte(text[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(text)
}

func indent(text []byte, offset int) string {
	return string(text[lineStart(text, offset):offset])
}

// insert puts a line into a text, after a line end.
func insert(text []byte, at int, line string) []byte {
	if at > 0 && text[at-1] != '\n' {
		line = "\n" + line
	}
	return slices.Concat(text[:at], []byte(line), text[at:])
}

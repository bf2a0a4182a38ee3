package model

import (
	"fmt"
	"path"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// Marker returns the comment that begins or ends a generated part of a README.
func Marker(edge, part string) string { return "<!-- gen:" + edge + " " + part + " -->" }

// readme reports a README whose markers are not there once, in order.
func (b *builder) readme(d load.Declaration) {
	name := path.Dir(d.File.Name) + "/README.md"
	parts := []string{"configuration"}
	if d.Root.Get("advanced_rules") != nil {
		parts = append(parts, "rules")
	}
	f, ok := b.in.Readmes[name]
	if !ok {
		b.add((&load.File{Name: name}).Whole(diag.Readme, "the file is missing", "write it with the markers "+markers(parts)))
		return
	}
	for _, part := range parts {
		b.markers(f, part)
	}
	if at := strings.Index(string(f.Text), Marker("begin", "rules")); at >= 0 && len(parts) == 1 {
		b.add(f.At(at, diag.Readme, "there are no advanced rules to describe here", "remove the markers and what is between them"))
	}
}

func markers(parts []string) string {
	var list []string
	for _, part := range parts {
		list = append(list, Marker("begin", part), Marker("end", part))
	}
	return strings.Join(list, ", ")
}

func (b *builder) markers(f *load.File, part string) {
	text := string(f.Text)
	begin, end := Marker("begin", part), Marker("end", part)
	for _, marker := range []string{begin, end} {
		switch strings.Count(text, marker) {
		case 0:
			b.add(f.Whole(diag.Readme, "the marker "+marker+" is missing", fmt.Sprintf("the table of %s is written between %s and %s", part, begin, end)))
			return
		case 1:
		default:
			b.add(f.At(strings.LastIndex(text, marker), diag.Readme, "the marker "+marker+" stands twice", "remove one"))
			return
		}
	}
	if at := strings.Index(text, end); at < strings.Index(text, begin) {
		b.add(f.At(at, diag.Readme, "the marker "+end+" stands before its beginning", ""))
	}
}

package main

import (
	"path"
	"slices"
	"strings"
)

// patch is what changed between two states of the tree.
type patch struct {
	name  string   // of it, for people
	files []string // slash paths; of a renamed file the old one and the new one
}

// products are what `make generate` and `make docs` write outside of sources/,
// where a patch of a source changes them too. `make check` compares them with
// what would be written.
var products = []string{
	"NOTICE",
	"docs/dependencies.md",
	"docs/settings.md",
	"docs/sources/",
	"schemas/config.schema.json",
}

// inputs are files of the tree that a source needs a line in.
var inputs = []string{"config.yml", "go.mod", "go.sum", "sources/"}

// judge returns a *rejection when the patch touches a source and the framework.
func (p patch) judge() error {
	r := &rejection{patch: p.name}
	for _, file := range p.files {
		if source := written(file); source != "" {
			r.sources = append(r.sources, source)
		}
		if !among(file, inputs) && !among(file, products) {
			r.outside = append(r.outside, file)
		}
	}
	if len(r.sources) == 0 || len(r.outside) == 0 {
		return nil
	}
	slices.Sort(r.sources)
	r.sources = slices.Compact(r.sources)
	slices.Sort(r.outside)
	return r
}

// written is the source that a file was written for; empty for files of the
// framework and for what the generator writes into a source. What sources
// share, sources/internal, is theirs.
func written(file string) string {
	rest, ok := strings.CutPrefix(file, "sources/")
	name, below, inside := strings.Cut(rest, "/")
	made := strings.HasSuffix(file, "_gen.go") || strings.HasSuffix(file, "_gen_test.go") || below == "README.md"
	if !ok || !inside || made {
		return ""
	}
	return path.Join("sources", name)
}

// among reports whether a file is in a list, of files and of folders that end
// with a slash.
func among(file string, list []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return file == entry || strings.HasSuffix(entry, "/") && strings.HasPrefix(file, entry)
	})
}

package house

import (
	"path"
	"strings"
)

// imports checks the directions of imports and the leave for libraries.
func (c *checker) imports(p *pkg) {
	home, ok := roomOf(p.dir)
	if !ok {
		c.addFile(p.dir, 0, "rooms", "the folder is in no room; add a row to tools/archtest/house/tables.go and say what it may know")
		return
	}
	for _, f := range p.files {
		for _, spec := range f.ast.Imports {
			imported := importPath(spec)
			inner, within := c.inner(imported)
			switch {
			case within && otherSource(p.dir, inner):
				c.add(spec.Pos(), "sources", "%s imports %s: sources never import each other", p.dir, inner)
			case within && !f.test && !home.mayImport(p.dir, inner):
				c.add(spec.Pos(), "imports", "%s may not import %s (%s)", p.dir, inner, home.why)
			case !within:
				c.library(p, f, imported)
				if home.dir == "runtime/connector" && !f.test && strings.Contains(strings.Split(imported, "/")[0], ".") {
					c.add(spec.Pos(), "imports", "runtime/connector may import the standard library only, not %s", imported)
				}
			}
		}
	}
}

// inner is the dir of an import path of this module.
func (c *checker) inner(imported string) (dir string, ok bool) {
	if imported == c.tree.module {
		return ".", true
	}
	return strings.CutPrefix(imported, c.tree.module+"/")
}

// library checks one import from outside. The longest row counts.
func (c *checker) library(p *pkg, f *file, imported string) {
	var best library
	for _, l := range libraries {
		if covers(l.path, imported) && len(l.path) > len(best.path) {
			best = l
		}
	}
	if best.path == "" {
		return
	}
	for _, dir := range best.rooms {
		if covers(dir, p.dir) {
			return
		}
	}
	if f.test && best.rooms != nil && covers("gen", p.dir) && covers("gen", best.rooms[0]) {
		return // tests of the generator look at what it wrote
	}
	if best.rooms == nil {
		c.addFile(f.name, 0, "libraries", "%s may not be imported: %s", imported, best.why)
		return
	}
	c.addFile(f.name, 0, "libraries", "%s may be imported by %s only: %s", imported, strings.Join(best.rooms, ", "), best.why)
}

// roomOf is the room with the longest dir that holds a folder.
func roomOf(dir string) (best room, ok bool) {
	for _, r := range rooms {
		if r.holds(dir) && (!ok || len(r.dir) > len(best.dir)) {
			best, ok = r, true
		}
	}
	return best, ok
}

func (r room) holds(dir string) bool {
	if r.dir == "." || dir == "." {
		return r.dir == dir
	}
	pattern, parts := strings.Split(r.dir, "/"), strings.Split(dir, "/")
	if len(parts) < len(pattern) {
		return false
	}
	if r.dir == "sources" || r.dir == "gen" { // what is below them are rooms of their own
		return dir == r.dir
	}
	match, _ := path.Match(r.dir, strings.Join(parts[:len(pattern)], "/"))
	return match
}

// mayImport reports whether code of this room in the folder from may import
// the folder to. Below the folder of a room everything is open to the room.
func (r room) mayImport(from, to string) bool {
	if to == from || r.dir != "sources/*" && strings.HasPrefix(to, from+"/") && r.dir != "." {
		return true
	}
	if r.dir == "sources/*" && strings.HasPrefix(to, from+"/") {
		return !strings.HasSuffix(to, "/fixture")
	}
	for _, known := range r.knows {
		if base, below := strings.CutSuffix(known, "/*"); to == known || below && covers(base, to) {
			return true
		}
	}
	return false
}

// otherSource reports whether both are folders of sources, and not the same.
// What several sources share, below sources/internal, is no source.
func otherSource(from, to string) bool {
	a, b := sourceOf(from), sourceOf(to)
	return a != "" && b != "" && a != b
}

func sourceOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "sources/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	if name == "internal" {
		return ""
	}
	return name
}

// covers reports whether a path is the given one or below it.
func covers(above, name string) bool {
	return name == above || strings.HasPrefix(name, above+"/")
}

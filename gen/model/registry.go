package model

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

// directory reports a folder that can't be a Go package.
func (b *builder) directory(d load.Declaration) {
	reason, instead := CheckDir(d.Dir)
	if reason == "" {
		return
	}
	hint := "rename the folder"
	if instead != "" {
		hint = fmt.Sprintf("rename the folder, for example %q", instead)
	}
	b.add(d.File.Whole(diag.Directory, fmt.Sprintf("the folder %q %s", d.Dir, reason), hint))
}

// serviceTypes reports names of sources that are used twice.
func (b *builder) serviceTypes() {
	first := map[string]*load.Node{}
	for _, d := range b.in.Declarations {
		if d.Root == nil {
			continue
		}
		b.claim(d.Root.Get("service_type"), first)
	}
	for _, d := range b.in.Declarations {
		if aliases := d.Root.Get("aliases"); aliases != nil {
			for _, item := range aliases.Items {
				b.claim(item, first)
			}
		}
	}
}

func (b *builder) claim(n *load.Node, first map[string]*load.Node) {
	if n == nil || n.Kind != load.String || n.Text == "" {
		return
	}
	other, taken := first[n.Text]
	if !taken {
		first[n.Text] = n
		if !snakeCase.MatchString(strings.ReplaceAll(n.Text, "-", "_")) {
			b.add(n.At(diag.BadValue, fmt.Sprintf("%q is no service type", shorten(n.Text)), "use a-z, 0-9 and _, starting with a letter"))
		}
		return
	}
	line, column := other.File.LineCol(other.Offset)
	b.add(n.At(diag.ServiceTypes, fmt.Sprintf("the service type %q is used twice (first at %s:%d:%d)", n.Text, other.File.Name, line, column), "service types and aliases must differ"))
}

// registry decides what is compiled in: the folders that config.yml lists, in
// the order of their service types.
func (b *builder) registry() []string {
	r := b.in.Registry
	entries := slices.Clone(r.Entries)
	types, folders := map[string]int{}, map[string]int{}
	for _, e := range entries {
		b.twice(e.ServiceType, e.KeyOffset, types)
		folder := strings.TrimPrefix(path.Clean(e.Folder), "./")
		b.twice(folder, e.ValueOffset, folders)
		b.entry(e, folder)
	}
	for _, d := range b.in.Declarations {
		if _, listed := folders["sources/"+d.Dir]; !listed && !b.listsNothing() {
			b.lacks(d)
		}
	}
	slices.SortFunc(entries, func(a, b load.Entry) int { return cmp.Compare(a.ServiceType, b.ServiceType) })
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = path.Base(e.Folder)
	}
	return list
}

// listsNothing reports whether config.yml itself could not be read.
func (b *builder) listsNothing() bool { return b.in.Registry.Unread }

func (b *builder) twice(name string, offset int, first map[string]int) {
	f := b.in.Registry.File
	if at, taken := first[name]; taken {
		line, column := f.LineCol(at)
		b.add(f.At(offset, diag.RegistryTwice, fmt.Sprintf("%q stands twice under sources: (first at %d:%d)", shorten(name), line, column), "remove one"))
		return
	}
	first[name] = offset
}

func (b *builder) entry(e load.Entry, folder string) {
	f := b.in.Registry.File
	dir, below := strings.CutPrefix(folder, "sources/")
	i := slices.IndexFunc(b.in.Declarations, func(d load.Declaration) bool { return below && d.Dir == dir })
	if i < 0 {
		b.add(f.At(e.ValueOffset, diag.RegistryFolder, fmt.Sprintf("%s/schema.json does not exist", shorten(folder)), b.folderHint(folder)))
		return
	}
	declared := b.in.Declarations[i].Root.Get("service_type")
	if declared == nil || declared.Kind != load.String || declared.Text == e.ServiceType {
		return
	}
	line, column := declared.File.LineCol(declared.Offset)
	b.add(f.At(e.KeyOffset, diag.RegistryType, fmt.Sprintf("the service type is %q here and %q at %s:%d:%d", shorten(e.ServiceType), shorten(declared.Text), declared.File.Name, line, column), "make them equal"))
}

func (b *builder) folderHint(folder string) string {
	var known []string
	for _, d := range b.in.Declarations {
		known = append(known, "sources/"+d.Dir)
	}
	if hint := didYouMean(folder, known); hint != "" {
		return hint
	}
	return "remove the line, or make the source: go run ./gen new NAME"
}

func (b *builder) lacks(d load.Declaration) {
	name := d.Root.Str("service_type")
	if name == "" {
		name = d.Dir
	}
	r := b.in.Registry
	hint := fmt.Sprintf("add the line: %s: sources/%s", name, d.Dir)
	message := fmt.Sprintf("sources: does not list sources/%s", d.Dir)
	if r.Offset < 0 {
		b.add(r.File.Whole(diag.RegistryLacks, message, "add sources: and below it "+strings.TrimPrefix(hint, "add ")))
		return
	}
	b.add(r.File.At(r.Offset, diag.RegistryLacks, message, hint))
}

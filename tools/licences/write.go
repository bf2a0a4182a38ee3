package main

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed dependencies.md
var frame embed.FS

// page is docs/dependencies.md.
func page(modules []module) (string, error) {
	text, err := frame.ReadFile("dependencies.md")
	if err != nil {
		return "", err
	}
	var table, allowed strings.Builder
	table.WriteString("| module | licence | linked | reason |\n|---|---|---|---|\n")
	linked := 0
	for _, m := range modules {
		if m.linked() {
			linked++
		}
		if m.reason != "" {
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", m.path, m.licences(), map[bool]string{true: "yes", false: "no"}[m.linked()], strings.ReplaceAll(m.reason, "|", `\|`))
		}
	}
	allowed.WriteString("| licence | asks for |\n|---|---|\n")
	for _, id := range slices.Sorted(maps.Keys(accepted)) {
		fmt.Fprintf(&allowed, "| %s | %s |\n", id, accepted[id])
	}
	return strings.NewReplacer("{{.Table}}", table.String(), "{{.Linked}}", fmt.Sprint(linked), "{{.Allowed}}", allowed.String()).Replace(string(text)), nil
}

const rule = "--------------------------------------------------------------------------------\n"

// notice is NOTICE: the linked modules with their owners, the notices that they
// demand to be repeated, and every licence text once.
func notice(modules []module) string {
	var out strings.Builder
	out.WriteString("Tributary\n\nThis product contains the following modules. Their source is at https://pkg.go.dev\nunder their path and version; the notices that they demand and the texts of their licences\nfollow the list; that of the Apache License 2.0 is in LICENSE.\nMade by tools/licences: do not edit.\n\n")
	modules = slices.DeleteFunc(slices.Clone(modules), func(m module) bool { return !m.linked() })
	for _, m := range modules {
		fmt.Fprintf(&out, "%s %s (%s)\n", m.path, m.version, m.licences())
		for _, t := range m.texts {
			for _, line := range t.copyrights {
				fmt.Fprintf(&out, "    %s\n", line)
			}
		}
	}
	for _, m := range modules {
		for _, text := range m.notices {
			fmt.Fprintf(&out, "\n%sNotice of %s\n\n%s\n", rule, m.path, text)
		}
	}
	for _, g := range together(modules) {
		fmt.Fprintf(&out, "\n%sLicence of %s\n\n%s\n", rule, strings.Join(g.modules, ", "), g.body)
	}
	return out.String()
}

// group is a licence text and the modules that are under it.
type group struct {
	body    string
	modules []string
}

// together finds the texts that differ by their owners alone.
func together(modules []module) []*group {
	var groups []*group
	known := map[string]*group{}
	for _, m := range modules {
		for _, t := range m.texts {
			if slices.Equal(t.ids, []string{"Apache-2.0"}) {
				continue // LICENSE
			}
			body := anonymous(t.body)
			key := strings.ToLower(strings.Join(strings.Fields(body), " "))
			g := known[key]
			if g == nil {
				g = &group{body: body}
				known[key] = g
				groups = append(groups, g)
			}
			if !slices.Contains(g.modules, m.path) {
				g.modules = append(g.modules, m.path)
			}
		}
	}
	return groups
}

// anonymous is a text without the lines that say whose it is.
func anonymous(body string) string {
	owners := copyrights(body)
	var lines []string
	for line := range strings.Lines(body) {
		if !slices.Contains(owners, strings.Trim(line, " \t\r\n#*>/")) {
			lines = append(lines, strings.TrimRight(line, " \t\r\n"))
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// Package pages makes the pages of docs/ that say what the code says.
package pages

import (
	"fmt"
	"io/fs"
	"maps"

	"github.com/tributary-search/tributary/runtime/connector"
)

// made is how every page begins that is made as a whole.
const made = "<!-- Made by make docs from %s; edit that. -->\n\n"

// Part is what stands between two marks of a page that is written by hand.
type Part struct{ File, Name, Text string }

// Folders hold made pages only: a page in them that is not made is left over.
func Folders() []string { return []string{"docs/sources", "docs/cli"} }

// Parts returns the made parts of pages that are written by hand.
func Parts() []Part {
	return []Part{
		{"docs/protocol.md", "connector", connectorStates()},
		{"docs/protocol.md", "job", jobStates()},
	}
}

// All returns the pages that are made as a whole, by their slash path from the
// root. root is the project's folder; kinds are the sources that are compiled
// in.
func All(root fs.FS, kinds []connector.Kind) (map[string]string, error) {
	pages := commandPages(kinds)
	settings, err := settingsPage()
	if err != nil {
		return nil, fmt.Errorf("docs/settings.md: %w", err)
	}
	pages["docs/settings.md"] = settings
	pages["docs/diagnostics.md"] = diagnosticsPage()
	sources, err := sourcePages(root, kinds)
	if err != nil {
		return nil, err
	}
	maps.Copy(pages, sources)
	return pages, nil
}

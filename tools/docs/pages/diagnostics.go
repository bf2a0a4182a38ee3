package pages

import (
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
)

// diagnosticsPage lists the codes of the generator, as `gen explain` says them.
func diagnosticsPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What the generator finds\n\n"+made, "the table in gen/diag")
	b.WriteString("Every problem of a declaration or of config.yml is told with its place, a code and what to do. `go run ./gen explain G203` says the same as this page.\n")
	for _, c := range diag.Codes() {
		fmt.Fprintf(&b, "\n## %s: %s\n\n**Cause.** %s\n\n**Remedy.** %s\n\n", c.ID, escape(c.Title), escape(c.Cause), escape(c.Remedy))
		fmt.Fprintf(&b, "```text\n%s\n```\n", strings.Trim(c.Example, "\n"))
	}
	return b.String()
}

package pages

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func connectorStates() string { return states(protocol.ConnectorTransitions()) }

func jobStates() string { return states(protocol.JobTransitions()) }

// states draws a table of transitions, and lists it.
func states[S ~string](table []protocol.Transition[S]) string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, t := range table {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", cmp.Or(string(t.From), "[*]"), t.To, t.Event)
	}
	for _, status := range final(table) {
		fmt.Fprintf(&b, "    %s --> [*]\n", status)
	}
	b.WriteString("```\n\n| from | what happens | to | who writes it |\n|---|---|---|---|\n")
	for _, t := range table {
		from := "(none)"
		if t.From != "" {
			from = "`" + string(t.From) + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", from, t.Event, t.To, t.Who)
	}
	return b.String()
}

// final are the statuses that nothing leads away from, in the table's order.
func final[S ~string](table []protocol.Transition[S]) []S {
	leads := map[S]bool{}
	for _, t := range table {
		leads[t.From] = true
	}
	var list []S
	for _, t := range table {
		if !leads[t.To] {
			leads[t.To] = true
			list = append(list, t.To)
		}
	}
	return list
}

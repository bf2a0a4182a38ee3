package command

import (
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
)

// explainWidth is how wide the text of a code is printed, beside its label.
const explainWidth = 70

// explain prints what codes mean; without a code it lists all of them.
func explain(args []string, s Streams) int {
	var codes []diag.Code
	for _, id := range args {
		c, ok := diag.Find("G" + strings.TrimLeft(id, "Gg"))
		if !ok {
			fmt.Fprintf(s.Err, "gen: there is no code %q; go run ./gen explain lists all\n", id)
			return ExitFailed
		}
		codes = append(codes, c)
	}
	if len(args) == 0 {
		for _, c := range diag.Codes() {
			fmt.Fprintf(s.Out, "%s  %s\n", c.ID, c.Title)
		}
	}
	for i, c := range codes {
		if i > 0 {
			fmt.Fprintln(s.Out)
		}
		fmt.Fprintf(s.Out, "%s: %s\n\n%s\n%s\nExample\n\n%s\n", c.ID, c.Title, labelled("Cause", c.Cause), labelled("Remedy", c.Remedy), "  "+strings.ReplaceAll(c.Example, "\n", "\n  "))
	}
	return ExitDone
}

// labelled is a label and beside it the text, broken at blanks.
func labelled(label, text string) string {
	var b strings.Builder
	b.WriteString(label + strings.Repeat(" ", len("Remedy  ")-len(label)))
	width := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && width+1+len(word) > explainWidth:
			b.WriteString("\n        ")
			width = 0
		case i > 0:
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += len(word)
	}
	return b.String() + "\n"
}

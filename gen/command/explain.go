package command

import (
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/gen/diag"
)

// explain prints what a code means; without a code it lists all of them.
func explain(args []string, s Streams) int {
	if len(args) == 0 {
		for _, c := range diag.Codes {
			fmt.Fprintf(s.Out, "%s  %s\n", c.ID, c.Title)
		}
		return ExitDone
	}
	for _, id := range args {
		c, ok := diag.Find(strings.ToUpper(id))
		if !ok {
			fmt.Fprintf(s.Err, "gen: there is no code %q; go run ./gen explain lists all\n", id)
			return ExitFailed
		}
		fmt.Fprintf(s.Out, "%s: %s\n\n%s\n\nFor example:\n\n%s\n", c.ID, c.Title, c.Explain, c.Example)
	}
	return ExitDone
}

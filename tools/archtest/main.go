// Command archtest checks that the tree keeps to the design: import
// directions, where goroutines start, what a package may hold, dependencies
// with their reasons. The tables are in house/tables.go.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/tributary-search/tributary/tools/archtest/house"
)

func main() {
	notes := flag.Bool("notes", false, "print what is longer than usual as well")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	report, err := house.Check(os.DirFS(root))
	if err != nil {
		fmt.Fprintln(os.Stderr, "archtest:", err)
		os.Exit(1)
	}
	if *notes {
		for _, n := range report.Notes {
			fmt.Println("note:", n)
		}
	}
	for _, p := range report.Problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if len(report.Problems) > 0 {
		os.Exit(1)
	}
}

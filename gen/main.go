// Command gen turns the declarations of sources into Go. Run it without
// arguments for its verbs.
package main

import (
	"os"
	"runtime/debug"

	"github.com/tributary-search/tributary/gen/command"
)

func main() {
	debug.SetGCPercent(400) // it lives for a moment; what it allocates is small
	os.Exit(command.Run(os.Args[1:], command.Streams{Out: os.Stdout, Err: os.Stderr}))
}

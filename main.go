// Tributary keeps Elasticsearch in sync with other systems.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/sources"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := cli.Program{
		Kinds:  sources.All(),
		Args:   os.Args[1:],
		Env:    os.Environ(),
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
	}.Run(ctx)
	stop()
	os.Exit(code)
}

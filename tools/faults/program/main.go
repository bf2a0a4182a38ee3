// Command program is Tributary with one more source, for trials that kill it,
// stop it and take its memory and disk away.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/sources"
	"github.com/tributary-search/tributary/tools/faults/paper"
)

func main() {
	roomBySignal()
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	context.AfterFunc(ctx, stop)
	code := cli.Program{
		Kinds: append(sources.All(), paper.Kind()), Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}.Run(ctx)
	stop()
	os.Exit(code)
}

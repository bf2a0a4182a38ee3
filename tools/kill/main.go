// Command kill kills the program at random moments of its work and says what
// was lost by it: see package trial.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connectortest"
	directory "github.com/tributary-search/tributary/sources/directory/fixture"
	mysql "github.com/tributary-search/tributary/sources/mysql/fixture"
	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
	"github.com/tributary-search/tributary/tools/kill/trial"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kill:", err)
		os.Exit(1)
	}
}

func run() error {
	o := trial.Options{Out: io.Discard}
	flag.StringVar(&o.Program, "program", "bin/tributary", "the built program")
	flag.IntVar(&o.Kills, "kills", 200, "processes to kill")
	flag.Uint64Var(&o.Seed, "seed", rand.Uint64N(1_000_000), "the dice; chance decides again as it did, processes may not")
	documents := flag.Int("documents", 500, "documents to begin with")
	verbose := flag.Bool("v", false, "say what happens while it does")
	flag.Parse()
	if *verbose {
		o.Out = os.Stdout
	}
	var err error
	if o.Program, err = filepath.Abs(o.Program); err != nil {
		return err
	}
	if o.Dir, err = os.MkdirTemp("", "tributary-kill-"); err != nil {
		return err
	}
	if err := os.Chmod(o.Dir, 0o755); err != nil { // the program may run under another account
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("kill: %d kills, seed %d\n", o.Kills, o.Seed)
	var r trial.Report
	ok := ftest.Bench(ctx, "kill", o.Dir, os.Stdout, func(tb testing.TB) {
		o.Lanes = lanes(tb, *documents)
		r, err = trial.Run(ctx, o)
	})
	tell(r)
	if !ok || err != nil || len(r.Violations) > 0 {
		return errors.Join(err, fmt.Errorf("%d violations; again: go run ./tools/kill -kills %d -seed %d; the dice and all logs are in %s",
			len(r.Violations), o.Kills, o.Seed, o.Dir))
	}
	return os.RemoveAll(o.Dir)
}

// lanes are a system without a server, synced by the service and by the command,
// and a database with incremental syncs.
func lanes(tb testing.TB, documents int) []trial.Lane {
	world := func(f connectortest.Fixture) connectortest.World {
		return f.(connectortest.Functional).World(tb, documents)
	}
	return []trial.Lane{
		{Name: "files", ServiceType: "directory", World: world(directory.New()), TB: tb},
		{Name: "rows", ServiceType: "mysql", World: world(mysql.New()), TB: tb},
		{Name: "command", ServiceType: "directory", World: world(directory.New()), TB: tb, Command: true},
	}
}

func tell(r trial.Report) {
	var kills []string
	for _, name := range slices.Sorted(maps.Keys(r.Kills)) {
		kills = append(kills, fmt.Sprintf("%s %d", name, r.Kills[name]))
	}
	fmt.Printf("killed    %d: %s\n", r.Total(), strings.Join(kills, ", "))
	fmt.Printf("compared  %d syncs, %d ids with their contents, in %s\n", r.Syncs, r.Compared, r.Took.Round(time.Second))
	fmt.Printf("found     lost %d, stale %d, wrongly deleted %d, counters wrong %d\n", r.Lost, r.Stale, r.Deleted, r.Counters)
	for _, v := range r.Violations {
		fmt.Println("VIOLATION", v)
	}
}

// Command storm runs the service in a storm and says whether it held: see
// package trial.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tributary-search/tributary/tools/storm/trial"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

func run() error {
	o := trial.Options{}
	flag.StringVar(&o.Program, "program", "bin/tributary", "the built program")
	flag.IntVar(&o.Jobs, "jobs", 200, "jobs that users make")
	flag.IntVar(&o.Replicas, "replicas", 4, "replicas of the service")
	flag.DurationVar(&o.Lease, "lease", 3*time.Second, "the service's lease")
	flag.Uint64Var(&o.Seed, "seed", rand.Uint64N(1_000_000), "the dice; chance decides again as it did, processes may not")
	verbose := flag.Bool("v", false, "say what happens while it does")
	flag.Parse()
	if *verbose {
		o.Out = os.Stdout
	}
	var err error
	if o.Program, err = filepath.Abs(o.Program); err != nil {
		return err
	}
	if o.Dir, err = os.MkdirTemp("", "tributary-storm-"); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Printf("storm: %d jobs, %d replicas, seed %d\n", o.Jobs, o.Replicas, o.Seed)
	r, err := trial.Run(ctx, o)
	tell(r)
	if err != nil || len(r.Violations) > 0 {
		return errors.Join(err, fmt.Errorf("%d violations; again: go run ./tools/storm -jobs %d -seed %d; the logs are in %s",
			len(r.Violations), o.Jobs, o.Seed, o.Dir))
	}
	return os.RemoveAll(o.Dir)
}

func tell(r trial.Report) {
	fmt.Printf("weather   %s\n", list(r.Weather))
	fmt.Printf("jobs      %s\n", list(r.Jobs))
	fmt.Printf("log       %d writes, %d documents, %d claims taken over, %s\n", r.Writes, r.Documents, r.Takeovers, r.Took.Round(time.Second))
	for _, v := range r.Violations {
		fmt.Println("VIOLATION", v)
	}
}

func list(counts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(words, ", ")
}

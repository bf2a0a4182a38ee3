// Command world keeps the test system of a source for the bench: its drivers
// are not to count as memory of what is measured.
//
//	world mysql 12000
//
// It prints the configuration that reads the system, changes documents for each
// line of its input, "SEED UPDATES DELETES ADDED", prints "done" when the
// system has them, and ends with its input.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/tributary-search/tributary/runtime/connectortest"
	mongodb "github.com/tributary-search/tributary/sources/mongodb/fixture"
	mysql "github.com/tributary-search/tributary/sources/mysql/fixture"
	postgresql "github.com/tributary-search/tributary/sources/postgresql/fixture"
	"github.com/tributary-search/tributary/tools/ftest/trial"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "world:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: world SOURCE DOCUMENTS")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	fixtures := map[string]connectortest.Fixture{"mysql": mysql.New(), "postgresql": postgresql.New(), "mongodb": mongodb.New()}
	functional, ok := fixtures[args[0]].(connectortest.Functional)
	if !ok {
		return fmt.Errorf("no source %q", args[0])
	}
	dir, err := os.MkdirTemp("", "bench-world-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if ok := trial.Bench(context.Background(), args[0], dir, os.Stderr, func(t testing.TB) {
		err = keep(t.Context(), functional.World(t, n))
	}); !ok && err == nil {
		err = errors.New("the fixture failed")
	}
	return err
}

// keep changes the world as the input says.
func keep(ctx context.Context, w connectortest.World) error {
	writer, ok := w.(connectortest.Writer)
	if !ok {
		return fmt.Errorf("%T is no connectortest.Writer", w)
	}
	fmt.Printf("%s\n", w.Config())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var c connectortest.Changes
		if _, err := fmt.Sscan(lines.Text(), &c.Seed, &c.Updates, &c.Deletes, &c.Added); err != nil {
			return err
		}
		if err := writer.Write(ctx, c); err != nil {
			return err
		}
		fmt.Println("done")
	}
	return nil
}

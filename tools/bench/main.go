// Command bench measures speed and memory and prints them beside their targets.
//
// What is measured runs in a process of its own; CPU is its user and system
// time, memory its peak resident set. Rivals run in turns with it. A run whose
// documents did not all arrive has no figure. It needs Linux.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bench is one run of the program.
type bench struct {
	runs  int    // turns; the median counts
	scale int    // divides the numbers of documents
	root  string // the repository
	dir   string // for what is written on the way
	self  string // this program
	child string // the product's program
}

// group is rows that are measured together.
type group struct {
	name    string
	measure func(*bench) ([]row, error)
}

func groups() []group {
	return []group{
		{"writer", (*bench).writer},
		{"rules", (*bench).rules},
		{"memory", (*bench).memory},
		{"directory", (*bench).directory},
		{"mysql", (*bench).mysql},
		{"postgresql", (*bench).postgresql},
		{"mongodb", (*bench).mongodb},
		{"changes", (*bench).changes},
		{"embedded", (*bench).embedded},
		{"start", (*bench).soon},
		{"idle", (*bench).idle},
		{"replicas", (*bench).share},
		{"run", (*bench).firstRun},
		{"gen", (*bench).generator},
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	role := os.Getenv(roleVariable)
	if role == roleTributary {
		os.Exit(tributary())
	}
	if role != "" {
		answer, err := play(role, os.Args[1:])
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(answer)
	}
	only := flag.String("only", "", "groups to measure, with commas: "+strings.Join(names(), ", "))
	quick := flag.Bool("quick", false, "a tenth of the documents, one turn: figures are rough")
	b := &bench{scale: 1}
	flag.IntVar(&b.runs, "runs", 5, "turns of each measurement; the median counts")
	flag.Parse()
	if *quick {
		b.scale, b.runs = 10, 1
	}
	if err := b.prepare(); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	return b.measure(*only)
}

func names() (list []string) {
	for _, g := range groups() {
		list = append(list, g.name)
	}
	return list
}

// prepare finds the repository and the program to measure, which `make bench`
// builds.
func (b *bench) prepare() (err error) {
	if b.root, err = filepath.Abs("../.."); err != nil {
		return err
	}
	b.child = filepath.Join(b.root, "bin", "tributary")
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	b.dir, err = os.MkdirTemp("", "tributary-bench-")
	return err
}

// measure prints each group's rows when they are known, and fails at the end
// if one of them could not be measured.
func (b *bench) measure(only string) error {
	wanted := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, name := range wanted {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("-only %s: must be of %s", name, strings.Join(names(), ", "))
		}
	}
	var failed []string
	printHead()
	for _, g := range groups() {
		if len(wanted) > 0 && !slices.Contains(wanted, g.name) {
			continue
		}
		rows, err := g.measure(b)
		for _, r := range rows {
			r.print()
		}
		if err != nil {
			fmt.Printf("  %s: not measured: %v\n", g.name, err)
			failed = append(failed, g.name)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("not measured: %s", strings.Join(failed, ", "))
	}
	return nil
}

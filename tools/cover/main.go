// Command cover prints the share of statements that tests ran, for each
// package and each source, of profiles that go test -coverprofile and the
// functional test wrote; and the lines that are missing where a source has too
// little.
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// least is the share of a source, in percent, below which lines are named.
const least = 90

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cover:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("cover", flag.ContinueOnError)
	source := flags.String("source", "", "only this source")
	gate := flags.Bool("gate", false, "fail when a source has too little")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return fmt.Errorf("usage: cover [-gate] [-source NAME] PROFILE...")
	}
	p := profile{}
	for _, name := range flags.Args() {
		if err := p.readFile(name); err != nil {
			return err
		}
	}
	shares := p.shares()
	if *source == "" {
		list(out, shares)
	}
	poor := p.sources(out, shares, *source)
	if *source != "" && shares["sources/"+*source].all == 0 {
		return fmt.Errorf("the profiles name no statement of source %q", *source)
	}
	if *gate && len(poor) > 0 {
		return fmt.Errorf("the tests of %s run less than %d %% of its statements: test the lines above, in its own tests or in make ftest, or take out what nobody needs",
			strings.Join(poor, ", "), least)
	}
	return nil
}

// share is how many statements there are and how many ran.
type share struct{ ran, all int }

func (s share) percent() float64 { return 100 * float64(s.ran) / float64(s.all) }

func (s share) String() string {
	if s.all == 0 {
		return "     -"
	}
	return fmt.Sprintf("%5.1f%%", s.percent())
}

// shares adds up the blocks by package, and those of a source as one.
func (p profile) shares() map[string]share {
	shares := map[string]share{}
	for _, b := range p {
		pkg := path.Dir(b.file)
		if source := sourceOf(b.file); source != "" {
			pkg = source
		}
		s := shares[pkg]
		s.all += b.statements
		if b.ran {
			s.ran += b.statements
		}
		shares[pkg] = s
	}
	return shares
}

// sourceOf is the folder of the source that a file belongs to; what sources
// share belongs to none.
func sourceOf(file string) string {
	rest, ok := strings.CutPrefix(file, "sources/")
	name, _, below := strings.Cut(rest, "/")
	if !ok || !below || name == "internal" {
		return ""
	}
	return "sources/" + name
}

func isSource(pkg string) bool { return sourceOf(pkg+"/") != "" }

// list writes one line a package.
func list(out io.Writer, shares map[string]share) {
	var total share
	fmt.Fprintln(out, "coverage by package")
	for _, pkg := range slices.Sorted(maps.Keys(shares)) {
		total.all += shares[pkg].all
		total.ran += shares[pkg].ran
		if !isSource(pkg) {
			fmt.Fprintf(out, "  %s  %s\n", shares[pkg], pkg)
		}
	}
	fmt.Fprintf(out, "  %s  in all\n", total)
}

// sources writes one line a source, and what is missing where that is too much;
// it returns the sources of which too much is missing.
func (p profile) sources(out io.Writer, shares map[string]share, only string) (poor []string) {
	fmt.Fprintln(out, "coverage by source")
	for _, pkg := range slices.Sorted(maps.Keys(shares)) {
		name := strings.TrimPrefix(pkg, "sources/")
		if !isSource(pkg) || only != "" && name != only {
			continue
		}
		fmt.Fprintf(out, "  %s  %s\n", shares[pkg], name)
		if shares[pkg].percent() < least {
			p.missing(out, pkg)
			poor = append(poor, name)
		}
	}
	return poor
}

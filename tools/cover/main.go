// Command cover prints the share of statements that tests ran, for each
// package and each source, of a profile that go test -coverprofile wrote.
package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/tributary-search/tributary/"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cover:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: cover PROFILE")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	shares, err := read(f)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	print(out, shares)
	return nil
}

// share is how many statements there are and how many ran.
type share struct{ ran, all int }

func (s share) String() string {
	if s.all == 0 {
		return "     -"
	}
	return fmt.Sprintf("%5.1f%%", 100*float64(s.ran)/float64(s.all))
}

// read adds up the blocks of a profile by package. A block may occur more than
// once, for each test binary that holds it; it ran if it ran in one of them.
// Generated files are left out: they are covered by what generates them.
func read(profile io.Reader) (map[string]share, error) {
	type block struct {
		statements int
		ran        bool
	}
	blocks := map[string]block{}
	lines := bufio.NewScanner(profile)
	for lines.Scan() {
		place, numbers, ok := strings.Cut(lines.Text(), " ")
		if !ok || place == "mode:" || strings.Contains(place, "_gen.go:") {
			continue
		}
		statements, count, _ := strings.Cut(numbers, " ")
		n, err := strconv.Atoi(statements)
		if err != nil {
			return nil, fmt.Errorf("not a line of a profile: %q", lines.Text())
		}
		blocks[place] = block{statements: n, ran: blocks[place].ran || count != "0"}
	}
	shares := map[string]share{}
	for place, b := range blocks {
		file, _, _ := strings.Cut(place, ":")
		pkg := strings.TrimPrefix(path.Dir(file), module)
		s := shares[pkg]
		s.all += b.statements
		if b.ran {
			s.ran += b.statements
		}
		shares[pkg] = s
	}
	return shares, lines.Err()
}

// print writes one line a package, the sources last and under their own head.
func print(out io.Writer, shares map[string]share) {
	var total share
	var packages, sources []string
	for _, pkg := range slices.Sorted(maps.Keys(shares)) {
		total.all += shares[pkg].all
		total.ran += shares[pkg].ran
		if strings.HasPrefix(pkg, "sources/") {
			sources = append(sources, pkg)
		} else {
			packages = append(packages, pkg)
		}
	}
	list := func(head string, names []string) {
		_, _ = fmt.Fprintf(out, "%s\n", head)
		for _, pkg := range names {
			_, _ = fmt.Fprintf(out, "  %s  %s\n", shares[pkg], strings.TrimPrefix(pkg, "sources/"))
		}
	}
	list("coverage by package", packages)
	list("coverage by source", sources)
	_, _ = fmt.Fprintf(out, "  %s  in all\n", total)
}

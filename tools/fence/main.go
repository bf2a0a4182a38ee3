// Command fence judges a patch: one that changes a source touches nothing of
// the framework but what is made from sources. It compares --base with the work
// tree, committed or not, or with --head; with --each it judges commit by commit.
// Without --base it begins where the branch left origin/main, or at HEAD where
// there is no origin/main.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], ".", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fence:", err)
		os.Exit(1)
	}
}

// run judges the repository that dir is in.
func run(args []string, dir string, out io.Writer) error {
	flags := flag.NewFlagSet("fence", flag.ContinueOnError)
	flags.SetOutput(out)
	base := flags.String("base", "", "revision that the patch is made for (default: where this branch left "+upstream+", if there is one, else HEAD)")
	head := flags.String("head", "", "revision with the patch (default: the work tree)")
	each := flags.Bool("each", false, "judge commit by commit, and the work tree last")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errors.New("usage: fence [--base REV] [--head REV] [--each]; such as --base main")
	}
	repo := repository(dir)
	if *base == "" {
		*base = repo.base()
	}
	patches, err := repo.patches(*base, *head, *each)
	if err != nil {
		return err
	}
	var rejected []error
	for _, p := range patches {
		if err := p.judge(); err != nil {
			rejected = append(rejected, err)
		}
	}
	if len(rejected) > 0 {
		return errors.Join(append(rejected, errors.New(remedy))...)
	}
	patches = slices.DeleteFunc(patches, func(p patch) bool { return len(p.files) == 0 })
	fmt.Fprintf(out, "patches since %s: %d; none changes both a source and the framework\n", *base, len(patches))
	return nil
}

const remedy = "A change of the framework and a change of a source never share a patch. Commit the framework's part first, in a patch of\n" +
	"its own that keeps every source green (git add FILES && git commit), then judge again: go run ./tools/fence --each"

// rejection is a patch that touches both sides of the fence.
type rejection struct {
	patch   string
	sources []string
	outside []string
}

func (r *rejection) Error() string {
	files := "files do"
	if len(r.outside) == 1 {
		files = "file does"
	}
	return fmt.Sprintf("%s changes %s; %d %s not belong to it:\n  %s",
		r.patch, strings.Join(r.sources, ", "), len(r.outside), files, strings.Join(r.outside, "\n  "))
}

// Package command holds the verbs of the generator.
package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tributary-search/tributary/gen/diag"
)

// The exit codes.
const (
	ExitDone     = 0
	ExitProblems = 1 // the declarations have problems
	ExitFailed   = 2 // the generator failed, or was called wrongly
	ExitDrift    = 3 // check: generated files are not what they should be
)

// Streams is where the verbs write: Out is the answer, Err is for people.
type Streams struct{ Out, Err io.Writer }

const usage = `gen turns sources/*/schema.json into Go.

  go run ./gen generate       write the generated files
  go run ./gen check          compare them with the disk; changes nothing
  go run ./gen new NAME       make a new source; --template http (the default),
                              database or files
  go run ./gen compat --base DIR
                              find edits that break stored configurations: DIR
                              holds the sources/ that were released
  go run ./gen explain CODE   say more about a code such as G203; without CODE list all

  --json    problems as JSON (generate, check, compat)
  --root    the folder that holds go.mod (default: found from here upwards)

Exit codes: 0 done, 1 problems in declarations or breaks, 2 the generator failed, 3 generated files differ.
`

// options are the flags of all verbs.
type options struct {
	json bool
	root string
	base string
	kind string
}

// Run carries out one verb and returns the exit code.
func Run(args []string, s Streams) int {
	var o options
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.json, "json", false, "")
	flags.StringVar(&o.root, "root", "", "")
	flags.StringVar(&o.base, "base", "", "")
	flags.StringVar(&o.kind, "template", "", "")
	words, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) || err == nil && (len(words) == 0 || words[0] == "help") {
		fmt.Fprint(s.Out, usage)
		return ExitDone
	}
	if err != nil {
		return misuse(s, err.Error())
	}
	return o.verb(words[0], words[1:], s)
}

func (o options) verb(verb string, args []string, s Streams) int {
	if verb == "explain" {
		return explain(args, s)
	}
	root, err := o.findRoot()
	if err != nil {
		return misuse(s, err.Error())
	}
	switch {
	case verb != "compat" && o.base != "":
		return misuse(s, "--base belongs to compat")
	case verb != "new" && o.kind != "":
		return misuse(s, "--template belongs to new")
	case verb == "generate" && len(args) == 0:
		return generateVerb(root, o.json, s)
	case verb == "check" && len(args) == 0:
		return checkVerb(root, o.json, s)
	case verb == "compat" && len(args) == 0:
		return compatVerb(root, o.base, o.json, s)
	case verb == "new" && len(args) == 1:
		return newVerb(root, args[0], o.kind, s)
	case verb == "new":
		return misuse(s, "new needs one name, such as: go run ./gen new weather")
	case verb == "generate" || verb == "check" || verb == "compat":
		return misuse(s, verb+" takes no arguments")
	}
	return misuse(s, fmt.Sprintf("unknown verb %q", verb))
}

// parse reads flags before, between and after words.
func parse(flags *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words = append(words, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func misuse(s Streams, message string) int {
	fmt.Fprintf(s.Err, "gen: %s\n\n%s", message, usage)
	return ExitFailed
}

func failed(s Streams, err error) int {
	fmt.Fprintf(s.Err, "gen: %v\n", err)
	return ExitFailed
}

// findRoot returns the folder that holds go.mod, from here upwards.
func (o options) findRoot() (string, error) {
	dir := o.root
	if dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			return "", fmt.Errorf("--root: %w", err)
		}
		return dir, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("there is no go.mod here or above; use --root")
		}
		dir = parent
	}
}

// print writes problems in the wanted form and their number.
func print(s Streams, problems diag.List, asJSON bool, last string) {
	if asJSON {
		_ = problems.WriteJSON(s.Out)
		return
	}
	_ = problems.WriteText(s.Err)
	fmt.Fprintf(s.Err, "%s; %s\n", number(len(problems), "problem"), last)
}

func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/schema"
)

// Command is a command as the documentation shows it.
type Command struct {
	Path        string // the words that lead to it, such as "tributary job start"
	Usage       string // the line of its usage
	Short, Long string
	Example     string
	Flags       string   // its own flags, one a line, as --help shows them
	Global      string   // those of every command
	Parent      string   // the path of the command above it; empty for the root
	Below       []string // paths of the commands below it
}

// Reference returns every command, the root first, parents before children.
func (p Program) Reference() []Command {
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), io.Discard, io.Discard
	var list []Command
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		list = append(list, described(cmd))
		for _, sub := range cmd.Commands() {
			add(sub)
		}
	}
	add(newApp(p).root())
	return list
}

func described(cmd *cobra.Command) Command {
	c := Command{
		Path: cmd.CommandPath(), Usage: cmd.UseLine(), Short: cmd.Short, Long: cmd.Long, Example: cmd.Example,
		Flags: cmd.LocalNonPersistentFlags().FlagUsages(), Global: cmd.Root().PersistentFlags().FlagUsages(),
	}
	if cmd.HasParent() {
		c.Parent = cmd.Parent().CommandPath()
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			c.Below = append(c.Below, sub.CommandPath())
		}
	}
	return c
}

// Check reports what is wrong with the words of p.Args, without running them:
// whether there is such a command, with these flags and as many words, and
// whether a source that they name has the fields that key=value words set.
// Values are not looked at.
func (p Program) Check() error {
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), io.Discard, io.Discard
	a := newApp(p)
	cmd, words, err := a.root().Find(p.Args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(words); err != nil {
		return fmt.Errorf("%s: %w", cmd.CommandPath(), err)
	}
	words = cmd.Flags().Args()
	if cmd.HasSubCommands() && len(words) > 0 && words[0] != "help" {
		return unknownCommand(cmd, words[0])
	}
	if err := cmd.ValidateArgs(words); err != nil {
		return err
	}
	use := strings.Fields(cmd.Use)
	if len(use) < 2 || !strings.Contains(use[1], "SOURCE") || len(words) == 0 {
		return nil
	}
	return a.checkFields(words, use[1] == "SOURCE")
}

// checkFields looks for the fields of a source that key=value words set. Where
// something else may be named, a name that is no source's is let pass.
func (a *app) checkFields(words []string, must bool) error {
	kind, err := a.kind(words[0])
	if err != nil {
		if must {
			return err
		}
		return nil
	}
	fields, err := richFields(kind)
	if err != nil {
		return err
	}
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, word := range words[1:] {
		key, _, ok := strings.Cut(word, "=")
		if !ok {
			return usagef("%q is no configuration: it must be key=value", word)
		}
		if !slices.Contains(names, key) {
			return usagef("%s has no field %q%s", kind.ServiceType, key,
				cmp.Or(schema.DidYouMean(key, names), "; tributary sources "+kind.ServiceType+" lists them"))
		}
	}
	return nil
}

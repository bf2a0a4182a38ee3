package doctest

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/cli"
)

// Command is a command of Tributary in a document.
type Command struct {
	File  string
	Line  int
	Words []string // without the program's name
}

// shell judges every command of a block.
func (c *checker) shell(file string, b piece) {
	for _, l := range lines(b.text) {
		c.command(file, b.line+l.line, l.words, true)
	}
}

// ours begins a span that is a command.
var ours = regexp.MustCompile("`((?:bin/)?tributary|make|go run|go test) [^`]+`")

// placeholder is what a reader puts in.
var placeholder = regexp.MustCompile(`<[^<>]*>`)

// spans judges the commands in the lines of a page.
func (c *checker) spans(file string) {
	for _, p := range c.pages[file].prose {
		for _, text := range ours.FindAllString(p.text, -1) {
			for _, words := range split(placeholder.ReplaceAllString(strings.Trim(text, "`"), "…")) {
				c.command(file, p.line, words, false)
			}
		}
	}
}

// command judges one. In prose a command may be named without all of its words.
func (c *checker) command(file string, line int, words []string, whole bool) {
	if _, listed := elsewhere(file, words); listed {
		return
	}
	program, args := words[0], words[1:]
	switch {
	case program == "make":
		c.target(file, line, args)
	case path.Base(program) == "tributary":
		c.tributary(file, line, args, whole)
	case program == "go" && len(args) > 1 && args[0] == "run" && args[1] == ".":
		c.tributary(file, line, args[2:], whole)
	case program == "go" && len(args) > 0:
		c.goTool(file, line, args)
	case strings.Contains(program, "/"):
		if _, err := fs.Stat(c.tree, program); err != nil {
			c.add(file, line, "there is no %s; mend the path", program)
		}
	default:
		c.add(file, line, "%q is no command that can be checked; mend it, or list it with the reason in tools/docs/doctest/elsewhere.go", strings.Join(words, " "))
	}
}

// target looks for targets and variables in the Makefile.
func (c *checker) target(file string, line int, args []string) {
	for _, word := range args {
		if name, _, ok := strings.Cut(word, "="); ok {
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(c.makefile) {
				c.add(file, line, "the Makefile knows no variable %s; make lists the targets with theirs", name)
			}
			continue
		}
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(word) + `:`).MatchString(c.makefile) {
			c.add(file, line, "the Makefile has no target %s; make lists them", word)
		}
	}
}

// tributary asks the command line itself. Of a word like list|show each part is
// asked for.
func (c *checker) tributary(file string, line int, args []string, whole bool) {
	for i, word := range args {
		if !whole && strings.Contains(word, "|") {
			for one := range strings.SplitSeq(word, "|") {
				c.tributary(file, line, slices.Concat(args[:i], []string{one}, args[i+1:]), whole)
			}
			return
		}
	}
	err := cli.Program{Kinds: c.kinds, Args: args}.Check()
	if err != nil && !whole && strings.Contains(err.Error(), "missing") {
		err = nil // the command is named, not written out
	}
	if err != nil {
		c.add(file, line, "tributary %s: %v", strings.Join(args, " "), err)
		return
	}
	c.commands = append(c.commands, Command{file, line, args})
}

// goTool looks for the packages that the go command is given, and for the
// flags and verbs of those that it runs.
func (c *checker) goTool(file string, line int, args []string) {
	for i, word := range args[1:] {
		if !strings.HasPrefix(word, "./") {
			continue
		}
		dir := strings.TrimSuffix(strings.TrimSuffix(path.Clean(word), "..."), "/")
		if _, err := fs.Stat(c.tree, path.Clean("./"+dir)); err != nil {
			c.add(file, line, "there is no package %s; mend the path", word)
			return
		}
		if args[0] == "run" {
			c.flags(file, line, dir, args[i+2:])
			return
		}
	}
}

var flagName = regexp.MustCompile(`^--?([a-z][a-z-]*)`)

// flags looks for a program's flags, and for a generator's verb, in its code.
func (c *checker) flags(file string, line int, dir string, args []string) {
	var code strings.Builder
	for _, folder := range []string{dir, dir + "/command"} {
		entries, _ := fs.ReadDir(c.tree, folder)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
				text, _ := fs.ReadFile(c.tree, folder+"/"+e.Name())
				code.Write(text)
			}
		}
	}
	var names []string
	if dir == "gen" && len(args) > 0 {
		names = append(names, args[0])
	}
	for _, word := range args {
		if m := flagName.FindStringSubmatch(word); m != nil {
			names = append(names, m[1])
		}
	}
	for _, name := range slices.Compact(names) {
		if !strings.Contains(code.String(), `"`+name+`"`) {
			c.add(file, line, "./%s knows no %q; go run ./%s --help says what it knows", dir, name, dir)
		}
	}
}

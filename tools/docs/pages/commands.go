package pages

import (
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/connector"
)

// commandPages are a page for each command, in docs/cli.
func commandPages(kinds []connector.Kind) map[string]string {
	commands := cli.Program{Kinds: kinds}.Reference()
	short := map[string]string{}
	for _, c := range commands {
		short[c.Path] = c.Short
	}
	pages := map[string]string{}
	for _, c := range commands {
		pages["docs/cli/"+pageOf(c.Path)] = commandPage(c, short)
	}
	return pages
}

// pageOf is the file of a command's page.
func pageOf(path string) string { return strings.ReplaceAll(path, " ", "_") + ".md" }

func commandPage(c cli.Command, short map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n"+made, c.Path, "runtime/cli")
	b.WriteString(escape(c.Short) + ".\n\n")
	block(&b, "text", c.Usage)
	if c.Long != "" {
		block(&b, "text", c.Long)
	}
	if c.Example != "" {
		b.WriteString("## Examples\n\n")
		block(&b, "sh", outdent(c.Example))
	}
	if len(c.Below) > 0 {
		b.WriteString("## Commands\n\n| command | what it does |\n|---|---|\n")
		for _, path := range c.Below {
			fmt.Fprintf(&b, "| [%s](%s) | %s |\n", path, pageOf(path), escape(short[path]))
		}
		b.WriteString("\n")
	}
	if c.Parent == "" {
		b.WriteString("## Flags of every command\n\n")
		block(&b, "text", outdent(c.Global))
	} else {
		if c.Flags != "" {
			b.WriteString("## Flags\n\n")
			block(&b, "text", outdent(c.Flags))
		}
		fmt.Fprintf(&b, "Besides: the [flags of every command](tributary.md#flags-of-every-command). Above: [%s](%s).\n", c.Parent, pageOf(c.Parent))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func block(b *strings.Builder, language, text string) {
	fmt.Fprintf(b, "```%s\n%s\n```\n\n", language, strings.Trim(text, "\n"))
}

// outdent takes away the blanks that all lines begin with.
func outdent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	least := len(text)
	for _, line := range lines {
		if rest := strings.TrimLeft(line, " "); rest != "" {
			least = min(least, len(line)-len(rest))
		}
	}
	for i, line := range lines {
		lines[i] = line[min(least, len(line)):]
	}
	return strings.Join(lines, "\n")
}

// escape makes a text safe in a table and in a line.
func escape(s string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", ">", "&gt;", "*", "\\*", "\n", " ").Replace(s)
}

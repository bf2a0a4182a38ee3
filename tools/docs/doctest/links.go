package doctest

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
)

var (
	link = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	span = regexp.MustCompile("`[^`]+`")
)

// links looks at every link that leads to the tree itself.
func (c *checker) links(file string) {
	for _, p := range c.pages[file].prose {
		for _, m := range link.FindAllStringSubmatch(span.ReplaceAllString(p.text, ""), -1) {
			c.link(file, p.line, m[1])
		}
	}
}

func (c *checker) link(file string, line int, target string) {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return
	}
	name, anchor, _ := strings.Cut(target, "#")
	to := file
	if name != "" {
		to = path.Join(path.Dir(file), name)
	}
	if _, err := fs.Stat(c.tree, to); err != nil {
		c.add(file, line, "the link %s leads to no file; mend its path", target)
		return
	}
	if page, ok := c.pages[to]; anchor != "" && ok && !page.anchors[anchor] {
		c.add(file, line, "the link %s leads to no heading of %s; mend what follows #", target, to)
	}
}

package house

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// floating are ways to take whatever version there is today.
var floating = []*regexp.Regexp{
	regexp.MustCompile(`\bgo (run|install|get) \S+@(latest|main|master|HEAD|upgrade)\b`),
	regexp.MustCompile(`\bgo (run|install) [a-z0-9-]+\.[a-z]+/[^@\s]+(\s|$)`),
	regexp.MustCompile(`\bpip3?"? install\b[^=]*$`),
	regexp.MustCompile(`\bnpm (install|i)( -\S+)* [a-z][^@\s]*$`),
	regexp.MustCompile(`\bnpx\b[^@]*$`),
	regexp.MustCompile(`^FROM\b.*:latest\b`),
}

// from is the line of a Dockerfile that names an image.
var from = regexp.MustCompile(`^FROM( --\S+)* (\S+)( AS (\S+))?`)

// pinned checks that scripts, workflows and images name exact versions of what
// they fetch.
func (c *checker) pinned() error {
	return fs.WalkDir(c.tree.root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && quiet(name):
			return fs.SkipDir
		case d.IsDir() || !isScript(name):
			return nil
		}
		text, err := fs.ReadFile(c.tree.root, name)
		if err != nil {
			return err
		}
		c.script(name, string(text))
		return nil
	})
}

// quiet reports whether nothing of a folder is run here.
func quiet(dir string) bool {
	base := path.Base(dir)
	hidden := strings.HasPrefix(base, ".") && !slices.Contains([]string{".", ".ci", ".github"}, dir)
	return hidden || base == "testdata" || base == "node_modules"
}

func isScript(name string) bool {
	base := path.Base(name)
	return base == "Makefile" || base == "Dockerfile" || name == ".ci/run" ||
		slices.Contains([]string{".sh", ".yml", ".yaml"}, path.Ext(name))
}

func (c *checker) script(name, text string) {
	stages := []string{"scratch"}
	line := 0
	for code := range strings.Lines(text) {
		line++
		code = strings.TrimRight(code, "\r\n")
		if strings.HasPrefix(strings.TrimSpace(code), "#") {
			continue
		}
		loose := slices.ContainsFunc(floating, func(r *regexp.Regexp) bool { return r.MatchString(code) })
		if m := from.FindStringSubmatch(code); m != nil {
			loose = loose || !slices.Contains(stages, m[2]) && !strings.ContainsAny(m[2], ":@$")
			stages = append(stages, m[4])
		}
		if loose {
			c.addFile(name, line, "pinned", "it takes whatever version there is today: name an exact one, as in tool@v1.2.3")
		}
	}
}

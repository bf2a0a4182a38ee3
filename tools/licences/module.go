package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/tools/archtest/house"
)

// module is one that the program, its tests or its tools are built with.
type module struct {
	path, version string
	dir           string          // where its files are
	packages      map[string]bool // folders of linked packages; empty: none is linked
	reason        string          // empty: it is no direct requirement
	texts         []text          // its licences
	notices       []string        // what it demands to be repeated
}

func (m module) linked() bool { return len(m.packages) > 0 }

// systems are those that the program is released for. Which modules are linked
// does not depend on the processor.
var systems = []string{"linux", "darwin", "windows"}

// modulesOf lists the linked modules and the direct requirements, by path.
func modulesOf(root string) ([]module, error) {
	modules := map[string]*module{}
	for _, system := range systems {
		if err := linked(root, system, modules); err != nil {
			return nil, err
		}
	}
	_, required, err := house.Requirements(os.DirFS(root))
	if err != nil {
		return nil, err
	}
	var others []string
	for _, r := range required {
		switch m := modules[r.Path]; {
		case r.Indirect:
		case m != nil:
			m.reason = r.Reason
		default:
			others = append(others, r.Path)
			modules[r.Path] = &module{path: r.Path, reason: r.Reason}
		}
	}
	if err := places(root, others, modules); err != nil {
		return nil, err
	}
	list := make([]module, 0, len(modules))
	for _, m := range modules {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b module) int { return cmp.Compare(a.path, b.path) })
	return list, nil
}

// linked adds the modules of the packages that are linked for a system.
func linked(root, system string, modules map[string]*module) error {
	lines, err := list(root, system, "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", ".")
	if err != nil {
		return err
	}
	for _, line := range lines {
		m := modules[line[0]]
		if m == nil {
			m = &module{path: line[0], version: line[1], dir: line[2], packages: map[string]bool{}}
			modules[m.path] = m
		}
		m.packages[line[3]] = true
	}
	return nil
}

// places fills in where modules are of which no package is linked.
func places(root string, paths []string, modules map[string]*module) error {
	if len(paths) == 0 {
		return nil
	}
	lines, err := list(root, "", append([]string{"-m", "-f", "{{.Path}}\t{{.Version}}\t{{.Dir}}"}, paths...)...)
	if err != nil {
		return err
	}
	for _, line := range lines {
		modules[line[0]].version, modules[line[0]].dir = line[1], line[2]
	}
	for _, m := range modules {
		if m.dir == "" {
			return fmt.Errorf("%s is not in the module cache; run go mod download %s", m.path, m.path)
		}
	}
	return nil
}

// list runs go list for a system, and cuts its lines at tabs.
func list(root, system string, args ...string) ([][]string, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if system != "" {
		cmd.Env = append(cmd.Env, "GOOS="+system, "GOARCH=amd64")
	}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("go list: %s", strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var lines [][]string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			lines = append(lines, strings.Split(line, "\t"))
		}
	}
	return lines, nil
}

// folders are those of a module whose licences matter: its root, and what lies
// on the way to packages that are linked.
func (m module) folders() []string {
	folders := map[string]bool{m.dir: true}
	for dir := range m.packages {
		for len(dir) > len(m.dir) {
			folders[dir] = true
			dir = dir[:strings.LastIndexAny(dir, `/\`)]
		}
	}
	return slices.Sorted(maps.Keys(folders))
}

package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Input is where settings come from, weakest first.
type Input struct {
	// File is the configuration file; empty when there is none. It must exist.
	File string
	// Env is the environment as os.Environ returns it.
	Env []string
	// Flags are settings from the command line.
	Flags []Flag
}

// Flag is a setting that the command line gives.
type Flag struct {
	Name       string // as the user wrote it, such as --data
	Key, Value string
}

// Load returns the settings and the warnings about them. The error is
// [Problems] unless the file can't be read at all.
func Load(in Input) (Settings, Problems, error) {
	s := Default()
	l := newLoader(&s, in)
	if in.File != "" {
		root, err := readFile(in.File)
		if err != nil {
			return s, nil, err
		}
		if root != nil && l.checkPlain(root) {
			l.walk("", root)
		}
		l.checkMode()
	}
	l.environment()
	l.flags(in.Flags)
	l.checkCredentials()
	l.checkService()
	if len(l.bad) > 0 {
		return s, l.warnings, l.bad
	}
	return s, l.warnings, nil
}

// loader is one call of Load.
type loader struct {
	in       Input
	fields   []field
	keys     []string
	env      map[string]string
	seen     map[string]place // keys of the file
	plainKey string           // a secret that stands in the file itself
	settings *Settings
	bad      Problems
	warnings Problems
}

type place struct{ line, column int }

func newLoader(s *Settings, in Input) *loader {
	l := &loader{in: in, settings: s, fields: fields(s), env: map[string]string{}, seen: map[string]place{}}
	for _, f := range l.fields {
		l.keys = append(l.keys, f.key)
	}
	for _, e := range in.Env {
		if name, value, ok := strings.Cut(e, "="); ok {
			l.env[name] = value
		}
	}
	return l
}

// find returns the setting of a key and, where that is a map, the name of the
// entry.
func (l *loader) find(path string) (f field, entry string, ok bool) {
	for _, f := range l.fields {
		if f.key == path {
			return f, "", true
		}
		if f.setKey == nil {
			continue
		}
		if rest, ok := strings.CutPrefix(path, f.key+"."); ok {
			return f, rest, true
		}
	}
	return field{}, "", false
}

// assign sets a setting, or one entry of it, from the file.
func (l *loader) assign(f field, entry, path string, key, value *yaml.Node) {
	id := f.key
	if entry != "" {
		id += "." + entry
	}
	if before, twice := l.seen[id]; twice {
		l.refuse(key, fmt.Sprintf("%s is given twice, first in line %d", path, before.line))
		return
	}
	l.seen[id] = place{key.Line, key.Column}
	if value.Tag == "!!null" {
		return // as if it were not there
	}
	l.notePlain(f, entry, value)
	value, err := l.resolve(f, value)
	switch {
	case err != nil:
	case entry != "":
		err = f.setKey(entry, value)
	default:
		err = f.set(value)
	}
	if err == nil {
		return
	}
	line, column := value.Line, value.Column
	if p := new(placed); errors.As(err, &p) {
		line, column = p.line, p.column
	}
	l.bad = append(l.bad, Problem{l.in.File, line, column, path + ": " + err.Error()})
}

// checkCredentials warns about a user without a password and the reverse.
func (l *loader) checkCredentials() {
	es := l.settings.Elasticsearch
	if es.Host != "" && es.CloudID != "" {
		l.bad = append(l.bad, Problem{Message: "elasticsearch.host and elasticsearch.cloud_id are both set; remove one"})
	}
	if (es.Username == "") != es.Password.Empty() {
		l.warnings = append(l.warnings, Problem{Message: "elasticsearch.username and elasticsearch.password only work together"})
	}
}

// leastIdling and leastLease keep the service from asking all the time, and
// from losing jobs to a short pause.
const (
	leastIdling = Duration(10 * time.Millisecond)
	leastLease  = Duration(3 * time.Second)
)

func (l *loader) checkService() {
	s := l.settings.Service
	if s.Idling < leastIdling {
		l.bad = append(l.bad, Problem{Message: fmt.Sprintf("service.idling must be %s or more", leastIdling)})
	}
	if s.Lease < leastLease {
		l.bad = append(l.bad, Problem{Message: fmt.Sprintf("service.lease must be %s or more", leastLease)})
	}
}

func (l *loader) refuse(n *yaml.Node, message string) bool {
	l.bad = append(l.bad, Problem{l.in.File, n.Line, n.Column, message})
	return false
}

func (l *loader) warn(n *yaml.Node, message string) {
	l.warnings = append(l.warnings, Problem{l.in.File, n.Line, n.Column, message})
}

// DefaultFile returns the configuration file that is read when none is named:
// config.yml here, else in the user's configuration folder. It is empty when
// neither is there.
func DefaultFile(configDir string) string {
	files := []string{"config.yml"}
	if configDir != "" {
		files = append(files, filepath.Join(configDir, "tributary", "config.yml"))
	}
	i := slices.IndexFunc(files, func(f string) bool {
		_, err := os.Stat(f)
		return !errors.Is(err, fs.ErrNotExist)
	})
	if i < 0 {
		return ""
	}
	return files[i]
}

// Package directory is the source of files on this machine: every regular file
// below a directory is one document. It is the model for other sources: Source
// and its methods are in this file, what they are made of in the others.
package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Source reads the files below one directory. It holds no connection; each
// sync opens the directory anew.
type Source struct {
	cfg   Config
	names names
	deps  connector.Deps
}

// Open makes a source. It does not look at the directory; the error is
// [connector.Problems] when a pattern can't be read.
func Open(_ context.Context, cfg Config, deps connector.Deps) (*Source, error) {
	include, problems := parseGlobs("/pattern", "Files to read", cfg.Pattern)
	exclude, more := parseGlobs("/exclude", "Files to leave out", cfg.Exclude)
	if err := append(problems, more...).Err(); err != nil {
		return nil, err
	}
	return &Source{cfg: cfg, names: names{include: include, exclude: exclude}, deps: deps}, nil
}

// Ping reports whether the directory is there and can be listed.
func (s *Source) Ping(context.Context) error {
	root, err := os.OpenRoot(s.cfg.Directory)
	if err != nil {
		return s.wrap(err)
	}
	defer func() { _ = root.Close() }()
	dir, err := root.OpenFile(".", openDirectory, 0)
	if err != nil {
		return s.wrap(err)
	}
	return dir.Close()
}

// GetDocs emits the files, each directory's before those of the directories
// in it. A directory that can't be read costs the files in it, but what can't
// be seen must not be deleted: GetDocs then reads all others and returns an
// error at the end.
func (s *Source) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	rules, problems := readRules(filter)
	if err := problems.Err(); err != nil {
		return err
	}
	var access *permissions
	if s.cfg.UseDocumentLevelSecurity {
		var err error
		if access, err = newPermissions(); err != nil {
			return s.wrap(err)
		}
	}
	root, err := openTree(s.cfg.Directory)
	if err != nil {
		return s.wrap(err)
	}
	w := newWalk(s, root, rules, emit)
	w.access = access
	return w.run(ctx)
}

// Fields returns the types that Elasticsearch would guess wrongly: as a float,
// its guess, ctime would be right to two minutes only.
func (s *Source) Fields(context.Context) (map[string]connector.FieldType, error) {
	return map[string]connector.FieldType{
		"ctime":      connector.Double,
		"extension":  connector.Keyword,
		"media_type": connector.Keyword,
	}, nil
}

// AdvancedRulesValidators checks that the patterns of the rules can be read,
// which no JSON Schema can.
func (s *Source) AdvancedRulesValidators() []connector.RulesValidator {
	return []connector.RulesValidator{
		func(_ context.Context, raw json.RawMessage) connector.Problems {
			_, problems := readRules(connector.Filter{AdvancedRules: raw})
			return problems
		},
	}
}

// wrap names the directory and leaves out what the system call was.
func (s *Source) wrap(err error) error {
	return fmt.Errorf("directory %s: %w", s.cfg.Directory, reason(err))
}

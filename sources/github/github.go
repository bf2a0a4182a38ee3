// Package github is the source of GitHub: repositories with their issues, pull
// requests and text files. It speaks GitHub's REST API, version 2022-11-28
// (https://docs.github.com/rest). Source and its methods are in this file, what
// they are made of in the others.
package github

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

// Source reads one account's, or one installation's, repositories.
type Source struct {
	cfg Config
	api *rest.Client // signs as the configured account or, for an App, as the App
	// heads are the commits of the last Position, until GetDocs has taken them:
	// it reads the files of these, so that the history goes on where it stopped.
	heads atomic.Pointer[map[string]string]
}

// Open makes a source. It makes no request; the error is [connector.Problems]
// when the private key or the certificate can't be read.
func Open(_ context.Context, cfg Config, deps connector.Deps) (*Source, error) {
	auth, err := authOf(cfg, deps.Now)
	if err != nil {
		return nil, err
	}
	api, err := newClient(cfg, deps, auth)
	if err != nil {
		return nil, err
	}
	return &Source{cfg: cfg, api: api}, nil
}

// Close closes the connections that nobody uses.
func (s *Source) Close() error {
	s.api.Close()
	return nil
}

// Ping asks whose credentials these are.
func (s *Source) Ping(ctx context.Context) error {
	path := "user"
	if s.isApp() {
		path = "app"
	}
	_, err := s.api.JSON(ctx, path, nil, nil)
	return err
}

// GetDocs emits the repositories, each with its issues, pull requests and text
// files. A repository of the configuration that can't be found costs its own
// documents only, but what can't be seen must not be deleted: GetDocs reads all
// others and returns an error at the end.
func (s *Source) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	rules, some, err := advancedRules(filter)
	if err != nil {
		return err
	}
	if some {
		return s.ruled(ctx, rules, emit)
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	heads := s.heads.Swap(nil)
	var missing []error
	for r, err := range s.repositories(ctx, accounts) {
		switch {
		case errors.As(err, new(*missingError)):
			missing = append(missing, err)
		case err != nil:
			return err
		default:
			if err := s.read(ctx, r, r.commit(heads), emit); err != nil {
				return err
			}
		}
	}
	return errors.Join(missing...)
}

// read emits everything of one repository, the files as they are in a commit.
func (s *Source) read(ctx context.Context, r *repository, commit string, emit func(connector.Document) error) error {
	access, err := s.readers(ctx, r)
	if err != nil {
		return err
	}
	out := restricted(emit, access)
	if err := out(r.document()); err != nil {
		return err
	}
	if err := r.issues(ctx, r.updatedSince(ctx, time.Time{}), out); err != nil {
		return err
	}
	tree, err := r.tree(ctx, commit)
	if gone(err) && commit != r.DefaultBranch { // its history was rewritten since
		commit = r.DefaultBranch
		tree, err = r.tree(ctx, commit)
	}
	if err != nil {
		return err
	}
	return r.files(ctx, commit, tree, out)
}

// commit is the one whose files are read: that of the last position or, without
// one, the default branch's.
func (r *repository) commit(heads *map[string]string) string {
	if heads != nil && (*heads)[r.FullName] != "" {
		return (*heads)[r.FullName]
	}
	return r.DefaultBranch
}

// restricted gives every document a list of those who may read it.
func restricted(emit func(connector.Document) error, access []string) func(connector.Document) error {
	if access == nil {
		return emit
	}
	return func(d connector.Document) error {
		d.Access = access
		return emit(d)
	}
}

// Fields returns the types that Elasticsearch would guess wrongly: of a title
// that looks like a date, it would refuse all others.
func (s *Source) Fields(context.Context) (map[string]connector.FieldType, error) {
	return map[string]connector.FieldType{
		"title": connector.Text, "body": connector.Text, "name": connector.Text, "description": connector.Text,
		"path": connector.Text, "extension": connector.Keyword, "type": connector.Keyword,
	}, nil
}

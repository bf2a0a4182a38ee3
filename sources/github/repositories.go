package github

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

// repository is what GitHub tells about one.
type repository struct {
	NodeID        string `json:"node_id"`
	Name          string
	FullName      string `json:"full_name"`
	HTMLURL       string `json:"html_url"`
	Description   *string
	Visibility    string
	Language      *string
	DefaultBranch string `json:"default_branch"`
	Fork          bool
	Archived      bool
	Stargazers    int64     `json:"stargazers_count"`
	Subscribers   int64     `json:"subscribers_count"`
	Forks         int64     `json:"forks_count"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`

	api  *rest.Client
	path string // of the repository in the API
}

// missingError is a repository of the configuration that is not to be found.
type missingError struct{ name string }

func (e *missingError) Error() string {
	return fmt.Sprintf("repository %s can't be found: it does not exist, or the credentials may not see it; "+
		"nothing of it is deleted: correct the list of repositories, or give the credentials access", e.name)
}

// repositories gives each configured repository once, with all that GitHub tells
// about it. A name that is not found is a [missingError], after which the loop
// may go on.
func (s *Source) repositories(ctx context.Context, accounts []account) iter.Seq2[*repository, error] {
	return func(yield func(*repository, error) bool) {
		seen := map[string]bool{}
		next := func(a account, fullName string, named bool) bool {
			if key := strings.ToLower(fullName); seen[key] { // GitHub's names know no case
				return true
			} else {
				seen[key] = true
			}
			r, err := a.repository(ctx, fullName)
			if gone(err) && !named {
				return true // deleted since it was listed
			}
			return yield(r, missing(fullName, err))
		}
		for _, name := range s.cfg.Repositories {
			if name != "*" {
				a, fullName := s.owner(accounts, name)
				if !next(a, fullName, true) {
					return
				}
				continue
			}
			for _, a := range accounts {
				for fullName, err := range a.all(ctx) {
					if err != nil {
						yield(nil, fmt.Errorf("list the repositories of %s: %w", a.login, err))
						return
					}
					if !next(a, fullName, false) {
						return
					}
				}
			}
		}
	}
}

func missing(name string, err error) error {
	if gone(err) {
		return &missingError{name}
	}
	return err
}

// owner finds who asks for a repository, and its full name. An App can't ask for
// those of accounts that have not installed it.
func (s *Source) owner(accounts []account, name string) (account, string) {
	login, _, full := strings.Cut(name, "/")
	for _, a := range accounts {
		if !full {
			return a, a.login + "/" + name
		}
		if strings.EqualFold(a.login, login) {
			return a, name
		}
	}
	if s.isApp() {
		return account{login: login}, name
	}
	return account{login: login, api: s.api}, name
}

// all gives the full names of an account's repositories.
func (a account) all(ctx context.Context) iter.Seq2[string, error] {
	type item struct {
		FullName string `json:"full_name"`
	}
	list := pages[item](ctx, a.api, a.list, nil)
	if a.list == "installation/repositories" { // the one list that is wrapped
		list = listed(a.api, a.list, nil, func(address string) ([]item, http.Header, error) {
			var answer struct{ Repositories []item }
			header, err := a.api.JSON(ctx, address, nil, &answer)
			return answer.Repositories, header, err
		})
	}
	return func(yield func(string, error) bool) {
		for i, err := range list {
			if !yield(i.FullName, err) {
				return
			}
		}
	}
}

func (a account) repository(ctx context.Context, fullName string) (*repository, error) {
	if a.api == nil {
		return nil, &missingError{fullName}
	}
	owner, name, _ := strings.Cut(fullName, "/")
	r := &repository{api: a.api, path: rest.Path("repos", owner, name)}
	if _, err := a.api.JSON(ctx, r.path, nil, r); err != nil {
		return nil, err
	}
	if owner, name, ok := strings.Cut(r.FullName, "/"); ok { // of a renamed one the new name
		r.path = rest.Path("repos", owner, name)
	}
	return r, nil
}

// document is the repository itself.
func (r *repository) document() connector.Document {
	d := connector.NewDocument(r.NodeID)
	d.UpdatedAt = r.UpdatedAt
	d.Set("type", "Repository")
	d.Set("name", r.Name)
	d.Set("nameWithOwner", r.FullName)
	d.Set("url", r.HTMLURL)
	d.Set("description", orNil(r.Description))
	d.Set("visibility", strings.ToUpper(r.Visibility))
	d.Set("primaryLanguage", named(r.Language))
	d.Set("defaultBranchRef", named(&r.DefaultBranch))
	d.Set("isFork", r.Fork)
	d.Set("isArchived", r.Archived)
	d.Set("stargazerCount", r.Stargazers)
	d.Set("watchers", map[string]any{"totalCount": r.Subscribers})
	d.Set("forkCount", r.Forks)
	d.Set("createdAt", r.CreatedAt)
	return d
}

func orNil(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// named is an object with a name, or null.
func named(name *string) any {
	if name == nil || *name == "" {
		return nil
	}
	return map[string]any{"name": *name}
}

package github

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

// everyone is held by every identity: public repositories name it.
const everyone = "visibility:public"

// member is a user of an organization.
type member struct {
	NodeID string `json:"node_id"`
	Login  string
	Email  *string
	Name   *string
}

// readers are those who may read what is in a repository; nil when that is not
// asked for.
func (s *Source) readers(ctx context.Context, r *repository) ([]string, error) {
	switch {
	case !s.restricts():
		return nil, nil
	case strings.EqualFold(r.Visibility, "public"):
		return []string{everyone}, nil
	}
	access := []string{}
	for m, err := range pages[member](ctx, r.api, r.path+"/collaborators", nil) {
		if err != nil {
			return nil, fmt.Errorf("who may read %s: %w", r.FullName, err)
		}
		access = append(access, userID(m), username(m))
	}
	return access, nil
}

func (s *Source) restricts() bool {
	return s.cfg.UseDocumentLevelSecurity && s.cfg.RepoType == "organization"
}

func userID(m member) string   { return "user_id:" + m.NodeID }
func username(m member) string { return "username:" + strings.ToLower(m.Login) }

// Identities emits the members of the organization.
func (s *Source) Identities(ctx context.Context, emit func(connector.Document) error) error {
	if s.cfg.RepoType != "organization" {
		return errors.New("document level security is for repositories of an organization: set the repository type")
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		for m, err := range pages[member](ctx, a.api, rest.Path("orgs", a.login, "members"), nil) {
			if err == nil {
				_, err = a.api.JSON(ctx, rest.Path("users", m.Login), nil, &m)
			}
			if gone(err) {
				continue // left GitHub since it was listed
			}
			if err != nil {
				return fmt.Errorf("members of %s: %w", a.login, err)
			}
			if err := emit(identity(m)); err != nil {
				return err
			}
		}
	}
	return nil
}

func identity(m member) connector.Document {
	access := []string{userID(m), username(m), everyone}
	fields := map[string]any{"user_id": userID(m), "user_name": username(m)}
	if m.Email != nil && *m.Email != "" { // most keep theirs to themselves
		email := "email:" + strings.ToLower(*m.Email)
		access = append(access, email)
		fields["email"] = email
	}
	d := connector.NewIdentity(m.NodeID, access)
	d.Set("identity", fields)
	return d
}

package github

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// scopes are those that a classic token needs, each with the wider ones that
// include it.
var scopes = map[string][]string{
	"repo":      nil,
	"read:org":  {"write:org", "admin:org"},
	"read:user": {"user"},
}

// ValidateConfig checks that the token has the scopes that it needs, and that the
// repositories are there.
func (s *Source) ValidateConfig(ctx context.Context) error {
	var problems connector.Problems
	if s.isApp() {
		problems = s.fullNames()
	} else {
		header, err := s.api.JSON(ctx, "user", nil, nil)
		if err != nil {
			return err
		}
		problems = lacking(header.Get("X-Oauth-Scopes"))
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	if len(accounts) == 0 {
		problems = append(problems, connector.Problem{
			Pointer: "/app_id", Label: "App ID",
			Message: "the App is installed for no account of the type in \"Repository Type\"; install it, or choose the other type",
		})
	}
	if problems.Err() != nil {
		return problems
	}
	for _, name := range s.cfg.Repositories {
		if name == "*" {
			continue
		}
		a, fullName := s.owner(accounts, name)
		_, err := a.repository(ctx, fullName)
		if err = missing(fullName, err); errors.As(err, new(*missingError)) {
			problems = append(problems, connector.Problem{Pointer: "/repositories", Label: "List of repositories", Message: err.Error()})
		} else if err != nil {
			return err
		}
	}
	return problems.Err()
}

// fullNames are asked of an App, which has no account of its own.
func (s *Source) fullNames() (problems connector.Problems) {
	for _, name := range s.cfg.Repositories {
		if name != "*" && strings.Count(name, "/") != 1 {
			problems = append(problems, connector.Problem{
				Pointer: "/repositories", Label: "List of repositories", Message: name + " must be OWNER/NAME: a GitHub App has no account of its own",
			})
		}
	}
	return problems
}

// lacking names the scopes that a classic token lacks. Tokens of other kinds tell
// none; requests will show what they may do.
func lacking(header string) (problems connector.Problems) {
	if header == "" {
		return nil
	}
	var has []string
	for scope := range strings.SplitSeq(header, ",") {
		has = append(has, strings.TrimSpace(scope))
	}
	for _, scope := range []string{"repo", "read:org", "read:user"} {
		any := slices.ContainsFunc(append([]string{scope}, scopes[scope]...), func(s string) bool { return slices.Contains(has, s) })
		if !any {
			problems = append(problems, connector.Problem{
				Pointer: "/token", Label: "Token", Message: "lacks the scope " + scope + "; make one with it at Settings, Developer settings, Personal access tokens",
			})
		}
	}
	return problems
}

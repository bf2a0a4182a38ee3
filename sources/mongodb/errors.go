package mongodb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Codes of errors as MongoDB's servers number them (error_codes.yml).
const (
	codeUnauthorized         = 13
	codeAuthenticationFailed = 18
	codeCursorNotFound       = 43
	codeMaxTimeExpired       = 50
)

// transient are the codes that a repetition may well not meet: lost cursors,
// elections, shutdowns.
var transient = [...]int{6, 7, codeCursorNotFound, 63, 89, 91, 133, 150, 189, 234, 237, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436}

func hasCode(err error, codes ...int) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && slices.ContainsFunc(codes, server.HasErrorCode)
}

// passing reports whether a read that failed may be tried again.
func passing(ctx context.Context, err error) bool {
	return ctx.Err() == nil && (mongo.IsNetworkError(err) || hasCode(err, transient[:]...) || strings.Contains(err.Error(), "server selection"))
}

// explain wraps an error of the server or driver with what was tried and, where
// a user can do something, what. It holds no secret.
func (s *Source) explain(action string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	text := s.withoutSecrets(err.Error())
	switch {
	case hasCode(err, codeUnauthorized):
		return fmt.Errorf("%s: the user %s lacks a privilege: %s; grant the role that holds it: %s", action, s.user(), text, s.grant("read"))
	case refusedLogin(err):
		return fmt.Errorf("%s: the server refuses the user %s or its password; check %s; if the user is kept in another database than %s, name it with authSource=… in the connection string",
			action, s.user(), s.loginFields(), s.userDatabase())
	case strings.Contains(text, "server selection"):
		return fmt.Errorf("%s: no server answers that can be read from; check the host, the port, the replica set's name and whether TLS must be on, or try a direct connection: %s", action, text)
	case text != err.Error():
		return fmt.Errorf("%s: %s", action, text)
	}
	return fmt.Errorf("%s: %w", action, err)
}

// refusedLogin reports whether the server does not let the user in. Atlas has a
// code of its own for all that it refuses, and says so in words.
func refusedLogin(err error) bool {
	return hasCode(err, codeAuthenticationFailed) || strings.Contains(err.Error(), "AuthenticationFailed") || strings.Contains(err.Error(), "bad auth")
}

// loginFields are the fields of the configuration that log in.
func (s *Source) loginFields() string {
	if s.cfg.User == "" && s.cfg.Password.Empty() {
		return "user and password in the connection string (host)"
	}
	return "user and password"
}

// grant is the command of the shell that gives the user a role.
func (s *Source) grant(role string) string {
	return fmt.Sprintf("db.getSiblingDB(%q).grantRolesToUser(%q, [{role: %q, db: %q}])", s.userDatabase(), s.user(), role, s.cfg.Database)
}

// user is the name that logs in.
func (s *Source) user() string {
	if s.cfg.User != "" {
		return s.cfg.User
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opts != nil && s.opts.Auth != nil {
		return s.opts.Auth.Username
	}
	return "(none)"
}

func (s *Source) userDatabase() string {
	if source := parameter(s.cfg.Host, "authSource"); source != "" {
		return source
	}
	return "admin"
}

// withoutSecrets takes the passwords out of a text.
func (s *Source) withoutSecrets(text string) string {
	for _, secret := range []string{s.cfg.Password.Reveal(), passwordIn(s.cfg.Host)} {
		if secret == "" {
			continue
		}
		text = strings.ReplaceAll(text, secret, "[redacted]")
		if plain, err := url.PathUnescape(secret); err == nil && plain != "" {
			text = strings.ReplaceAll(text, plain, "[redacted]")
		}
	}
	return text
}

// passwordIn returns the password of a connection string as it stands there.
func passwordIn(host string) string {
	_, rest, found := strings.Cut(host, "://")
	if !found {
		return ""
	}
	user, _, found := strings.Cut(rest, "@")
	if !found {
		return ""
	}
	_, password, _ := strings.Cut(user, ":")
	return password
}

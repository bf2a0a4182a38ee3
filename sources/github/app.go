package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

func (s *Source) isApp() bool { return s.cfg.AuthMethod == "github_app" }

// authOf is how requests are signed that are not for one installation.
func authOf(cfg Config, now func() time.Time) (rest.Auth, error) {
	if cfg.AuthMethod != "github_app" {
		return rest.Bearer(cfg.Token), nil
	}
	key, err := privateKey(cfg.PrivateKey)
	if err != nil {
		return nil, connector.Problems{{Pointer: "/private_key", Label: "App private key", Message: err.Error()}}
	}
	return rest.Tokens(func(context.Context) (connector.Secret, time.Time, error) { return appToken(cfg.AppID, key, now()) }), nil
}

// privateKey reads a key in PEM form, of PKCS #1 or #8. Errors quote nothing of
// it.
func privateKey(text connector.Secret) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text.Reveal()))
	if block == nil {
		return nil, errors.New("must be in PEM form, beginning with -----BEGIN RSA PRIVATE KEY-----, with its line breaks")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if rsaKey, ok := key.(*rsa.PrivateKey); ok && err == nil {
		return rsaKey, nil
	}
	return nil, errors.New("is in PEM form but holds no RSA key; generate a new one in the settings of the App")
}

// appToken is a JSON Web Token (RFC 7519) that says which App this is. GitHub
// takes ten minutes at most, and its clock may be a little behind.
func appToken(app int64, key *rsa.PrivateKey, now time.Time) (token connector.Secret, expires time.Time, err error) {
	expires = now.Add(9 * time.Minute)
	claims := fmt.Sprintf(`{"iat":%d,"exp":%d,"iss":%q}`, now.Add(-time.Minute).Unix(), expires.Unix(), strconv.FormatInt(app, 10))
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode([]byte(claims))
	hash := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, hash[:])
	if err != nil {
		return token, expires, fmt.Errorf("sign with the private key of the App: %w", err)
	}
	return connector.NewSecret(text + "." + encode(signature)), expires, nil
}

// account is whose repositories are read, and who asks for them.
type account struct {
	login string
	api   *rest.Client
	list  string // path of the list of its repositories
}

// accounts are the configured one or, for an App, those that it is installed for.
func (s *Source) accounts(ctx context.Context) ([]account, error) {
	switch {
	case s.isApp():
		return s.installations(ctx)
	case s.cfg.RepoType == "organization":
		org := s.cfg.OrgName
		return []account{{org, s.api, rest.Path("orgs", org, "repos")}}, nil
	}
	var user struct{ Login string }
	if _, err := s.api.JSON(ctx, "user", nil, &user); err != nil {
		return nil, err
	}
	return []account{{user.Login, s.api, "user/repos?affiliation=owner"}}, nil
}

// installations are those of the App that are not suspended and whose account
// is of the configured type.
func (s *Source) installations(ctx context.Context) ([]account, error) {
	type installation struct {
		ID          int64
		SuspendedAt *time.Time `json:"suspended_at"`
		Account     struct{ Login, Type string }
	}
	want := "User"
	if s.cfg.RepoType == "organization" {
		want = "Organization"
	}
	var found []account
	for i, err := range pages[installation](ctx, s.api, "app/installations", nil) {
		if err != nil {
			return nil, err
		}
		if i.SuspendedAt != nil || i.Account.Type != want {
			continue
		}
		found = append(found, account{i.Account.Login, s.api.As(s.installationToken(i.ID)), "installation/repositories"})
	}
	return found, nil
}

// installationToken gets tokens for one installation; each is good for an hour.
func (s *Source) installationToken(id int64) rest.Auth {
	return rest.Tokens(func(ctx context.Context) (connector.Secret, time.Time, error) {
		var answer struct {
			Token     string
			ExpiresAt time.Time `json:"expires_at"`
		}
		path := rest.Path("app", "installations", strconv.FormatInt(id, 10), "access_tokens")
		_, err := s.api.Post(ctx, path, struct{}{}, &answer, true)
		return connector.NewSecret(answer.Token), answer.ExpiresAt, err
	})
}

package rest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Auth signs requests. It is safe for concurrent use.
type Auth interface {
	// Sign adds credentials to a request that is its own.
	Sign(*http.Request) error
	// Refused is told that a request which carried these credentials was
	// answered with 401, and reports whether new ones are worth a try.
	Refused(signed *http.Request) bool
}

// fixed are credentials that stay as they are.
type fixed func(*http.Request)

func (f fixed) Sign(req *http.Request) error { f(req); return nil }
func (fixed) Refused(*http.Request) bool     { return false }

// Bearer sends "Authorization: Bearer TOKEN", as RFC 6750 has it. An empty token
// is sent as none.
func Bearer(token connector.Secret) Auth {
	return fixed(func(req *http.Request) {
		if !token.Empty() {
			req.Header.Set("Authorization", "Bearer "+token.Reveal())
		}
	})
}

// Basic sends a user and a password, as RFC 7617 has it.
func Basic(user string, password connector.Secret) Auth {
	return fixed(func(req *http.Request) { req.SetBasicAuth(user, password.Reveal()) })
}

// APIKey sends a key in a header of the API's choice.
func APIKey(header string, key connector.Secret) Auth {
	return fixed(func(req *http.Request) { req.Header.Set(header, key.Reveal()) })
}

// ClientCredentials gets tokens by OAuth 2.0's grant of that name (RFC 6749,
// section 4.4), keeps one until shortly before it expires, and gets a new one
// when the server refuses it.
func ClientCredentials(deps connector.Deps, tokenURL, id string, secret connector.Secret, scopes ...string) Auth {
	config := clientcredentials.Config{ClientID: id, ClientSecret: secret.Reveal(), TokenURL: tokenURL, Scopes: scopes}
	return &tokens{get: func(ctx context.Context) (*oauth2.Token, error) {
		if deps.HTTP != nil {
			ctx = context.WithValue(ctx, oauth2.HTTPClient, deps.HTTP)
		}
		return config.Token(ctx)
	}}
}

// Tokens gets bearer tokens from a function, one at a time, and keeps each
// until shortly before it expires, or until the server refuses it. A token
// without an end is kept until then.
func Tokens(get func(context.Context) (token connector.Secret, expires time.Time, err error)) Auth {
	return &tokens{get: func(ctx context.Context) (*oauth2.Token, error) {
		token, expires, err := get(ctx)
		return &oauth2.Token{AccessToken: token.Reveal(), TokenType: "Bearer", Expiry: expires}, err
	}}
}

type tokens struct {
	get  func(context.Context) (*oauth2.Token, error)
	mu   sync.Mutex // held while a token is on its way: the others need it too
	held *oauth2.Token
}

func (t *tokens) Sign(req *http.Request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.held.Valid() {
		token, err := t.get(req.Context())
		if err != nil {
			return fmt.Errorf("get a token: %w", withoutAnswer(err))
		}
		t.held = token
	}
	t.held.SetAuthHeader(req)
	return nil
}

// Refused forgets the token, unless another request has got a new one.
func (t *tokens) Refused(signed *http.Request) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == nil {
		return true
	}
	probe := http.Request{Header: http.Header{}}
	t.held.SetAuthHeader(&probe)
	if probe.Header.Get("Authorization") == signed.Header.Get("Authorization") {
		t.held = nil
	}
	return true
}

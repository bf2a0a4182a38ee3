package rest_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rest"
)

const secret = "geheim-4711"

func auths() map[string]rest.Auth {
	return map[string]rest.Auth{
		"Bearer " + secret:           rest.Bearer(connector.NewSecret(secret)),
		"Basic bWU6Z2VoZWltLTQ3MTE=": rest.Basic("me", connector.NewSecret(secret)),
		"ApiKey " + secret:           rest.APIKey("Authorization", connector.NewSecret("ApiKey "+secret)),
		"":                           rest.Bearer(connector.Secret{}),
	}
}

// Credentials and headers go to the API's own server, and a redirection to
// another one takes neither along.
func TestCredentialsStayOnTheirServer(t *testing.T) {
	for want, auth := range auths() {
		other := serve(t, says(`"other"`))
		own := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		})
		c := client(t, rest.Options{URL: own.URL, Auth: auth, Header: http.Header{"X-Key": {secret}}})
		var got string
		_, err := c.JSON(t.Context(), "a", nil, &got)
		require.NoError(t, err)
		require.Equal(t, "other", got)
		require.Equal(t, want, own.requests()[0].Header.Get("Authorization"))
		require.Equal(t, secret, own.requests()[0].Header.Get("X-Key"))
		for name, values := range other.requests()[0].Header {
			require.NotContains(t, strings.Join(values, " "), secret, name)
			require.NotEqual(t, "Authorization", name)
		}
	}
}

func TestNothingIsSentOpenlyThatWasEncrypted(t *testing.T) {
	open := serve(t, says(`1`))
	own := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, open.URL, http.StatusFound)
	}))
	defer own.Close()
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate().Raw}))
	c := client(t, rest.Options{URL: own.URL, CACert: cert, Retry: rest.Retry{Attempts: 1}})
	_, err := c.JSON(t.Context(), "", nil, nil)
	require.ErrorContains(t, err, "redirects from https to http")
	require.Empty(t, open.requests())

	_, err = client(t, rest.Options{URL: own.URL, Retry: rest.Retry{Attempts: 1}}).JSON(t.Context(), "", nil, nil)
	require.ErrorContains(t, err, "certificate")
}

func TestAddresses(t *testing.T) {
	c := client(t, rest.Options{URL: "https://api.example.com/v1/"})
	for path, want := range map[string]string{
		"":                                     "https://api.example.com/v1?q=1",
		"things":                               "https://api.example.com/v1/things?q=1",
		"/things":                              "https://api.example.com/v1/things?q=1",
		"things?a=b":                           "https://api.example.com/v1/things?a=b&q=1",
		rest.Path("a/b", "..", "c d", "ü?#"):   "https://api.example.com/v1/a%2Fb/%2E%2E/c%20d/%C3%BC%3F%23?q=1",
		"https://api.example.com/v1/?page=2":   "https://api.example.com/v1/?page=2&q=1",
		"https://evil.example/v1":              "",
		"https://api.example.com.evil.example": "",
		"http://api.example.com/v1":            "",
		"https://x@api.example.com/":           "",
		"https://\x00":                         "",
		"\x00":                                 "",
	} {
		got, err := c.URL(path, url.Values{"q": {"1"}})
		if want == "" {
			require.Error(t, err, path)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for address, want := range map[string]string{
		"ftp://a.example":                     "must begin with https://",
		"a.example":                           "must begin with https://",
		"https://me:" + secret + "@a.example": "holds a user or a password",
		"https://a.example:" + secret:         "can't be read",
		"":                                    "must begin with https://",
	} {
		_, err := rest.New(deps(t), rest.Options{URL: address})
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), secret)
	}
	_, err := rest.New(deps(t), rest.Options{URL: "https://a.example", CACert: "none"})
	require.ErrorContains(t, err, "PEM")
	_, err = c.JSON(t.Context(), "https://evil.example/", nil, nil)
	require.ErrorContains(t, err, "another server")
}

// A server that repeats what it was sent puts no secret into an error.
func TestErrorsHoldNoSecret(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "what is " + r.Header.Get("Authorization") + " and " + r.Header.Get("X-Key") + "?"})
	}
	for _, auth := range auths() {
		a := serve(t, echo)
		c := client(t, rest.Options{URL: a.URL, Auth: auth, Header: http.Header{"X-Key": {secret}}})
		_, err := c.JSON(t.Context(), "x", url.Values{"key": {secret}}, nil)
		require.ErrorContains(t, err, "400 Bad Request: what is")
		require.NotContains(t, err.Error(), secret)
		require.NotContains(t, err.Error(), "bWU6Z2VoZWlt")
		require.Equal(t, http.StatusBadRequest, rest.StatusOf(err))
	}
	gone := serve(t, says(""))
	gone.Close()
	c := client(t, rest.Options{URL: gone.URL, Retry: rest.Retry{Attempts: 1}})
	_, err := c.JSON(t.Context(), "x", url.Values{"key": {secret}}, nil)
	require.ErrorContains(t, err, "GET /x: ")
	require.NotContains(t, err.Error(), secret)
	require.Zero(t, rest.StatusOf(err))
}

func TestClientCredentials(t *testing.T) {
	var issued atomic.Int64
	var expires atomic.Int64
	expires.Store(3600)
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		id, key, _ := r.BasicAuth()
		if id != "app" || key != secret || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "read" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			says(`{"error":"invalid_client","error_description":"not `+secret+`"}`)(w, r)
			return
		}
		says(fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer","expires_in":%d}`, issued.Add(1), expires.Load()))(w, r)
	})
	var accepted atomic.Value
	accepted.Store("Bearer token-1")
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != accepted.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		says("1")(w, r)
	})
	ask := func(c *rest.Client) error {
		_, err := c.JSON(t.Context(), "", nil, nil)
		return err
	}
	c := client(t, rest.Options{URL: a.URL, Auth: rest.ClientCredentials(deps(t), endpoint.URL, "app", connector.NewSecret(secret), "read")})
	require.NoError(t, ask(c))
	require.NoError(t, ask(c))
	require.EqualValues(t, 1, issued.Load(), "one token serves many requests")

	accepted.Store("Bearer token-2") // the server forgot the first
	require.NoError(t, ask(c))
	require.EqualValues(t, 2, issued.Load())

	accepted.Store("nothing")
	require.Equal(t, http.StatusUnauthorized, rest.StatusOf(ask(c)), "one new token, not many")
	require.EqualValues(t, 3, issued.Load())

	wrong := client(t, rest.Options{URL: a.URL, Auth: rest.ClientCredentials(deps(t), endpoint.URL, "app", connector.NewSecret("wrong"+secret))})
	before := len(a.requests())
	err := ask(wrong)
	require.ErrorContains(t, err, "get a token: the token endpoint answers 401 Unauthorized: invalid_client")
	require.NotContains(t, err.Error(), secret)
	require.Len(t, a.requests(), before)
}

func TestTokensThatCannotBeHad(t *testing.T) {
	broken := errors.New("the key is no key")
	a := serve(t, says("1"))
	c := client(t, rest.Options{URL: a.URL, Auth: rest.Tokens(func(context.Context) (connector.Secret, time.Time, error) {
		return connector.Secret{}, time.Time{}, broken
	})})
	_, err := c.Post(t.Context(), "", 1, nil, true)
	require.ErrorIs(t, err, broken)
	require.Empty(t, a.requests())

	refused := &rest.Error{Status: http.StatusTooManyRequests} // of another API
	c = client(t, rest.Options{URL: a.URL, Auth: rest.Tokens(func(context.Context) (connector.Secret, time.Time, error) {
		return connector.Secret{}, time.Time{}, refused
	})})
	_, err = c.JSON(t.Context(), "", nil, nil)
	require.ErrorIs(t, err, refused)
	_, err = c.Post(t.Context(), "", func() {}, nil, true)
	require.ErrorContains(t, err, "unsupported type")
}

func TestCancel(t *testing.T) {
	why := errors.New("the sync was canceled")
	release := make(chan struct{})
	hangs := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	busy := serve(t, status(429, "Retry-After", "600"))
	for name, c := range map[string]*rest.Client{
		"in a request": client(t, rest.Options{URL: hangs.URL, Concurrency: 1}),
		"in a wait":    client(t, rest.Options{URL: busy.URL}),
		"at the rate":  client(t, rest.Options{URL: busy.URL, Rate: 0.0001}),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
			done := make(chan error, 2)
			for range 2 { // the second waits for the first
				go func() {
					_, err := c.JSON(ctx, "", nil, nil)
					done <- err
				}()
			}
			for range 2 {
				require.ErrorIs(t, <-done, why)
			}
		})
	}
}

func TestNoAnswerInTime(t *testing.T) {
	release := make(chan struct{})
	a := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	c := client(t, rest.Options{URL: a.URL, Timeout: 20 * time.Millisecond, Retry: rest.Retry{Attempts: 2}})
	_, err := c.JSON(t.Context(), "x", nil, nil)
	require.EqualError(t, err, "GET /x: no answer in time")
	require.Len(t, a.requests(), 2)
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "-1": 0, "Fri, 01 May 2026 12:01:00 GMT": time.Minute, "Fri, 01 May 2026 11:00:00 GMT": 0,
	} {
		got, there := rest.RetryAfter(http.Header{"Retry-After": {text}}, now)
		require.True(t, there, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "soon", "1.5"} {
		_, there := rest.RetryAfter(http.Header{"Retry-After": {text}}, now)
		require.False(t, there, text)
	}
}

func TestAs(t *testing.T) {
	a := serve(t, says("1"))
	one := client(t, rest.Options{URL: a.URL, Auth: rest.Bearer(connector.NewSecret("one"))})
	two := one.As(rest.Bearer(connector.NewSecret("two")))
	for _, c := range []*rest.Client{one, two, one} {
		_, err := c.JSON(t.Context(), "", nil, nil)
		require.NoError(t, err)
	}
	var got []string
	for _, r := range a.requests() {
		got = append(got, r.Header.Get("Authorization"))
	}
	require.Equal(t, []string{"Bearer one", "Bearer two", "Bearer one"}, got)
}

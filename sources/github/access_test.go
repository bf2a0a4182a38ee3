package github_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/github"
	"github.com/tributary-search/tributary/sources/github/fixture"
)

func organization(t *testing.T) *fixture.Server {
	h := fixture.NewHub()
	private, public := h.Repo(h.Org, "private"), h.Repo(h.Org, "public")
	public.Visibility = "public"
	private.Collaborators = h.Members[1:2]
	fixture.Fill(private, 20)
	fixture.Fill(public, 10)
	return fixture.Serve(t, h)
}

func secured(s *fixture.Server, more map[string]any) json.RawMessage {
	values := map[string]any{"repo_type": "organization", "org_name": "tentacles", "use_document_level_security": true, "retry_count": 0}
	maps.Copy(values, more)
	return s.Config(values)
}

func TestReaders(t *testing.T) {
	server := organization(t)
	got, err := read(t, open(t, secured(server, nil)), "")
	require.NoError(t, err)
	require.Len(t, got.all, 32)
	for id, d := range got.all {
		if strings.Contains(id, "public") || id == "R_2" || strings.Contains(id, "_2_") {
			require.Equal(t, []string{"visibility:public"}, d.Access, id)
		} else {
			require.Equal(t, []string{"user_id:U_bob", "username:bob"}, d.Access, id)
		}
	}
	got, err = read(t, open(t, secured(server, map[string]any{"use_document_level_security": false})), "")
	require.NoError(t, err)
	for id, d := range got.all {
		require.Nil(t, d.Access, id)
	}
	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/collaborators") {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	})
	_, err = read(t, open(t, secured(server, nil)), "")
	require.ErrorContains(t, err, "who may read tentacles/private")
	_, err = read(t, open(t, secured(server, nil)), `[{"repository":"private","filter":{"path":"docs"}}]`)
	require.ErrorContains(t, err, "who may read tentacles/private")
}

func TestIdentities(t *testing.T) {
	server := organization(t)
	identities := func(config json.RawMessage) (map[string]map[string]any, error) {
		got := map[string]map[string]any{}
		err := open(t, config).(connector.AccessController).Identities(t.Context(), func(d connector.Document) error {
			got[d.ID] = fields(t, d)
			return nil
		})
		return got, err
	}
	got, err := identities(secured(server, nil))
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.Equal(t, map[string]any{"user_id": "user_id:U_ann", "user_name": "username:ann", "email": "email:ann@example.com"}, got["U_ann"]["identity"])
	require.Equal(t, map[string]any{"user_id": "user_id:U_bob", "user_name": "username:bob"}, got["U_bob"]["identity"])
	query, err := json.Marshal(got["U_bob"]["query"])
	require.NoError(t, err)
	require.Contains(t, string(query), `["user_id:U_bob","username:bob","visibility:public"]`)

	_, err = identities(server.Config(nil))
	require.ErrorContains(t, err, "set the repository type")
	for path, want := range map[string]string{"/orgs/tentacles/members": "members of tentacles", "/users/bob": "members of tentacles"} {
		server.Before(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path {
				return false
			}
			w.WriteHeader(http.StatusForbidden)
			return true
		})
		_, err = identities(secured(server, nil))
		require.ErrorContains(t, err, want)
	}
	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/users/bob" {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	})
	got, err = identities(secured(server, nil))
	require.NoError(t, err)
	require.Len(t, got, 2, "who has left is no identity")
}

func TestScopes(t *testing.T) {
	server, _ := hub(t)
	var scopes atomic.Value
	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/user" {
			return false
		}
		if text := scopes.Load().(string); text != "" {
			w.Header().Set("X-OAuth-Scopes", text)
		}
		_, _ = w.Write([]byte(`{"login":"octocat"}`))
		return true
	})
	for text, want := range map[string]string{
		"repo, user, admin:org":    "",
		"":                         "", // a fine-grained token tells none
		"repo, read:org":           "lacks the scope read:user",
		"user, write:org, gist":    "lacks the scope repo",
		"public_repo, user:follow": "lacks the scope read:org",
	} {
		scopes.Store(text)
		err := open(t, server.Config(nil)).(connector.ConfigValidator).ValidateConfig(t.Context())
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

func TestApp(t *testing.T) {
	h := fixture.NewHub()
	fixture.Fill(h.Repo("tentacles", "one"), 30)
	fixture.Fill(h.Repo("reef", "two"), 10)
	fixture.Fill(h.Repo("sleepers", "three"), 10)
	fixture.Fill(h.Repo("person", "four"), 10)
	server := fixture.ServeApp(t, h,
		fixture.Installation{ID: 1, Login: "tentacles", Type: "Organization"},
		fixture.Installation{ID: 2, Login: "reef", Type: "Organization"},
		fixture.Installation{ID: 3, Login: "sleepers", Type: "Organization", Suspended: true},
		fixture.Installation{ID: 4, Login: "person", Type: "User"},
	)
	config := func(more map[string]any) json.RawMessage {
		values := map[string]any{"repo_type": "organization", "retry_count": 0}
		maps.Copy(values, more)
		return server.Config(values)
	}
	s := open(t, config(nil))
	require.NoError(t, s.Ping(t.Context()))
	require.NoError(t, s.(connector.ConfigValidator).ValidateConfig(t.Context()))
	got, err := read(t, s, "")
	require.NoError(t, err)
	require.Len(t, got.all, 42)

	got, err = read(t, open(t, config(map[string]any{"repo_type": "other"})), "")
	require.NoError(t, err)
	require.Len(t, got.all, 11)

	got, err = read(t, open(t, config(map[string]any{"repositories": []string{"REEF/two", "sleepers/three", "bare"}})), "")
	require.ErrorContains(t, err, "repository sleepers/three")
	require.ErrorContains(t, err, "repository tentacles/bare")
	require.Len(t, got.all, 11)
	err = open(t, config(map[string]any{"repositories": []string{"bare"}})).(connector.ConfigValidator).ValidateConfig(t.Context())
	require.ErrorContains(t, err, "bare must be OWNER/NAME")

	// A token that is revoked in mid-read is replaced.
	var n atomic.Int64
	server.Before(func(http.ResponseWriter, *http.Request) bool {
		if n.Add(1) == 30 {
			server.Revoke()
		}
		return false
	})
	got, err = read(t, s, "")
	require.NoError(t, err)
	require.Len(t, got.all, 42)
	require.Greater(t, n.Load(), int64(30))
	position(t, s)

	none := fixture.ServeApp(t, h)
	err = open(t, none.Config(map[string]any{"repo_type": "organization"})).(connector.ConfigValidator).ValidateConfig(t.Context())
	require.ErrorContains(t, err, "App ID: the App is installed for no account")
	got, err = read(t, open(t, none.Config(map[string]any{"repositories": []string{"a/b", "bare"}})), "")
	require.Error(t, err)
	require.Empty(t, got.all)

	server.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/access_tokens") {
			return false
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		return true
	})
	_, err = read(t, open(t, config(nil)), "")
	require.ErrorContains(t, err, "get a token")
}

func TestOpenRefuses(t *testing.T) {
	server, _ := hub(t)
	for want, more := range map[string]map[string]any{
		"App private key: must be in PEM form":                 {"auth_method": "github_app", "app_id": 1, "private_key": "geheim"},
		"App private key: is in PEM form but holds no RSA key": {"auth_method": "github_app", "app_id": 1, "private_key": "-----BEGIN PRIVATE KEY-----\nZ2VoZWlt\n-----END PRIVATE KEY-----\n"},
		"Server URL: the SSL certificate":                      {"ssl_ca": "none"},
		"Server URL: the URL holds a user":                     {"host": "https://me:geheim@example.com"},
	} {
		_, err := github.Kind().Open(t.Context(), server.Config(more), connector.Deps{})
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "geheim")
		require.ErrorAs(t, err, new(connector.Problems))
	}
	cloud := open(t, json.RawMessage(`{"data_source":"github_cloud","auth_method":"personal_access_token","token":"x","repo_type":"other","repositories":["*"]}`))
	require.NotNil(t, cloud)
}

//go:build !windows

package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/settings"
)

// TestFilesThatOthersCanRead: one warning with the command to run, for each
// file that holds a secret.
func TestFilesThatOthersCanRead(t *testing.T) {
	for name, c := range map[string]struct{ text, holds string }{
		"an API key":             {"elasticsearch.api_key: secret\n", "elasticsearch.api_key"},
		"a password":             {"elasticsearch: {username: u, password: secret}\n", "elasticsearch.password"},
		"a connector's key":      {"connectors: [{connector_id: c, api_key: secret}]\n", "connectors"},
		"a password in a host":   {"elasticsearch.host: https://u:secret@h:9200\n", "a password in elasticsearch.host"},
		"a password of a proxy":  {"elasticsearch.proxy: http://u:secret@h:3128\n", "a password in elasticsearch.proxy"},
		"a header":               {"elasticsearch.headers: {Authorization: Bearer secret}\n", "elasticsearch.headers.Authorization"},
		"several":                {"elasticsearch: {api_key: secret, headers: {X-Token: secret}}\n", "elasticsearch.api_key"},
		"no secret":              {"elasticsearch: {host: https://h:9200, headers: {X-Opaque-Id: me}}\n", ""},
		"an empty secret":        {"elasticsearch.api_key: \"\"\n", ""},
		"one of the environment": {"elasticsearch.api_key: ${KEY}\n", ""},
	} {
		for _, mode := range []os.FileMode{0o600, 0o400, 0o640, 0o604, 0o666} {
			file := write(t, c.text)
			require.NoError(t, os.Chmod(file, mode))
			_, warnings, err := settings.Load(settings.Input{File: file, Env: []string{"KEY=k"}})
			require.NoError(t, err, name)
			if c.holds == "" || mode&0o077 == 0 {
				require.Empty(t, warnings, "%s, mode %o", name, mode)
				continue
			}
			require.Len(t, warnings, 1, "%s, mode %o", name, mode)
			require.Contains(t, warnings[0].String(), "holds "+c.holds+" and can be read by other users")
			require.Contains(t, warnings[0].String(), "run chmod 600 "+file)
			require.NotContains(t, warnings[0].String(), "secret@")
		}
	}
}

func TestSecretFilesThatOthersCanRead(t *testing.T) {
	file := write(t, "elasticsearch.api_key: file:key\n")
	key := filepath.Join(filepath.Dir(file), "key")
	require.NoError(t, os.WriteFile(key, []byte("secret\n"), 0o600))
	require.NoError(t, os.Chmod(file, 0o644), "it holds the name of a file only")
	_, warnings, err := settings.Load(settings.Input{File: file})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.NoError(t, os.Chmod(key, 0o640))
	s, warnings, err := settings.Load(settings.Input{File: file})
	require.NoError(t, err)
	require.Equal(t, "secret", s.Elasticsearch.APIKey.Reveal())
	require.Len(t, warnings, 1)
	require.Equal(t, key+": holds elasticsearch.api_key and can be read by other users (mode 0640); run chmod 600 "+key, warnings[0].String())
}

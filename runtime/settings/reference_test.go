package settings_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/settings"
)

func TestReferences(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		env  string
		want string
	}{
		"whole":         {"data: ${DIR}", "DIR=/a", "/a"},
		"part":          {"data: ${DIR}/b", "DIR=/a", "/a/b"},
		"default":       {"data: ${DIR|/c}", "", "/c"},
		"empty default": {"data: ${DIR|}", "", ""},
		"set but empty": {"data: ${DIR|/c}", "DIR=", ""},
		"literal":       {"data: $${DIR}", "DIR=/a", "${DIR}"},
		"plain dollar":  {"data: a$b", "b=x", "a$b"},
		"once only":     {"data: ${DIR}", "DIR=${HOME}", "${HOME}"},
		"no secret":     {"data: file:x", "", "file:x"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, load(t, c.text+"\n", c.env).Data)
		})
	}
}

func TestReferenceInTypedValue(t *testing.T) {
	require.Equal(t, 7, load(t, "sync: {max_deletes: '${N}'}\n", "N=7").Sync.MaxDeletes)

	_, _, err := settings.Load(settings.Input{File: write(t, "sync: {max_deletes: '${N}'}\n"), Env: []string{"N=s3cret"}})
	require.ErrorContains(t, err, "1:21: sync.max_deletes: must be a whole number, not what ${N} gives")
	require.NotContains(t, err.Error(), "s3cret")
}

func TestSecretFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte("file:other\n"), 0o600))
	config := filepath.Join(dir, "config.yml")
	require.NoError(t, os.WriteFile(config, []byte("elasticsearch.api_key: file:key\nconnectors: [{connector_id: a, api_key: 'file:key'}]\n"), 0o644))
	s, warnings, err := settings.Load(settings.Input{File: config})
	require.NoError(t, err)
	require.Empty(t, warnings) // nothing of modes: the secret is not in the file that others can read
	require.Equal(t, "file:other", s.Elasticsearch.APIKey.Reveal())
	require.Equal(t, "file:other", s.Connectors[0].APIKey.Reveal())
}

func TestWidePermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // modes say nothing there
	}
	config := filepath.Join(t.TempDir(), "config.yml")
	require.NoError(t, os.WriteFile(config, []byte("elasticsearch.password: hidden\nelasticsearch.username: u\n"), 0o644))
	_, warnings, err := settings.Load(settings.Input{File: config})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0].String(), "holds elasticsearch.password and can be read by other users (mode 0644); run chmod 600")
	require.NotContains(t, warnings[0].String(), "hidden")

	require.NoError(t, os.Chmod(config, 0o600))
	_, warnings, err = settings.Load(settings.Input{File: config})
	require.NoError(t, err)
	require.Empty(t, warnings)
}

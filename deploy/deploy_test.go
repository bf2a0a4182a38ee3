// Package deploy_test reads the files of this folder as the programs that they
// are for would, as far as that goes without them.
package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/tributary-search/tributary/runtime/settings"
)

// documents returns every document of a YAML file.
func documents(t *testing.T, file string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var all []map[string]any
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one map[string]any
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err, file)
		all = append(all, one)
	}
}

// load reads settings as the program does; a warning is a failure here.
func load(t *testing.T, in settings.Input) settings.Settings {
	t.Helper()
	s, warnings, err := settings.Load(in)
	require.NoError(t, err)
	require.Empty(t, warnings)
	return s
}

func TestKubernetes(t *testing.T) {
	found := map[string]map[string]any{}
	for _, d := range documents(t, "kubernetes/tributary.yaml") {
		found[d["kind"].(string)] = d
	}
	require.EqualValues(t, 2, found["Deployment"]["spec"].(map[string]any)["replicas"])

	folder := t.TempDir()
	key := filepath.Join(folder, "api_key")
	require.NoError(t, os.WriteFile(key, []byte("c2VjcmV0\n"), 0o600))
	text := found["ConfigMap"]["data"].(map[string]any)["config.yml"].(string)
	text = strings.Replace(text, "/run/secrets/tributary/api_key", key, 1)
	file := filepath.Join(folder, "config.yml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	s := load(t, settings.Input{File: file})
	require.False(t, s.Embedded())
	require.Equal(t, "c2VjcmV0", s.Elasticsearch.APIKey.Reveal())
	require.Equal(t, []string{"directory"}, s.Service.ServiceTypes)
	require.Equal(t, ":9478", s.Service.MetricsAddress)
}

func TestCompose(t *testing.T) {
	services := documents(t, "compose.yaml")[0]["services"].(map[string]any)
	for _, name := range []string{"elasticsearch", "kibana", "tributary"} {
		require.Contains(t, services, name)
	}
	var env []string
	for name, value := range services["tributary"].(map[string]any)["environment"].(map[string]any) {
		env = append(env, name+"="+value.(string))
	}
	s := load(t, settings.Input{Env: env})
	require.Equal(t, "http://elasticsearch:9200", s.Elasticsearch.Host)
	require.Equal(t, []string{"directory"}, s.Service.ServiceTypes)
}

// TestEnvironment holds the variables of the image and of the unit to those
// that are known.
func TestEnvironment(t *testing.T) {
	for _, file := range []string{"Dockerfile", "systemd/tributary.service"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var env []string
		for word := range strings.FieldsSeq(strings.ReplaceAll(string(text), "Environment=", " ")) {
			if strings.HasPrefix(word, "TRIBUTARY_") {
				env = append(env, word)
			}
		}
		require.NotEmpty(t, env, file)
		require.Equal(t, "/var/lib/tributary", load(t, settings.Input{Env: env}).Data)
	}
}

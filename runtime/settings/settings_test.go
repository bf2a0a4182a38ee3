package settings_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/settings"
)

const shipped = "../../config.yml"

func TestShippedFileEqualsDefaults(t *testing.T) {
	got, warnings, err := settings.Load(settings.Input{File: shipped})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.NotEmpty(t, got.Sources)
	got.Sources = nil
	require.Equal(t, settings.Default(), got)
}

func TestShippedFileMentionsEveryKey(t *testing.T) {
	text, err := os.ReadFile(shipped)
	require.NoError(t, err)
	for _, key := range settings.Keys() {
		parts := strings.Split(key, ".")
		indent := strings.Repeat("  ", len(parts)-1)
		line := regexp.MustCompile(`(?m)^` + indent + parts[len(parts)-1] + `:`)
		require.Regexp(t, line, string(text), "config.yml does not mention %s", key)
	}
}

// Every member of the struct has its key, and every key its member.
func TestKeysCoverTheStruct(t *testing.T) {
	data, err := json.Marshal(settings.Default())
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(data, &tree))
	require.ElementsMatch(t, leaves("", tree), settings.Keys())
}

func leaves(prefix string, tree map[string]any) []string {
	var out []string
	for key, value := range tree {
		if section, ok := value.(map[string]any); ok {
			out = append(out, leaves(prefix+key+".", section)...)
			continue
		}
		out = append(out, prefix+key)
	}
	return out
}

// write puts a configuration file into a fresh folder and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func load(t *testing.T, text string, env ...string) settings.Settings {
	t.Helper()
	s, _, err := settings.Load(settings.Input{File: write(t, text), Env: env})
	require.NoError(t, err)
	return s
}

func TestPrecedence(t *testing.T) {
	file := write(t, "sync: {max_deletes: 1}\nelasticsearch.host: http://file:9200\ndata: /file\n")
	env := []string{"TRIBUTARY_SYNC_MAX_DELETES=2", "TRIBUTARY_DATA=/env", "ELASTICSEARCH_URL=http://env:9200/", "TRIBUTARY_LOG_LEVEL="}
	flags := []settings.Flag{{Name: "--data", Key: "data", Value: "/flag"}}
	s, warnings, err := settings.Load(settings.Input{File: file, Env: env, Flags: flags})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, 2, s.Sync.MaxDeletes)
	require.Equal(t, "/flag", s.Data)
	require.Equal(t, "http://env:9200", s.Elasticsearch.Host)
	require.Equal(t, "info", s.Log.Level)

	env = append(env, "TRIBUTARY_ELASTICSEARCH_HOST=http://own:9200")
	s, _, err = settings.Load(settings.Input{File: file, Env: env})
	require.NoError(t, err)
	require.Equal(t, "http://own:9200", s.Elasticsearch.Host)
}

func TestStrongerCredentialsReplaceOtherForms(t *testing.T) {
	file := write(t, "elasticsearch: {api_key: file-key, cloud_id: x}\n")
	s, _, err := settings.Load(settings.Input{File: file, Env: []string{
		"ELASTICSEARCH_URL=http://env:9200", "ELASTICSEARCH_USERNAME=u", "ELASTICSEARCH_PASSWORD=p"}})
	require.NoError(t, err)
	require.True(t, s.Elasticsearch.APIKey.Empty())
	require.Empty(t, s.Elasticsearch.CloudID)
	require.Equal(t, "p", s.Elasticsearch.Password.Reveal())
}

func TestForms(t *testing.T) {
	s := load(t, `
elasticsearch.host: https://es:9200
elasticsearch:
  password: 0123
  headers: {X-A: b, x.dotted: c}
  request_timeout: 90
  retry_interval: 1m30s
  bulk.chunk_max_mem_size: 1.5
service.log_level: WARNING
service: {service_types: [a, b]}
connectors:
  - {connector_id: one, service_type: directory, api_key: k}
sources.directory: sources/directory
log:
`)
	require.Equal(t, "https://es:9200", s.Elasticsearch.Host)
	require.Equal(t, "0123", s.Elasticsearch.Password.Reveal())
	require.Equal(t, map[string]string{"X-A": "b", "x.dotted": "c"}, s.Elasticsearch.Headers)
	require.Equal(t, settings.Duration(90*time.Second), s.Elasticsearch.RequestTimeout)
	require.Equal(t, settings.Duration(90*time.Second), s.Elasticsearch.RetryInterval)
	require.InDelta(t, 1.5, s.Elasticsearch.Bulk.ChunkMaxMemSize, 0)
	require.Equal(t, "warn", s.Log.Level)
	require.Equal(t, []string{"a", "b"}, s.Service.ServiceTypes)
	require.Equal(t, map[string]string{"directory": "sources/directory"}, s.Sources)
	require.Equal(t, []settings.Connector{{ConnectorID: "one", ServiceType: "directory", APIKey: connector.NewSecret("k")}}, s.Connectors)
}

func TestEnvironmentForms(t *testing.T) {
	s := load(t, "", "TRIBUTARY_ELASTICSEARCH_HEADERS=A=1, B=2", "TRIBUTARY_SERVICE_SERVICE_TYPES=a, b",
		"TRIBUTARY_ELASTICSEARCH_COMPRESS=true", "TRIBUTARY_SYNC_MAX_DELETE_SHARE=0.5", "TRIBUTARY_EXTRACTION_SERVICE_TIMEOUT=5")
	require.Equal(t, map[string]string{"A": "1", "B": "2"}, s.Elasticsearch.Headers)
	require.Equal(t, []string{"a", "b"}, s.Service.ServiceTypes)
	require.True(t, s.Elasticsearch.Compress)
	require.InDelta(t, 0.5, s.Sync.MaxDeleteShare, 0)
	require.Equal(t, settings.Duration(5*time.Second), s.ExtractionService.Timeout)
}

package cli_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// elasticsConnector is a connector as Kibana and Elastic's service leave it.
const elasticsConnector = `{
 "api_key_id": "k", "api_key_secret_id": null, "custom_scheduling": {}, "description": null, "error": null,
 "configuration": {
  "directory": {"default_value": null, "depends_on": [], "display": "text", "label": "Directory path", "options": [], "order": 1, "required": true,
   "sensitive": false, "tooltip": null, "type": "str", "ui_restrictions": [], "validations": [], "value": "DIR"},
  "pattern": {"default_value": null, "depends_on": [], "display": "text", "label": "File glob-like pattern", "options": [], "order": 2, "required": true,
   "sensitive": false, "tooltip": null, "type": "str", "ui_restrictions": [], "validations": [], "value": "**/*.*"}},
 "features": {"sync_rules": {"basic": {"enabled": true}, "advanced": {"enabled": false}}, "document_level_security": {"enabled": false},
  "incremental_sync": {"enabled": false}, "native_connector_api_keys": {"enabled": false}},
 "filtering": [{"domain": "DEFAULT",
  "active": {"advanced_snippet": {"created_at": "2024-05-01T10:00:00+00:00", "updated_at": "2024-05-01T10:00:00+00:00", "value": {}},
   "rules": [{"created_at": "2024-05-01T10:00:00+00:00", "updated_at": "2024-05-01T10:00:00+00:00", "field": "_", "id": "DEFAULT", "order": 0,
    "policy": "include", "rule": "regex", "value": ".*"}], "validation": {"errors": [], "state": "valid"}},
  "draft": {"advanced_snippet": {"value": {}}, "rules": [], "validation": {"errors": [], "state": "valid"}}}],
 "index_name": "INDEX", "is_native": false, "language": "en", "last_seen": "2024-05-02T10:00:00.123456+00:00",
 "last_sync_status": "completed", "last_synced": "2024-05-02T09:00:00.123456+00:00", "last_sync_error": null, "last_indexed_document_count": 4,
 "name": "Files", "pipeline": {"name": "search-default-ingestion", "extract_binary_content": true, "reduce_whitespace": true, "run_ml_inference": true},
 "scheduling": {"full": {"enabled": false, "interval": "0 0 0 * * ?"}, "incremental": {"enabled": false, "interval": "0 0 0 * * ?"},
  "access_control": {"enabled": false, "interval": "0 0 0 * * ?"}},
 "service_type": "dir", "status": "connected", "sync_cursor": null, "x-kept": "byte for byte"}`

// A connector and an index that Elastic's service left: the settings of its
// config.yml are taken, the first sync sends each document once and deletes what
// the source lacks, the second sends nothing.
func TestMigrationFromElasticsService(t *testing.T) {
	everywhere(t, func(o *office) {
		require.NoError(o.t, o.protocol.Ensure(o.t.Context()))
		id, index := o.name("id"), o.name("docs")
		o.cleanUp(id)
		text := strings.NewReplacer("DIR", o.dir, "INDEX", index).Replace(elasticsConnector)
		o.put("/.elastic-connectors/_doc/"+id, text)
		for _, name := range []string{"one.txt", "two.md", "deep/three.go", "gone.txt"} {
			path := filepath.Join(o.dir, name)
			sum := md5.Sum([]byte(path))
			doc := fmt.Sprintf(`{"id":%q,"path":%q,"_timestamp":"2024-05-02T09:00:00+00:00","last_access_time":1714640400.5,"body":"as it was"}`, hex.EncodeToString(sum[:]), path)
			o.put("/"+index+"/_doc/"+hex.EncodeToString(sum[:]), doc)
		}
		config := filepath.Join(o.home, "config.yml")
		o.write(config, `
connectors:
  - connector_id: `+id+`
    service_type: dir
elasticsearch.bulk.queue_max_size: 1024
elasticsearch.bulk.chunk_size: 1000
service.log_level: INFO
service.idling: 30
service.max_errors: 20
sources:
  dir: connectors.sources.directory:DirectoryDataSource
`)
		sync := func() map[string]any {
			started := o.run("--json", "job", "start", id).wants(0).last()
			r := o.run("serve", "--once", "--config", config).wants(0)
			require.Contains(o.t, r.stderr, "service.max_errors", "what has no effect is warned about")
			return o.run("--json", "job", "watch", started["id"].(string)).wants(0).last()["counters"].(map[string]any)
		}
		first := sync()
		for counter, want := range map[string]int{"created": 0, "updated": 3, "unchanged": 0, "deleted": 1, "failed": 0, "foreign": 0} {
			require.EqualValues(o.t, want, first[counter], counter)
		}
		second := sync()
		require.EqualValues(o.t, 3, second["unchanged"])
		require.EqualValues(o.t, 0, second["bytes"], "the second sync sends nothing")
		o.keptConnector(id)
	})
}

// keptConnector checks what the service has left of the connector, and what it
// has put there for the way back.
func (o *office) keptConnector(id string) {
	var doc map[string]any
	conn := o.connector(id)
	require.NoError(o.t, json.Unmarshal(conn.Raw, &doc))
	require.Equal(o.t, "dir", doc["service_type"])
	require.Equal(o.t, "byte for byte", doc["x-kept"])
	require.Equal(o.t, "k", doc["api_key_id"])
	require.EqualValues(o.t, 1, doc["sync_cursor"].(map[string]any)["tributary"])
	require.Equal(o.t, "**/*.*", o.run("--json", "connector", "show", id).wants(0).last()["configuration"].(map[string]any)["pattern"])
	require.Equal(o.t, protocol.Connected, conn.Status)
}

// put stores a document as another program would.
func (o *office) put(path, body string) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), http.MethodPut, o.url+path+"?refresh=true", strings.NewReader(body))
	require.NoError(o.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-elastic-product-origin", "connectors")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(o.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(o.t, err)
	require.NoError(o.t, answer.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	require.Less(o.t, answer.StatusCode, 300, "%s", text)
}

package protocol_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The fields of a connector document and of a sync job document, with the JSON
// types that each may have; "?" for null.
const connectorFields = `
api_key_id s?; api_key_secret_id s?; configuration o; custom_scheduling o; deleted b; description s?; error s?; features o?; filtering a
index_name s; is_native b; language s?; last_access_control_sync_error s?; last_access_control_sync_scheduled_at t?
last_access_control_sync_status s?; last_deleted_document_count n?; last_incremental_sync_scheduled_at t?; last_indexed_document_count n?
last_seen t?; last_sync_error s?; last_sync_scheduled_at t?; last_sync_status s?; last_synced t?; name s?; pipeline o
scheduling o; service_type s; status s; sync_cursor o?`

const jobFields = `
canceled_at t?; cancelation_requested_at t?; completed_at t?; connector o; created_at t; deleted_document_count n; error s?
indexed_document_count n; indexed_document_volume n; job_type s; last_seen t; metadata o; started_at t?; status s
total_document_count n; trigger_method s; worker_hostname s?`

const snapshotFields = `configuration o; filtering o; id s; index_name s; language s?; pipeline o; service_type s; sync_cursor o?`

// Every golden has the fields of the protocol, all of them and no other, in
// their types.
func TestFieldsOfGoldens(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if !strings.HasSuffix(path, "-job.json") {
			checkFields(t, path, connectorFields, text)
			continue
		}
		checkFields(t, path, jobFields, text)
		var job struct{ Connector json.RawMessage }
		require.NoError(t, json.Unmarshal(text, &job))
		checkFields(t, path+" connector", snapshotFields, job.Connector)
	}
}

func checkFields(t *testing.T, what, table string, text []byte) {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(text, &doc))
	known := 0
	for row := range strings.FieldsFuncSeq(table, func(r rune) bool { return r == ';' || r == '\n' }) {
		name, kind, _ := strings.Cut(strings.TrimSpace(row), " ")
		value, there := doc[name]
		require.True(t, there, "%s lacks %s", what, name)
		require.Contains(t, kind, typeOf(value), "%s: %s is %v", what, name, value)
		known++
	}
	require.Len(t, doc, known, "%s has other fields", what)
}

// typeOf is the letter of a value's type; a text that is a time as they are
// written is one.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "?"
	case bool:
		return "b"
	case float64:
		return "n"
	case []any:
		return "a"
	case map[string]any:
		return "o"
	case string:
		if len(v) == len("2026-03-01T10:00:00.123456+00:00") && strings.HasSuffix(v, "+00:00") {
			return "t"
		}
	}
	return "s"
}

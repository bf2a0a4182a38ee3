package protocol_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + path + ".json")
	require.NoError(t, err)
	return string(text)
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Connectors in the shapes that Elastic's service, Kibana and the Connector API
// write are understood.
func TestConnectorShapes(t *testing.T) {
	p := protocol.DefaultPipeline()
	all := protocol.Features{BasicRules: true, AdvancedRules: true, Incremental: true}
	for name, want := range map[string]protocol.Connector{
		"kibana-8.8": {
			Name: "search-notes", ServiceType: "notes", IndexName: "search-notes", Language: "en", Status: protocol.Connected,
			Features: protocol.Features{BasicRules: true, AdvancedRules: true},
			Pipeline: protocol.Pipeline{Name: "ent-search-generic-ingestion", ExtractBinaryContent: true, ReduceWhitespace: true},
			Scheduling: map[protocol.JobType]protocol.Schedule{
				protocol.Full: {Enabled: true, Interval: "0 0 0 * * ?"}, protocol.AccessControl: {Interval: "0 0 0 * * ?"},
			},
			LastSeen: at("2023-06-02T09:15:00.123456Z"), LastSynced: at("2023-06-02T00:01:10.000001Z"),
			LastScheduled:  map[protocol.JobType]time.Time{protocol.Full: at("2023-06-02T00:00:00Z")},
			LastSyncStatus: job.Completed, LastIndexed: 120, LastDeleted: 4,
		},
		"kibana-8.4-flat": {
			ServiceType: "notes", IndexName: "search-old", Status: protocol.Configured, Pipeline: p,
			Scheduling: map[protocol.JobType]protocol.Schedule{protocol.Full: {Enabled: true, Interval: "0 0 * * * ?"}},
			LastSeen:   at("2022-09-01T10:00:00Z"),
		},
		"kibana-8.12-native": {
			Name: "Native", Description: "Ünïcode é and / escapes", ServiceType: "notes", IndexName: "search-native", Native: true,
			Status: protocol.Connected, Features: all, Pipeline: p,
			Scheduling: map[protocol.JobType]protocol.Schedule{
				protocol.Full: {Interval: "0 0 0 * * ?"}, protocol.AccessControl: {Interval: "0 0 0 * * ?"},
				protocol.Incremental: {Enabled: true, Interval: "0 0/5 * * * ?"},
			},
			LastSeen: at("2024-02-01T10:00:00.5Z"), LastSynced: at("2024-02-01T10:00:00Z"), LastSyncStatus: job.Canceled,
			LastAccessSyncStatus: job.Failed, LastAccessSyncError: "no licence",
		},
		"api-9.x-created": {
			Name: "New", ServiceType: "notes", IndexName: "search-new", Status: protocol.Created, Pipeline: p,
		},
		"bare": {IndexName: "search-bare", Status: protocol.Configured, Pipeline: p},
		"service-error": {
			ServiceType: "notes", IndexName: "search-failed", Status: protocol.Errored,
			Error:    "ConfigurableFieldValueError: Field validation errors: ...",
			Features: protocol.Features{BasicRules: true},
			Pipeline: protocol.Pipeline{Name: "mine", ExtractBinaryContent: true, ReduceWhitespace: true, RunMLInference: true},
			LastSeen: at("2024-05-01T10:00:00Z"), LastSynced: at("2024-05-01T08:00:00.123456Z"),
			LastScheduled:  map[protocol.JobType]time.Time{protocol.Full: at("2024-05-01T08:00:00Z")},
			Scheduling:     map[protocol.JobType]protocol.Schedule{protocol.Full: {Enabled: true, Interval: "0 0 8 * * ?"}},
			LastSyncStatus: job.Failed, LastSyncError: "DataSourceError: it broke",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := read(t, "connectors/"+name)
			v := protocol.Version{SeqNo: 7, PrimaryTerm: 1}
			got, err := protocol.ParseConnector(name, v, []byte(text))
			require.NoError(t, err)
			require.Equal(t, text, string(got.Raw))
			want.ID, want.Version, want.Raw = name, v, got.Raw
			want.Configuration, want.Filtering, want.SyncCursor = got.Configuration, got.Filtering, got.SyncCursor
			if want.Scheduling == nil {
				want.Scheduling = map[protocol.JobType]protocol.Schedule{}
			}
			if want.LastScheduled == nil {
				want.LastScheduled = map[protocol.JobType]time.Time{}
			}
			require.Equal(t, want, got)
		})
	}
}

func TestJobShapes(t *testing.T) {
	for name, want := range map[string]protocol.Job{
		"service-direct": {
			ConnectorID: "c", ServiceType: "notes", IndexName: "search-notes", Language: "en", Type: protocol.Full, Trigger: protocol.OnDemand,
			Status: job.Pending, Pipeline: protocol.Pipeline{Name: "p", ReduceWhitespace: true, RunMLInference: true},
			CreatedAt: at("2024-05-01T10:00:00.123456Z"), LastSeen: at("2024-05-01T10:00:00.123456Z"),
			Filtering: json.RawMessage(`{"advanced_snippet": {"value": {"a": 1}}, "rules": []}`),
		},
		"service-suspended": {
			ConnectorID: "c", ServiceType: "notes", IndexName: "search-notes", Type: protocol.Incremental, Trigger: protocol.Scheduled,
			Status: job.Suspended, Pipeline: protocol.DefaultPipeline(), WorkerHostname: "old-host",
			CreatedAt: at("2024-05-01T10:00:00Z"), StartedAt: at("2024-05-01T10:00:00Z"), LastSeen: at("2024-05-01T10:00:00Z"),
			Indexed: 7, VolumeMiB: 1, Deleted: 2, Total: 70,
			Filtering:  json.RawMessage(`{"rules": [{"id": "r1"}]}`),
			SyncCursor: json.RawMessage(`{"delta": "x"}`),
		},
		"api-access": {
			ConnectorID: "c", ServiceType: "notes", IndexName: ".search-acl-filter-search-notes", Type: protocol.AccessControl,
			Trigger: protocol.OnDemand, Status: job.Pending, Pipeline: protocol.DefaultPipeline(),
			CreatedAt: at("2025-03-01T10:00:00.123456789Z"), LastSeen: at("2025-03-01T10:00:00.123456789Z"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := read(t, "jobs/"+name)
			got, err := protocol.ParseJob(name, protocol.Version{}, []byte(text))
			require.NoError(t, err)
			require.Equal(t, text, string(got.Raw))
			want.ID, want.Raw, want.Configuration, want.Metadata = name, got.Raw, got.Configuration, got.Metadata
			require.Equal(t, want, got)
		})
	}
}

// Whatever a connector of an older shape goes through, what is not written
// stays byte for byte.
func TestNothingIsLost(t *testing.T) {
	for _, name := range []string{
		"kibana-8.8", "kibana-8.4-flat", "kibana-8.12-native", "api-9.x-created", "bare", "service-error",
	} {
		t.Run(name, func(t *testing.T) {
			w := here(t)
			text := read(t, "connectors/"+name)
			w.put(t, protocol.ConnectorsIndex, "old", text)
			w.run(t, "old")
			written := map[string]bool{
				"status": true, "error": true, "features": true, "last_sync_status": true, "last_sync_error": true, "last_synced": true,
				"sync_cursor": true, "last_indexed_document_count": true, "last_deleted_document_count": true,
			}
			for _, field := range []string{"configuration", "service_type"} { // written where they are missing
				written[field] = name == "api-9.x-created" || name == "bare"
			}
			kept(t, text, w.source(t, protocol.ConnectorsIndex, "old"), written)
		})
	}
}

// run brings a connector through a sync.
func (w world) run(t *testing.T, id string) {
	t.Helper()
	conn, err := w.Connector(t.Context(), id)
	require.NoError(t, err)
	conn, _, err = w.Prepare(t.Context(), conn, notes())
	require.NoError(t, err)
	if conn.Status == protocol.NeedsConfiguration {
		conn, err = w.Update(t.Context(), conn, func(protocol.Connector) (protocol.Patch, error) {
			return protocol.Patch{"status": protocol.Configured}, nil
		})
		require.NoError(t, err)
	}
	conn, err = w.Connected(t.Context(), conn)
	require.NoError(t, err)
	l := w.claimed(t, conn, protocol.Full)
	require.NoError(t, l.Renew(t.Context(), protocol.Stats{Indexed: 1}))
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed, Cursor: json.RawMessage(`{"tributary":1}`)}))
}

// kept compares all fields but some byte for byte.
func kept(t *testing.T, before, after string, written map[string]bool) {
	t.Helper()
	var old, now map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(before), &old))
	require.NoError(t, json.Unmarshal([]byte(after), &now))
	for field, value := range old {
		if !written[field] {
			require.Equal(t, compact(t, value), compact(t, now[field]), field)
		}
	}
	for field := range now {
		require.True(t, old[field] != nil || written[field], "%s is new", field)
	}
}

// compact takes the white space out: servers may.
func compact(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, raw))
	return b.String()
}

// The same for jobs that somebody else made.
func TestNothingOfAJobIsLost(t *testing.T) {
	for _, name := range []string{"service-direct", "service-suspended", "api-access"} {
		t.Run(name, func(t *testing.T) {
			w := here(t)
			conn := w.connected(t, "c")
			text := read(t, "jobs/"+name)
			w.put(t, protocol.JobsIndex, "old", text)
			live, err := w.LiveJobs(t.Context(), protocol.Selection{ServiceTypes: []string{"notes"}}, []string{"c", "d"})
			require.NoError(t, err)
			require.Len(t, live, 1)
			l, err := w.Claim(t.Context(), conn, live[0])
			require.NoError(t, err)
			require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Completed}))
			after := w.source(t, protocol.JobsIndex, "old")
			kept(t, text, after, map[string]bool{
				"status": true, "error": true, "started_at": true, "completed_at": true, "last_seen": true, "worker_hostname": true,
				"metadata": true, "indexed_document_count": true, "indexed_document_volume": true, "deleted_document_count": true,
				"total_document_count": true,
			})
			var metadata struct {
				Metadata struct{ Own json.RawMessage }
			}
			require.NoError(t, json.Unmarshal([]byte(after), &metadata))
			if name == "service-suspended" {
				require.Equal(t, `{"x":[1.0]}`, compact(t, metadata.Metadata.Own))
			}
		})
	}
}

// Documents that can't be understood are passed over: the others are found.
func TestOneBadDocument(t *testing.T) {
	w := here(t)
	w.connected(t, "good")
	w.put(t, protocol.ConnectorsIndex, "odd", `{"status":7,"configuration":[],"filtering":{"a":1},"features":null,"scheduling":{"full":[]},"is_native":"true","name":5}`)
	w.put(t, protocol.ConnectorsIndex, "empty", `{}`)
	w.put(t, protocol.JobsIndex, "odd", `{"status":"pending","connector":[],"metadata":[],"created_at":"2024-01-01"}`)
	conns, err := w.Connectors(t.Context(), protocol.Selection{All: true}, -1)
	require.NoError(t, err)
	require.Len(t, conns, 3)
	jobs, err := w.LiveJobs(t.Context(), protocol.Selection{All: true}, nil)
	require.NoError(t, err)
	require.Len(t, jobs, 1)
	require.Empty(t, jobs[0].ConnectorID)
	require.NoError(t, w.FailJob(t.Context(), jobs[0], "it belongs to no connector"))
	j, err := w.Job(t.Context(), "odd")
	require.NoError(t, err)
	require.Equal(t, job.Failed, j.Status)
}

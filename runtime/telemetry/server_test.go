package telemetry_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, s *telemetry.Server, path string) (int, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Address()+path, nil)
	require.NoError(t, err)
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, strings.TrimSpace(string(body))
}

func serve(t *testing.T, h *telemetry.Health, m *telemetry.Metrics) *telemetry.Server {
	t.Helper()
	server, err := telemetry.Serve(t.Context(), "127.0.0.1:0", telemetry.Handler(h, m))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func TestHealth(t *testing.T) {
	var health telemetry.Health
	server := serve(t, &health, telemetry.NewMetrics("1"))
	check := func(path string, status int, body string) {
		t.Helper()
		got, text := get(t, server, path)
		require.Equal(t, status, got)
		require.Equal(t, body, text)
	}
	check("/healthz", 200, `{"status":"ok"}`)
	check("/readyz", 503, `{"reason":"the service is starting","status":"failing"}`)
	health.Turned(time.Minute)
	health.Ready(nil)
	check("/healthz", 200, `{"status":"ok"}`)
	check("/readyz", 200, `{"status":"ok"}`)
	health.Ready(errors.New("Elasticsearch does not answer"))
	check("/readyz", 503, `{"reason":"Elasticsearch does not answer","status":"failing"}`)
	health.Turned(-3 * time.Second)
	check("/healthz", 503, `{"reason":"the service is stuck: its loop is 3s late","status":"failing"}`)
	status, _ := get(t, server, "/nothing")
	require.Equal(t, 404, status)
}

func TestMetrics(t *testing.T) {
	m := telemetry.NewMetrics("1.2.3")
	server := serve(t, &telemetry.Health{}, m)
	m.Jobs(map[string]int{"pending": 3})
	m.Jobs(map[string]int{"in_progress": 2}) // pending is none again
	m.Connectors(map[string]int{"connected": 5})
	m.JobEnded("directory", "full", "completed", 2*time.Second)
	m.Documents("directory", "created", 7)
	m.Documents("directory", "deleted", 0) // makes no series
	m.Bulk(20*time.Millisecond, 0)
	m.Bulk(time.Second, 12)
	m.LeaseLost()
	m.Source("directory", "ping", time.Millisecond)
	m.Polled(nil)
	m.Polled(errors.New("down"))
	status, text := get(t, server, "/metrics")
	require.Equal(t, 200, status)
	text += "\n"
	for _, line := range []string{
		`tributary_info{version="1.2.3"} 1`,
		`tributary_jobs{status="in_progress"} 2`,
		`tributary_connectors{status="connected"} 5`,
		`tributary_jobs_ended_total{job_type="full",service_type="directory",status="completed"} 1`,
		`tributary_job_duration_seconds_sum{job_type="full",service_type="directory"} 2`,
		`tributary_documents_total{outcome="created",service_type="directory"} 7`,
		`tributary_bulk_duration_seconds_count{outcome="answered"} 1`,
		`tributary_bulk_duration_seconds_count{outcome="repeated"} 1`,
		`tributary_bulk_documents_retried_total 12`,
		`tributary_leases_lost_total 1`,
		`tributary_source_duration_seconds_count{operation="ping",service_type="directory"} 1`,
		`tributary_polls_total{outcome="done"} 1`,
		`tributary_polls_total{outcome="failed"} 1`,
	} {
		require.Contains(t, text, "\n"+line+"\n")
	}
	require.NotContains(t, text, `status="pending"`)
	require.NotContains(t, text, `outcome="deleted"`)
	require.Contains(t, text, "process_resident_memory_bytes")
}

// A service without metrics calls the same methods.
func TestNoMetrics(t *testing.T) {
	var m *telemetry.Metrics
	require.NotPanics(t, func() {
		m.Jobs(nil)
		m.Connectors(nil)
		m.JobEnded("a", "b", "c", 0)
		m.Documents("a", "b", 1)
		m.Bulk(0, 1)
		m.LeaseLost()
		m.Source("a", "b", 0)
		m.Polled(nil)
	})
}

func TestServeOnATakenAddress(t *testing.T) {
	server := serve(t, &telemetry.Health{}, telemetry.NewMetrics("1"))
	_, err := telemetry.Serve(t.Context(), server.Address(), http.NotFoundHandler())
	require.ErrorContains(t, err, "serve metrics on "+server.Address())
	require.ErrorContains(t, err, "service.metrics_address")
}

package service_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/telemetry"
)

func TestMetricsTellWhatTheServiceDoes(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("c1")
	s := r.service()
	s.Metrics, s.Health = telemetry.NewMetrics("test"), new(telemetry.Health)
	r.run(s)
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	r.until(func() bool { return s.Health.WhyNotReady() == nil && s.Health.Live() == nil })
	wanted := []string{
		`tributary_jobs_ended_total{job_type="full",service_type="` + r.name("shelf") + `",status="completed"} 1`,
		`tributary_documents_total{outcome="created",service_type="` + r.name("shelf") + `"} 4`,
		`tributary_bulk_duration_seconds_count{outcome="answered"} `,
		`tributary_connectors{status="connected"} 1`,
		`tributary_source_duration_seconds_count{operation="ping",service_type="` + r.name("shelf") + `"} `,
		`tributary_polls_total{outcome="done"} `,
	}
	missing := func() string {
		answer := httptest.NewRecorder()
		s.Metrics.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		for _, want := range wanted {
			if !strings.Contains(answer.Body.String(), want) {
				return want
			}
		}
		return ""
	}
	r.until(func() bool { return missing() == "" }, missing)
}

package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what Prometheus can read of the service. Labels are service
// types and fixed words only, never ids, so the number of series is bounded
// however many connectors there are. A nil *Metrics counts nothing.
type Metrics struct {
	registry *prometheus.Registry

	jobs       *prometheus.GaugeVec
	connectors *prometheus.GaugeVec
	ended      *prometheus.CounterVec
	took       *prometheus.HistogramVec
	documents  *prometheus.CounterVec
	bulk       *prometheus.HistogramVec
	retried    prometheus.Counter
	lost       prometheus.Counter
	source     *prometheus.HistogramVec
	polls      *prometheus.CounterVec
}

// NewMetrics returns metrics of a program of this version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		jobs: gauges("jobs", "Sync jobs that the service sees, by status; pending and suspended ones are the queue.",
			"status"),
		connectors: gauges("connectors", "Connectors that the service works on, by status.", "status"),
		ended:      counters("jobs_ended_total", "Sync jobs that ended here.", "service_type", "job_type", "status"),
		took: histograms("job_duration_seconds", "How long sync jobs took.",
			prometheus.ExponentialBuckets(0.1, 4, 10), "service_type", "job_type"),
		documents: counters("documents_total", "What became of documents.", "service_type", "outcome"),
		bulk: histograms("bulk_duration_seconds", "How long bulk requests took until they were answered.",
			prometheus.ExponentialBuckets(0.005, 2, 14), "outcome"),
		retried: counter("bulk_documents_retried_total", "Documents that were sent again because a request was refused for the moment."),
		lost:    counter("leases_lost_total", "Jobs that another worker took over, or that were no longer confirmed in time."),
		source: histograms("source_duration_seconds", "How long sources took to answer.",
			prometheus.ExponentialBuckets(0.005, 3, 12), "service_type", "operation"),
		polls: counters("polls_total", "Looks at the connectors and jobs in Elasticsearch.", "outcome"),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "tributary", Name: "info", Help: "Always 1; the version is a label.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(info, m.jobs, m.connectors, m.ended, m.took, m.documents, m.bulk, m.retried, m.lost, m.source, m.polls,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "tributary", Name: name, Help: help}, labels)
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tributary", Name: name, Help: help}, labels)
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tributary", Name: name, Help: help})
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "tributary", Name: name, Help: help, Buckets: buckets}, labels)
}

// Jobs sets how many jobs there are by status; a status that is left out has
// none.
func (m *Metrics) Jobs(byStatus map[string]int) {
	if m != nil {
		set(m.jobs, byStatus)
	}
}

// Connectors sets how many connectors there are by status.
func (m *Metrics) Connectors(byStatus map[string]int) {
	if m != nil {
		set(m.connectors, byStatus)
	}
}

func set(gauges *prometheus.GaugeVec, values map[string]int) {
	gauges.Reset()
	for label, n := range values {
		gauges.WithLabelValues(label).Set(float64(n))
	}
}

// JobEnded counts a job that this process ran.
func (m *Metrics) JobEnded(serviceType, jobType, status string, took time.Duration) {
	if m == nil {
		return
	}
	m.ended.WithLabelValues(serviceType, jobType, status).Inc()
	m.took.WithLabelValues(serviceType, jobType).Observe(took.Seconds())
}

// Documents counts documents by what became of them: created, updated,
// unchanged, filtered, failed, duplicate, deleted.
func (m *Metrics) Documents(serviceType, outcome string, n int64) {
	if m == nil || n <= 0 {
		return
	}
	m.documents.WithLabelValues(serviceType, outcome).Add(float64(n))
}

// Bulk counts one bulk request; again is how many of its documents have to be
// sent again.
func (m *Metrics) Bulk(took time.Duration, again int) {
	if m == nil {
		return
	}
	outcome := "answered"
	if again > 0 {
		outcome = "repeated"
		m.retried.Add(float64(again))
	}
	m.bulk.WithLabelValues(outcome).Observe(took.Seconds())
}

// LeaseLost counts a job that this process must not go on with.
func (m *Metrics) LeaseLost() {
	if m != nil {
		m.lost.Inc()
	}
}

// Source notes how long a source took for an operation, such as "ping".
func (m *Metrics) Source(serviceType, operation string, took time.Duration) {
	if m != nil {
		m.source.WithLabelValues(serviceType, operation).Observe(took.Seconds())
	}
}

// Polled counts a look at the connectors and jobs.
func (m *Metrics) Polled(err error) {
	if m == nil {
		return
	}
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	m.polls.WithLabelValues(outcome).Inc()
}

// Handler answers in the format that Prometheus reads.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

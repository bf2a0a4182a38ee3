package cli_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/embedded"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/sources"
)

// inNode runs f with the protocol on the machine's embedded node.
func (m *machine) inNode(f func(*protocol.Client)) {
	m.t.Helper()
	node, err := embedded.Attach(filepath.Join(m.home, "state", "tributary"), embedded.Options{})
	require.NoError(m.t, err)
	defer func() { require.NoError(m.t, node.Close()) }()
	client, err := elastic.New(elastic.Config{URL: node.URL, APIKey: node.APIKey})
	require.NoError(m.t, err)
	defer client.Close()
	p := protocol.New(client.Documents(), protocol.Options{})
	require.NoError(m.t, p.Ensure(m.t.Context()))
	f(p)
}

// directoryConnector creates a configured connector of a directory.
func directoryConnector(t *testing.T, p *protocol.Client, id, dir string) protocol.Connector {
	t.Helper()
	all := sources.All()
	kind := all[slices.IndexFunc(all, func(k connector.Kind) bool { return k.Is("directory") })]
	configuration, problems := kind.SetValues(kind.Configuration, map[string]string{"directory": dir})
	require.NoError(t, problems.Err())
	conn, err := p.CreateConnector(t.Context(), protocol.NewConnector{
		ID: id, ServiceType: kind.ServiceType, IndexName: "search-" + id, Configuration: configuration,
	})
	require.NoError(t, err)
	return conn
}

func TestServeOnceRunsWhatWaits(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("tree", map[string]string{"a.txt": "alpha", "b.txt": "beta"})
	var id string
	m.inNode(func(p *protocol.Client) {
		conn := directoryConnector(t, p, "c1", dir)
		j, err := p.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		require.NoError(t, err)
		id = j.ID
	})
	r := m.run("serve", "--once", "--json").wants(cli.ExitDone)
	require.Equal(t, "stopped", r.last()["type"])
	require.Contains(t, r.stdout, `"type":"serving","target":"embedded"`)
	require.Contains(t, r.stderr, "connector_id=c1 job_id="+id)
	m.inNode(func(p *protocol.Client) {
		j, err := p.Job(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, job.Completed, j.Status, j.Error)
		require.EqualValues(t, 2, j.Indexed)
		conn, err := p.Connector(t.Context(), "c1")
		require.NoError(t, err)
		_, err = p.CreateJob(t.Context(), conn, protocol.Incremental, protocol.OnDemand, protocol.JobOptions{})
		require.NoError(t, err)
	})
	failed := m.run("serve", "--once").wants(cli.ExitFailed)
	require.Contains(t, failed.stderr, "a sync job failed")
}

func TestServeRefusesToGuess(t *testing.T) {
	m := newMachine(t, "ELASTICSEARCH_URL="+elastictest.Server(t).URL)
	r := m.run("serve").wants(cli.ExitUsage)
	require.Contains(t, r.stderr, "the settings name no connector to work on")
}

func TestServeWaitsForElasticsearch(t *testing.T) {
	target, err := url.Parse(elastictest.Server(t).URL)
	require.NoError(t, err)
	through := httputil.NewSingleHostReverseProxy(target)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var requests, polls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) <= 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/_search") && polls.Add(1) == 2 {
			cancel()
		}
		through.ServeHTTP(w, r)
	}))
	defer server.Close()
	m := newMachine(t, "ELASTICSEARCH_URL="+server.URL)
	m.ctx = ctx
	r := m.run("serve", "--set", "service.service_types=vault,directry", "--set", "service.idling=50ms").wants(cli.ExitDone)
	require.Contains(t, r.stderr, "waiting for Elasticsearch")
	require.Contains(t, r.stderr, `no source has the service type "directry"; did you mean "directory"?`)
	require.Contains(t, r.stderr, "the service runs")
	require.Contains(t, r.stderr, "the service has stopped")
}

func TestServeEndsAtOnceWithAWrongKey(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`))
	}))
	defer server.Close()
	m := newMachine(t, "ELASTICSEARCH_URL="+server.URL)
	r := m.run("serve", "--set", "service.service_types=directory").wants(cli.ExitUsage)
	require.Contains(t, r.stderr, "check elasticsearch.api_key")
}

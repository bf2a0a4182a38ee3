package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/settings"
)

// rig is an Elasticsearch with connectors, and services that work on them.
type rig struct {
	t        *testing.T
	url      string
	client   *elastic.Client
	protocol *protocol.Client
	kinds    []connector.Kind
	settings settings.Settings
	now      func() time.Time
	suffix   string // of all names: a real server is shared with other tests
}

func newRig(t *testing.T, kinds ...connector.Kind) *rig {
	t.Helper()
	t.Parallel() // they wait for each other's clocks most of the time
	r := &rig{t: t, settings: settings.Default()}
	r.init(kinds...)
	return r
}

func (r *rig) init(kinds ...connector.Kind) {
	t := r.t
	r.url, r.suffix = elastictest.Server(t).URL, fmt.Sprintf("-%06x", rand.Uint32N(1<<24))
	for _, k := range kinds {
		k.ServiceType += r.suffix
		r.kinds = append(r.kinds, k)
	}
	r.settings.Service.Idling = settings.Duration(50 * time.Millisecond)
	r.settings.Service.Lease = settings.Duration(3 * time.Second)
	r.client = r.connect(20)
	r.protocol = r.documents(r.client)
	require.NoError(t, r.protocol.Ensure(t.Context()))
	t.Cleanup(r.clean)
}

// clean removes what the test has made.
func (r *rig) clean() {
	ctx := context.Background()
	conns, err := r.protocol.Connectors(ctx, r.selection(), -1)
	require.NoError(r.t, err)
	for _, c := range conns {
		jobs, err := r.protocol.Jobs(ctx, c.ID, 100)
		require.NoError(r.t, err)
		for _, j := range jobs {
			require.NoError(r.t, r.protocol.DeleteJob(ctx, j.ID))
		}
		require.NoError(r.t, r.client.Documents().Delete(ctx, protocol.ConnectorsIndex, c.ID, -1, 0))
		for _, index := range []string{c.IndexName, protocol.AccessPrefix + c.IndexName} {
			require.NoError(r.t, r.client.Index(index).Delete(ctx))
		}
	}
}

// name is an id or a service type as it is stored.
func (r *rig) name(id string) string { return id + r.suffix }

func (r *rig) index(id string) string { return "search-" + r.name(id) }

func (r *rig) selection() protocol.Selection {
	return protocol.Selection{ServiceTypes: append([]string{r.name("nobody_knows")}, r.types()...)}
}

func (r *rig) types() (types []string) {
	for _, k := range r.kinds {
		types = append(types, k.ServiceType)
	}
	return types
}

func (r *rig) connect(attempts int) *elastic.Client {
	r.t.Helper()
	c, err := elastic.New(elastic.Config{URL: r.url, Log: quiet(), Timeout: 10 * time.Second, Retry: elastic.Retry{Attempts: attempts}})
	require.NoError(r.t, err)
	r.t.Cleanup(c.Close)
	return c
}

func (r *rig) documents(c *elastic.Client) *protocol.Client {
	return protocol.New(c.Documents(), protocol.Options{Host: "test", Log: quiet()})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// service makes a service; tests change it before they run it.
func (r *rig) service() *service.Service {
	leases, err := elastic.New(elastic.Config{URL: r.url, Log: quiet(), Timeout: time.Second, Retry: elastic.Retry{Attempts: 1}})
	require.NoError(r.t, err)
	r.t.Cleanup(leases.Close)
	return &service.Service{
		Protocol: r.documents(r.connect(2)), Leases: r.documents(leases), Kinds: r.kinds,
		Connect: func(key connector.Secret) (*elastic.Client, error) {
			return elastic.New(elastic.Config{
				URL: r.url, APIKey: key.Reveal(), Log: quiet(), Timeout: 10 * time.Second,
				Retry: service.Patient(elastic.Retry{Base: 50 * time.Millisecond, Max: time.Second}),
			})
		},
		Selection: r.selection(), Settings: r.settings, Log: testLog(r.t), Now: r.now,
	}
}

// run runs a service until the function that it returns is called, at the
// latest until the test ends.
func (r *rig) run(s *service.Service) (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			require.NoError(r.t, err)
		case <-time.After(20 * time.Second):
			r.t.Error("the service does not stop")
		}
	})
	r.t.Cleanup(stop)
	return stop
}

// connector creates a configured connector of the first kind.
func (r *rig) connector(id string, change ...func(*protocol.NewConnector)) protocol.Connector {
	r.t.Helper()
	n := protocol.NewConnector{ID: r.name(id), ServiceType: r.kinds[0].ServiceType, IndexName: r.index(id), Configuration: json.RawMessage(`{"a":{"value":"b"}}`)}
	for _, c := range change {
		c(&n)
	}
	conn, err := r.protocol.CreateConnector(r.t.Context(), n)
	require.NoError(r.t, err)
	return conn
}

// start creates a job on demand.
func (r *rig) start(id string, t protocol.JobType) protocol.Job {
	r.t.Helper()
	conn := r.reload(id)
	j, err := r.protocol.CreateJob(r.t.Context(), conn, t, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(r.t, err)
	return j
}

// wait waits until a job has a status.
func (r *rig) wait(id string, status ...job.Status) (j protocol.Job) {
	r.t.Helper()
	r.until(func() bool {
		var err error
		j, err = r.protocol.Job(r.t.Context(), id)
		if err != nil {
			return false
		}
		for _, s := range status {
			if j.Status == s {
				return true
			}
		}
		return false
	}, func() string { return "job " + id + " is " + string(j.Status) + ": " + j.Error })
	return j
}

// until waits for something that happens beside the test.
func (r *rig) until(done func() bool, why ...func() string) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			text := "it does not happen"
			for _, w := range why {
				text += ": " + w()
			}
			require.FailNow(r.t, text)
		}
	}
}

// count is how many documents an index holds.
func (r *rig) count(index string) int {
	r.t.Helper()
	require.NoError(r.t, r.client.Index(index).Refresh(r.t.Context()))
	n, err := r.client.Index(index).Count(r.t.Context())
	require.NoError(r.t, err)
	return int(n)
}

func (r *rig) reload(id string) protocol.Connector {
	r.t.Helper()
	c, err := r.protocol.Connector(r.t.Context(), r.name(id))
	require.NoError(r.t, err)
	return c
}

// source is a source whose functions a test gives.
type source struct {
	ping    func() error
	getDocs func(ctx context.Context, emit func(connector.Document) error) error
	closed  func()
}

func (s *source) Ping(context.Context) error {
	if s.ping == nil {
		return nil
	}
	return s.ping()
}

func (s *source) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	return s.getDocs(ctx, emit)
}

func (s *source) Close() error {
	if s.closed != nil {
		s.closed()
	}
	return nil
}

// kind is a kind of source that takes every configuration.
func kind(serviceType string, open func() connector.Source, abilities ...connector.Ability) connector.Kind {
	return connector.Kind{
		ServiceType: serviceType, Name: serviceType, Abilities: abilities,
		Configuration: json.RawMessage(`{"a":{"value":""}}`),
		CheckConfig:   func(json.RawMessage) connector.Problems { return nil },
		Prepare: func(stored json.RawMessage) (json.RawMessage, connector.Problems) {
			if len(stored) <= 2 {
				return json.RawMessage(`{"a":{"value":""}}`), nil
			}
			return stored, nil
		},
		Open: func(context.Context, json.RawMessage, connector.Deps) (connector.Source, error) { return open(), nil },
	}
}

// documents emits so many documents.
func documents(n int) func(context.Context, func(connector.Document) error) error {
	return func(_ context.Context, emit func(connector.Document) error) error {
		for i := range n {
			if err := emit(document(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func document(i int) connector.Document {
	d := connector.NewDocument("doc-" + string(rune('a'+i%26)) + "-" + time.Duration(i).String())
	d.Set("n", i)
	return d
}

var errBroken = errors.New("the source is broken")

type logWriter struct{ t *testing.T }

func (w logWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p[:len(p)-1]))
	return len(p), nil
}

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(logWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func panicking(context.Context) (io.ReadCloser, error) { panic("oh no") }

// all is the jobs of a connector.
func (r *rig) all(id string) []protocol.Job {
	r.t.Helper()
	list, err := r.protocol.Jobs(r.t.Context(), r.name(id), 100)
	require.NoError(r.t, err)
	return list
}

// waiting emits a document once a channel is closed.
func waiting(goOn <-chan struct{}) func(context.Context, func(connector.Document) error) error {
	return func(ctx context.Context, emit func(connector.Document) error) error {
		select {
		case <-goOn:
			return emit(document(1))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

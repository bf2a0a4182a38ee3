package faults_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/settings"
)

// desk is a connector of a world and the service that runs its jobs. Only the
// index is behind the proxy: connectors and leases are written past it.
type desk struct {
	*world
	direct    *elastic.Client
	protocol  *protocol.Client
	connector string
}

// desk makes a connector with a configuration.
func (w *world) desk(t *testing.T, configuration string) *desk {
	t.Helper()
	direct, err := elastic.New(elastic.Config{URL: w.server.url, Username: user, Password: w.server.password, Log: w.log.logger()})
	require.NoError(t, err)
	t.Cleanup(direct.Close)
	w.settings.Service.Idling = settings.Duration(20 * time.Millisecond)
	w.settings.Service.Lease = settings.Duration(3 * time.Second)
	d := &desk{world: w, direct: direct, connector: "faults"}
	d.protocol = protocol.New(direct.Documents(), protocol.Options{Host: "trial", Log: w.log.logger()})
	require.NoError(t, d.protocol.Ensure(t.Context()))
	_, err = d.protocol.CreateConnector(t.Context(), protocol.NewConnector{
		ID: d.connector, ServiceType: "trial", IndexName: w.index, Configuration: json.RawMessage(configuration),
	})
	require.NoError(t, err)
	return d
}

// patch changes the connector as a user does.
func (d *desk) patch(t *testing.T, p protocol.Patch) {
	t.Helper()
	conn, err := d.protocol.Connector(t.Context(), d.connector)
	require.NoError(t, err)
	_, err = d.protocol.Update(t.Context(), conn, func(protocol.Connector) (protocol.Patch, error) { return p, nil })
	require.NoError(t, err)
}

// kind is one whose sources are made of the world's and a configuration.
func (d *desk) kind() connector.Kind {
	return connector.Kind{
		ServiceType: "trial", Name: "Trial",
		Configuration: json.RawMessage(`{"flavor":{"value":""}}`),
		CheckConfig:   func(json.RawMessage) connector.Problems { return nil },
		Prepare:       func(stored json.RawMessage) (json.RawMessage, connector.Problems) { return stored, nil },
		Open: func(_ context.Context, raw json.RawMessage, _ connector.Deps) (connector.Source, error) {
			var c struct{ Flavor struct{ Value string } }
			err := json.Unmarshal(raw, &c)
			return flavored{d.source, c.Flavor.Value}, err
		},
	}
}

// flavored is a source whose configuration shows in its documents.
type flavored struct {
	connector.Source
	flavor string
}

func (f flavored) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	return f.Source.GetDocs(ctx, filter, func(d connector.Document) error {
		d.Set("flavor", f.flavor)
		return emit(d)
	})
}

// job makes a job and runs it; during runs beside it.
func (d *desk) job(t *testing.T, during func(id string)) protocol.Job {
	t.Helper()
	return d.work(t, d.made(t), during)
}

// made is a job that waits.
func (d *desk) made(t *testing.T) protocol.Job {
	t.Helper()
	conn, err := d.protocol.Connector(t.Context(), d.connector)
	require.NoError(t, err)
	j, err := d.protocol.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{AllowDeletes: true})
	require.NoError(t, err)
	return j
}

// work runs a job to its end, by a service of its own; during runs beside it.
func (d *desk) work(t *testing.T, j protocol.Job, during func(id string)) protocol.Job {
	t.Helper()
	s := &service.Service{
		Protocol: d.protocol, Leases: d.protocol, Kinds: []connector.Kind{d.kind()},
		Connect: func(connector.Secret) (*elastic.Client, error) {
			return elastic.New(elastic.Config{
				URL: d.proxy.URL(), APIKey: d.key, Log: d.log.logger(), Timeout: d.timeout,
				Retry: service.Patient(elastic.Retry{Base: 10 * time.Millisecond, Max: 50 * time.Millisecond}),
			})
		},
		Selection: protocol.Selection{ServiceTypes: []string{"trial"}}, Settings: d.settings, Log: d.log.logger(),
	}
	ctx, cancel := context.WithTimeout(context.Background(), runTime)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Drain(ctx) }()
	if during != nil {
		during(j.ID)
	}
	require.NoError(t, <-done, d.log.String())
	d.proxy.Settle()
	j, err := d.protocol.Job(t.Context(), j.ID)
	require.NoError(t, err)
	require.Equal(t, job.Completed, j.Status, j.Error)
	return j
}

// beats waits until the lease of a job was confirmed so many times more.
func (d *desk) beats(t *testing.T, id string, times int) {
	t.Helper()
	var last time.Time
	for end := time.Now().Add(runTime); times >= 0; time.Sleep(20 * time.Millisecond) {
		j, err := d.protocol.Job(t.Context(), id)
		require.NoError(t, err)
		alive := j.Status == job.Pending || j.Status == job.InProgress
		require.True(t, alive && time.Now().Before(end), "the heart of the job stands still: it is %s: %s", j.Status, j.Error)
		if j.Status == job.InProgress && j.LastSeen.After(last) {
			last = j.LastSeen
			times--
		}
	}
}

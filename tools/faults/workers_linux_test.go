package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/tools/faults/paper"
)

func containsText(b []byte, text string) bool { return bytes.Contains(b, []byte(text)) }

// manyJobs is F24: two workers and 100 jobs. The log shows that each is executed,
// once at a time, and never two of a connector at once.
func manyJobs(t *testing.T, x *trial) {
	const connectors, each = 10, 10
	y := newYard(t, x)
	y.paper.put(20)
	for i := range connectors {
		y.connect(fmt.Sprintf("f24-%d", i), paper.Config{Journal: y.paper.path})
	}
	y.serve("serve-1", y.gate("1"), "service.idling=20ms")
	y.serve("serve-2", y.gate("2"), "service.idling=20ms")
	var jobs []string
	for range each {
		for i := range connectors {
			jobs = append(jobs, y.demand(fmt.Sprintf("f24-%d", i), protocol.Full))
		}
	}
	for _, id := range jobs {
		y.await(id, job.Completed)
	}
	for i := range connectors {
		y.equal(fmt.Sprintf("f24-%d", i))
	}
	require.Equal(t, map[string]int{"completed": connectors * each}, y.judged().Jobs)
	x.held("I1 ids", "I2 contents", "I3 no write after lease loss", "I5 counters")
}

// clock is one that somebody sets.
type clock struct{ ahead atomic.Int64 }

func (c *clock) set(d time.Duration) { c.ahead.Store(int64(d)) }
func (c *clock) now() time.Time      { return time.Now().Add(time.Duration(c.ahead.Load())) }

// clockJumps is F25: the clocks of two workers differ by hours, and jump while
// a job runs that takes longer than a lease. Whoever is alive is judged by what
// passes, not by what a clock says; and an occurrence of a schedule that the
// clock shows again has been.
func clockJumps(t *testing.T, x *trial) {
	y := newYard(t, x)
	var clocks [2]clock
	clocks[1].set(-time.Hour)
	for i := range clocks {
		y.inProcess(t, &clocks[i], fmt.Sprint(i+1))
	}
	y.paper.put(900)
	y.connect("f25", paper.Config{Journal: y.paper.path, Pause: 5 * time.Millisecond})
	id := y.demand("f25", protocol.Full)
	y.await(id, job.InProgress)
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 0, time.Hour} {
		clocks[0].set(jump)
		clocks[1].set(-jump)
		time.Sleep(time.Second) // the job takes longer than all of them
	}
	require.Zero(t, y.await(id, job.Completed).Requeued)
	y.equal("f25")
	require.Zero(t, y.judged().Takeovers)

	y.hourly("f25")
	for range 2 { // one hour is shown again and again
		for _, jump := range []time.Duration{0, time.Hour, 0, time.Hour} {
			clocks[0].set(jump)
			clocks[1].set(jump)
			time.Sleep(200 * time.Millisecond)
		}
	}
	occurrences := map[string]int{}
	jobs, err := y.protocol.Jobs(t.Context(), "f25", 100)
	require.NoError(t, err)
	for _, j := range jobs {
		if j.Trigger == protocol.Scheduled {
			occurrences[j.ID]++
			y.await(j.ID, job.Completed)
		}
	}
	require.Len(t, occurrences, 1, "the hour has one job")
	y.equal("f25")
	require.Zero(t, y.judged().Takeovers)
	x.held("I1 ids", "I2 contents", "I3 no write after lease loss", "I5 counters")
}

// hourly gives a connector a schedule: 30 minutes from now and every hour.
func (y *yard) hourly(id string) {
	y.t.Helper()
	minute := time.Now().UTC().Add(30 * time.Minute).Minute()
	_, err := y.protocol.Update(y.t.Context(), y.connector(id), func(c protocol.Connector) (protocol.Patch, error) {
		on, err := protocol.Merge(c.RawScheduling(), map[string]any{"full": map[string]any{"enabled": true, "interval": fmt.Sprintf("0 %d * * * ?", minute)}})
		return protocol.Patch{"scheduling": on}, err
	})
	require.NoError(y.t, err)
}

// inProcess runs a service with a clock of its own.
func (y *yard) inProcess(t *testing.T, c *clock, name string) {
	t.Helper()
	g := y.gate(name)
	quiet := slog.New(slog.DiscardHandler)
	connect := func() *elastic.Client {
		client, err := elastic.New(elastic.Config{URL: g.URL, Log: quiet, Timeout: 10 * time.Second, Retry: elastic.Retry{Attempts: 3}})
		require.NoError(t, err)
		return client
	}
	loops, leases := connect(), connect()
	documents := func(client *elastic.Client) *protocol.Client {
		return protocol.New(client.Documents(), protocol.Options{Host: name, Log: quiet, Now: c.now, Lease: 3 * time.Second})
	}
	s := &service.Service{
		Protocol: documents(loops), Leases: documents(leases), Kinds: []connector.Kind{paper.Kind()},
		Connect:   func(connector.Secret) (*elastic.Client, error) { return connect(), nil },
		Selection: protocol.Selection{ServiceTypes: []string{paper.ServiceType}}, Settings: settings.Default(), Log: quiet, Now: c.now,
	}
	s.Settings.Service.Idling, s.Settings.Service.Lease = settings.Duration(50*time.Millisecond), settings.Duration(3*time.Second)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		loops.Close()
		leases.Close()
	})
}

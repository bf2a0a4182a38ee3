package protocol_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func ids(conns []protocol.Connector) []string {
	out := []string{}
	for _, c := range conns {
		out = append(out, c.ID)
	}
	return out
}

func TestConnectors(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		for _, n := range []protocol.NewConnector{
			{ID: "a", ServiceType: "notes", IndexName: "a"},
			{ID: "native", ServiceType: "notes", IndexName: "native", Native: true},
			{ID: "other", ServiceType: "tables", IndexName: "other"},
			{ID: "z", ServiceType: "notes", IndexName: "z"},
		} {
			_, err := w.CreateConnector(t.Context(), n)
			require.NoError(t, err)
		}
		require.NoError(t, w.DeleteConnector(t.Context(), "z"))
		for name, test := range map[string]struct {
			sel  protocol.Selection
			want []string
		}{
			"nothing":  {protocol.Selection{}, []string{}},
			"all":      {protocol.Selection{All: true}, []string{"a", "native", "other", "z"}},
			"types":    {protocol.Selection{ServiceTypes: []string{"notes"}}, []string{"a", "z"}},
			"ids":      {protocol.Selection{IDs: []string{"native", "nobody"}}, []string{"native"}},
			"together": {protocol.Selection{IDs: []string{"native"}, ServiceTypes: []string{"tables"}}, []string{"native", "other"}},
		} {
			conns, err := w.Connectors(t.Context(), test.sel, -1)
			require.NoError(t, err, name)
			require.Equal(t, test.want, ids(conns), name)
			for _, c := range conns {
				require.True(t, test.sel.Has(c), name)
				require.Equal(t, c.ID == "z", c.Deleted, name)
			}
		}
		conns, err := w.Connectors(t.Context(), protocol.Selection{All: true}, -1)
		require.NoError(t, err)
		last := conns[len(conns)-1].Version.SeqNo
		conns, err = w.Connectors(t.Context(), protocol.Selection{All: true}, last)
		require.NoError(t, err)
		require.Empty(t, conns)
		_, err = w.Errored(t.Context(), protocol.Connector{ID: "a"}, "broken; mend it") // it is read first
		require.NoError(t, err)
		conns, err = w.Connectors(t.Context(), protocol.Selection{All: true}, last)
		require.NoError(t, err)
		require.Equal(t, []string{"a"}, ids(conns))
	})
}

func TestConnectorsPages(t *testing.T) {
	w := here(t)
	const n = 1203
	body := ""
	for i := range n {
		body += fmt.Sprintf(`{"index":{"_id":"c%04d"}}`+"\n"+`{"service_type":"notes","index_name":"i%d","status":"created"}`+"\n", i, i)
	}
	w.must(t, "POST", "/"+protocol.ConnectorsIndex+"/_bulk?refresh=true", body)
	conns, err := w.Connectors(t.Context(), protocol.Selection{All: true}, -1)
	require.NoError(t, err)
	require.Len(t, conns, n)
	require.NoError(t, w.Beat(t.Context(), ids(conns)))
}

func TestJobs(t *testing.T) {
	w := here(t)
	one, two := w.connected(t, "one"), w.connected(t, "two")
	var made []string
	for i := range 3 {
		w.clock.add(time.Second)
		for _, conn := range []protocol.Connector{one, two} {
			j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{AllowDeletes: i == 0})
			require.NoError(t, err)
			made = append(made, j.ID)
		}
	}
	live, err := w.LiveJobs(t.Context(), protocol.Selection{All: true}, nil)
	require.NoError(t, err)
	require.Len(t, live, 6)
	require.True(t, live[0].AllowDeletes)
	require.False(t, live[5].AllowDeletes)
	require.Nil(t, live[0].Configuration, "configurations are not read")
	for i := 1; i < len(live); i++ {
		require.False(t, live[i].CreatedAt.Before(live[i-1].CreatedAt), "oldest first")
	}
	_, err = w.CancelJob(t.Context(), made[0])
	require.NoError(t, err)
	live, err = w.LiveJobs(t.Context(), protocol.Selection{IDs: []string{"one"}}, nil)
	require.NoError(t, err)
	require.Len(t, live, 2)
	live, err = w.LiveJobs(t.Context(), protocol.Selection{ServiceTypes: []string{"tables"}}, nil)
	require.NoError(t, err)
	require.Empty(t, live)

	history, err := w.Client.Jobs(t.Context(), "one", 2)
	require.NoError(t, err)
	require.Len(t, history, 2)
	require.Equal(t, made[4], history[0].ID)
	require.NotNil(t, history[0].Configuration)
	history, err = w.Client.Jobs(t.Context(), "", 100)
	require.NoError(t, err)
	require.Len(t, history, 6)
}

// The job of an occurrence is made once, whoever makes it and however often.
func TestScheduleJob(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		conn := w.connected(t, "due")
		occurrence := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
		// a crash between the job and the connector: only the job is there
		_, err := w.CreateJob(t.Context(), conn, protocol.Incremental, protocol.Scheduled,
			protocol.JobOptions{ID: protocol.ScheduledID("due", protocol.Incremental, occurrence)})
		require.NoError(t, err)
		for range 2 {
			created, err := w.ScheduleJob(t.Context(), conn, protocol.Incremental, occurrence.In(time.FixedZone("", 3600)))
			require.NoError(t, err)
			require.False(t, created)
		}
		got, err := w.Connector(t.Context(), "due")
		require.NoError(t, err)
		require.Equal(t, map[protocol.JobType]time.Time{protocol.Incremental: occurrence}, got.LastScheduled)
		created, err := w.ScheduleJob(t.Context(), conn, protocol.Full, occurrence)
		require.NoError(t, err)
		require.True(t, created)
		jobs, err := w.Client.Jobs(t.Context(), "due", 10)
		require.NoError(t, err)
		require.Len(t, jobs, 2)
	})
}

func TestCreateRefusals(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "taken")
	_, err := w.CreateConnector(t.Context(), protocol.NewConnector{ID: "taken", ServiceType: "notes", IndexName: "free"})
	require.ErrorIs(t, err, protocol.ErrExists)
	_, err = w.CreateConnector(t.Context(), protocol.NewConnector{ServiceType: "notes", IndexName: conn.IndexName})
	require.ErrorIs(t, err, protocol.ErrExists)
	require.ErrorContains(t, err, "connector taken")
	_, err = w.CreateConnector(t.Context(), protocol.NewConnector{ServiceType: "notes"})
	require.ErrorContains(t, err, "needs an index name")

	require.NoError(t, w.DeleteConnector(t.Context(), "taken"))
	require.NoError(t, w.DeleteConnector(t.Context(), "taken"))
	_, err = w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err, "made of what was read before")
	gone, err := w.Connector(t.Context(), "taken")
	require.NoError(t, err)
	_, err = w.CreateJob(t.Context(), gone, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.ErrorIs(t, err, protocol.ErrNotFound)

	again, err := w.CreateConnector(t.Context(), protocol.NewConnector{ID: "taken", ServiceType: "notes", IndexName: conn.IndexName})
	require.NoError(t, err)
	require.Equal(t, protocol.Created, again.Status)
	_, err = w.Claim(t.Context(), again, w.pending(t, again))
	require.ErrorIs(t, err, protocol.ErrNotReady)
}

func (w world) pending(t *testing.T, conn protocol.Connector) protocol.Job {
	t.Helper()
	j, err := w.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(t, err)
	require.Equal(t, job.Pending, j.Status)
	return j
}

// Jobs beyond the first thousand are found too.
func TestManyLiveJobs(t *testing.T) {
	w := here(t)
	const n = 1003
	body := ""
	for i := range n {
		body += fmt.Sprintf(`{"index":{"_id":"j%04d"}}`+"\n"+
			`{"connector":{"id":"c%d","service_type":"notes"},"job_type":"full","status":"pending","created_at":"%s"}`+"\n",
			i, i, protocol.FormatTime(w.clock.now().Add(time.Duration(i)*time.Second)))
	}
	w.must(t, "POST", "/"+protocol.JobsIndex+"/_bulk?refresh=true", body)
	jobs, err := w.LiveJobs(t.Context(), protocol.Selection{All: true}, nil)
	require.NoError(t, err)
	require.Len(t, jobs, n)
	require.Equal(t, "j0000", jobs[0].ID)
	require.Equal(t, "j1002", jobs[n-1].ID)
}

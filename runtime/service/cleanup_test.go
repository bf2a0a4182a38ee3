package service_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// abandon claims a job as a worker does that is killed right after.
func (r *rig) abandon(id string) protocol.Job {
	r.t.Helper()
	j := r.start(id, protocol.Full)
	_, err := r.protocol.Claim(r.t.Context(), r.reload(id), j)
	require.NoError(r.t, err)
	return j
}

func TestAJobOfAKilledWorkerIsResumed(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("c1")
	j := r.abandon("c1")
	r.run(r.service())
	r.run(r.service())
	time.Sleep(time.Second) // less than the lease
	require.Equal(t, job.InProgress, r.wait(j.ID, job.InProgress).Status)
	j = r.wait(j.ID, job.Completed, job.Failed)
	require.Equal(t, job.Completed, j.Status, j.Error)
	require.Equal(t, 1, j.Requeued)
	require.EqualValues(t, 4, j.Indexed)
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Completed })
}

// Services may be set to unlike leases: a job is its worker's for the longer one.
func TestAJobIsItsWorkersForTheLongerLease(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("c1")
	r.connector("c2")
	long := r.start("c2", protocol.Full)
	patient := protocol.New(r.client.Documents(), protocol.Options{Host: "test", Lease: time.Minute, Log: quiet()})
	_, err := patient.Claim(t.Context(), r.reload("c2"), long)
	require.NoError(t, err)
	short := r.abandon("c1")
	r.run(r.service())
	r.wait(short.ID, job.Completed)
	j, err := r.protocol.Job(t.Context(), long.ID)
	require.NoError(t, err)
	require.Equal(t, job.InProgress, j.Status)
	require.Zero(t, j.Requeued)
	require.Equal(t, time.Minute, j.Lease)
}

func TestAJobThatKillsItsWorkersFails(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.settings.Service.MaxRequeues = 0
	r.connector("c1")
	j := r.abandon("c1")
	r.run(r.service())
	j = r.wait(j.ID, job.Failed, job.Completed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, `fell silent`)
	require.Contains(t, j.Error, `host "test"`)
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Failed })
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
}

func TestAConnectorWithoutALiveJobIsFreed(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("c1")
	j := r.abandon("c1")
	require.NoError(t, r.protocol.DeleteJob(t.Context(), j.ID))
	r.run(r.service())
	next := r.start("c1", protocol.Full)
	r.wait(next.ID, job.Completed)
}

func TestAConnectorGetsTheOutcomeThatItsWorkerCouldNotStore(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("c1")
	j := r.start("c1", protocol.Full)
	lease, err := r.protocol.Claim(t.Context(), r.reload("c1"), j)
	require.NoError(t, err)
	require.NoError(t, lease.Finish(t.Context(), protocol.Result{Status: job.Completed}))
	r.patch("c1", protocol.Patch{"last_sync_status": job.InProgress}) // as if the second write had not been made
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Completed })
	require.Empty(t, r.reload("c1").LastSyncError)
}

func TestAJobWithoutAConnectorIsRemoved(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("c1")
	j := r.start("c1", protocol.Full)
	require.NoError(t, r.client.Documents().Delete(t.Context(), protocol.ConnectorsIndex, r.name("c1"), -1, 0))
	r.run(r.service())
	r.until(func() bool {
		_, err := r.protocol.Job(t.Context(), j.ID)
		return errors.Is(err, protocol.ErrNotFound)
	})
}

func TestJobsOfOtherServicesAreLeftAlone(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("mine")
	r.connector("other")
	j := r.abandon("other")
	waits := r.start("other", protocol.Full)
	s := r.service()
	s.Selection = protocol.Selection{IDs: []string{r.name("mine")}}
	r.run(s)
	r.wait(r.start("mine", protocol.Full).ID, job.Completed)
	time.Sleep(4 * time.Second) // longer than the lease
	require.Equal(t, job.InProgress, r.wait(j.ID, job.InProgress).Status)
	require.Equal(t, job.Pending, r.wait(waits.ID, job.Pending).Status)
}

func TestAnUnknownServiceTypeStopsNobody(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(4)} }))
	r.connector("strange", func(n *protocol.NewConnector) { n.ServiceType = r.name("nobody_knows") })
	r.connector("c1")
	strange := r.start("strange", protocol.Full)
	r.run(r.service())
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	require.Equal(t, job.Pending, r.wait(strange.ID, job.Pending).Status)
	require.Equal(t, protocol.Configured, r.reload("strange").Status)
	require.True(t, r.reload("strange").LastSeen.IsZero())
}

package service_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func TestAJobRunsAndItsEndIsStored(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(5)} }))
	r.connector("c1")
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })

	j := r.wait(r.start("c1", protocol.Full).ID, job.Completed, job.Failed)
	require.Equal(t, job.Completed, j.Status, j.Error)
	require.EqualValues(t, 5, j.Indexed)
	require.EqualValues(t, 5, j.Total)
	require.Equal(t, 5, r.count(r.index("c1")))
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Completed })
	conn := r.reload("c1")
	require.EqualValues(t, 5, conn.LastIndexed)
	_, ok := job.ParsePosition(conn.SyncCursor)
	require.True(t, ok)
	require.WithinDuration(t, time.Now(), conn.LastSeen, time.Minute)
}

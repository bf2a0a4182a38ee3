package faults_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connectortest"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	directory "github.com/tributary-search/tributary/sources/directory/fixture"
	"github.com/tributary-search/tributary/tools/faults/paper"
	kill "github.com/tributary-search/tributary/tools/kill/trial"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// killedAtAByte is F1: SIGKILL at random bytes of the traffic and at random
// moments, of the service, of the command and of the node, while documents
// change. `make kill` does it with a database besides, and more often.
func killedAtAByte(t *testing.T, x *trial) {
	path, dir := programIn(t)
	seed := rand.Uint64N(1_000_000)
	t.Logf("seed %d", seed)
	files := directory.New().(connectortest.Functional).World(t, 300)
	lists := newJournal(t)
	lists.put(300)
	r, err := kill.Run(t.Context(), kill.Options{
		Program: path, Dir: filepath.Join(dir, "trial"), Kills: 7, Seed: seed,
		Lanes: []kill.Lane{
			{Name: "journal", ServiceType: paper.ServiceType, World: lists, TB: t},
			{Name: "files", ServiceType: "directory", World: files, TB: t},
			{Name: "command", ServiceType: "directory", World: directory.New().(connectortest.Functional).World(t, 300), TB: t, Command: true},
		},
	})
	require.NoError(t, err)
	require.Empty(t, r.Violations)
	require.Equal(t, 7, r.Total())
	x.held("I1 ids", "I2 contents", "I4 checkpoint", "I5 counters")
}

// Write is that of a connectortest.Writer.
func (j *journal) Write(_ context.Context, c connectortest.Changes) error {
	j.change(c.Updates+c.Deletes, rand.New(rand.NewPCG(c.Seed, 2)))
	j.put(c.Added)
	return nil
}

// killedBeforeCheckpoint is F2: SIGKILL after Elasticsearch has carried out a
// bulk request and before the process hears of it, so before a position is
// written that includes it. The answer is held back until the job was confirmed
// meanwhile: a position ahead of the answer would be in it.
func killedBeforeCheckpoint(t *testing.T, x *trial) {
	y := newYard(t, x)
	g := y.gate("1")
	r := y.serve("serve-1", g)
	y.filled("f2", 300, paper.Config{})
	cursor := string(y.connector("f2").SyncCursor)
	require.NotEmpty(t, cursor)
	y.paper.change(3000, rand.New(rand.NewPCG(2, 2)))

	struck := whenBulk(g, 180, func() {
		y.confirmed("1")
		g.Sever()
		r.Kill()
	})
	id := y.demand("f2", protocol.Incremental)
	awaitFault(t, struck)
	require.Equal(t, cursor, string(y.connector("f2").SyncCursor), "I4")
	y.serve("serve-2", y.gate("2"))
	j := y.await(id, job.Completed)
	require.Equal(t, 1, j.Requeued)
	require.NotContains(t, string(j.Metadata), "full_because", "it went on from its position")
	y.equal("f2")
	y.judged()
	x.held("I1 ids", "I2 contents", "I4 checkpoint", "I5 counters")
}

// confirmed waits until a worker has written its job twice more: what it says the
// second time was made up after this was called.
func (y *yard) confirmed(who string) {
	jobs := func() (n int) {
		for _, w := range y.record.All() {
			if w.Who == who && w.Job != nil {
				n++
			}
		}
		return n
	}
	for before, end := jobs(), time.Now().Add(runTime); jobs() < before+2 && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
}

// awaitFault waits until a fault was made.
func awaitFault(t *testing.T, made <-chan struct{}) {
	t.Helper()
	select {
	case <-made:
	case <-time.After(runTime):
		t.Fatal("the fault is not made")
	}
}

// askedToEnd is F3: SIGTERM in the middle of a batch. The service says itself
// that its job is suspended, ends well, which it does not after 5 s, and the
// next one goes on.
func askedToEnd(t *testing.T, x *trial) {
	y := newYard(t, x)
	first := y.gate("1")
	r := y.serve("serve-1", first)
	y.paper.put(2000)
	y.connect("f3", paper.Config{Journal: y.paper.path})
	asked := whenBulk(first, 20, func() { _ = r.Signal(syscall.SIGTERM) })
	id := y.demand("f3", protocol.Full)
	awaitFault(t, asked)
	require.NoError(t, r.Wait(), "it ends by itself, without an error") // a second signal would end it at once
	j := y.await(id, job.Suspended)
	require.Zero(t, j.Requeued, "nobody had to take it")
	require.Equal(t, job.Suspended, y.connector("f3").LastSyncStatus)
	own := lastOf(y.record.All(), id)
	require.Equal(t, "1", own.Who, "its worker wrote it")
	require.Positive(t, own.Job.Indexed)
	require.Less(t, own.Job.Indexed, int64(2000))

	y.serve("serve-2", y.gate("2"))
	y.await(id, job.Completed)
	y.equal("f3")
	y.judged()
	x.held("I1 ids", "I2 contents", "I4 checkpoint", "I5 counters")
}

// lastOf is the last write of a job.
func lastOf(log []ledger.Write, id string) (last ledger.Write) {
	for _, w := range log {
		if w.Job != nil && w.Job.ID == id && (last.Job == nil || w.Job.SeqNo > last.Job.SeqNo) {
			last = w
		}
	}
	return last
}

// stoppedPastItsLease is F4: a worker is stopped in the middle of a bulk request
// for longer than its lease, another one takes its job, and the first one wakes.
// The log of both shows who wrote when.
func stoppedPastItsLease(t *testing.T, x *trial) {
	y := newYard(t, x)
	first, second := y.gate("1"), y.gate("2")
	r := y.serve("serve-1", first)
	y.paper.put(3000) // so that there is always a next request to send
	y.connect("f4", paper.Config{Journal: y.paper.path})
	stopped := whenBulk(first, 10, func() { _ = r.Signal(syscall.SIGSTOP) })
	id := y.demand("f4", protocol.Full)
	awaitFault(t, stopped)
	woken := whenBulk(second, 3, func() { _ = r.Signal(syscall.SIGCONT) })
	y.serve("serve-2", second)
	awaitFault(t, woken)
	j := y.await(id, job.Completed)
	require.Equal(t, 1, j.Requeued)
	require.Eventually(t, func() bool { return logged(t, r.Log(), "taken over by another worker") }, runTime, 20*time.Millisecond,
		"the first one learns that the job is another's")
	y.equal("f4")
	require.Equal(t, 1, y.judged().Takeovers)
	x.held("I1 ids", "I2 contents", "I3 no write after lease loss", "I5 counters")
}

// logged reports whether a log holds a text.
func logged(t *testing.T, path, text string) bool {
	t.Helper()
	log, err := os.ReadFile(path)
	require.NoError(t, err)
	return containsText(log, text)
}

package faults_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/faults/paper"
	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
	kill "github.com/tributary-search/tributary/tools/kill/trial"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// fullDisk is F26: the disk of the node's data is full in the middle of an
// incremental sync. The job ends with a sentence that says what to do, the
// cursor stays where it was, and when there is room again the next sync goes on
// from there.
func fullDisk(t *testing.T, x *trial) {
	y := newYard(t, x)
	g := y.gate("1")
	r := y.serve("serve-1", g, "log.level=debug")
	y.filled("f26", 300, paper.Config{})
	cursor := string(y.connector("f26").SyncCursor)
	y.paper.change(2500, rand.New(rand.NewPCG(26, 2)))
	full := whenBulk(g, 20, func() { _ = y.node.Running().Signal(syscall.SIGUSR1) })
	id := y.demand("f26", protocol.Incremental)
	awaitFault(t, full)
	// The first answer about the disk may be the lease's, which waits for room; this one is that of a job that has given up.
	require.Eventually(t, func() bool { return logged(t, r.Log(), "the end of the job is not stored yet") }, runTime, 20*time.Millisecond)
	require.NoError(t, y.node.Running().Signal(syscall.SIGUSR2))

	j := y.await(id, job.Failed)
	require.Contains(t, j.Error, "free space")
	require.Equal(t, cursor, string(y.connector("f26").SyncCursor), "I4 the old cursor is kept")
	y.await(y.demand("f26", protocol.Incremental), job.Completed)
	y.equal("f26")
	y.judged(id)
	x.held("I1 ids", "I2 contents", "I4 checkpoint", "I5 counters")
}

// The documents of F27. By hand: TRIBUTARY_FAULT_DOCUMENTS=1000000.
const (
	manyDocuments = 100_000
	largeDocument = 15 << 20
	memoryLimit   = 64 << 20
	// goLimit leaves room for what Go does not count, and for one large document
	// that is garbage when the next piece of its size is wanted.
	goLimit = 52 << 20
)

// littleMemory is F27: the service has 64 MiB, syncs many documents and one of
// 15 MB, changes a part and syncs again. Where the system lets this user limit a
// group of processes, it does; Go is told of the limit in any case.
func littleMemory(t *testing.T, x *trial) {
	documents := numberOf(t, "TRIBUTARY_FAULT_DOCUMENTS", manyDocuments)
	y := newYard(t, x)
	y.patience *= time.Duration(1 + documents/manyDocuments)
	y.program.Setenv(fmt.Sprintf("GOMEMLIMIT=%d", goLimit))
	r, err := kill.Serve(t.Context(), y.program, "serve-1", y.node.URL, paper.ServiceType, "elasticsearch.bulk.chunk_size=10000")
	require.NoError(t, err)
	t.Cleanup(r.Kill)
	limit, peak := limitMemory(t, r)
	t.Logf("limited by GOMEMLIMIT and %s", limit)
	y.unsearched("f27")
	y.connect("f27", paper.Config{Documents: documents, Large: largeDocument})
	first := y.await(y.demand("f27", protocol.Full), job.Completed)
	require.EqualValues(t, documents+1, first.Total)
	require.EqualValues(t, documents+1, first.Indexed)
	again := y.await(y.demand("f27", protocol.Full), job.Completed)
	require.Zero(t, again.Indexed+again.Deleted, "nothing changed")
	t.Logf("%d documents and one of %d MB: peak RSS %d MiB, %s", documents, largeDocument>>20, r.Peak(), peak())
	require.Less(t, r.Peak(), 2*memoryLimit>>20)
	x.held("I1 ids", "I5 counters")
}

// numberOf is a number that the environment makes larger by hand.
func numberOf(t *testing.T, name string, usual int) int {
	t.Helper()
	if text := os.Getenv(name); text != "" {
		_, err := fmt.Sscan(text, &usual)
		require.NoError(t, err, name)
	}
	return usual
}

// unsearched makes the index of a connector, in which no field is searched: the
// node is spared the work, as the service is what is tried.
func (y *yard) unsearched(id string) {
	y.t.Helper()
	req, err := http.NewRequestWithContext(y.t.Context(), http.MethodPut, y.node.URL+"/"+ledger.IndexPrefix+id, strings.NewReader(`{"mappings":{"dynamic":false}}`))
	require.NoError(y.t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(y.t, err)
	require.NoError(y.t, res.Body.Close())
	require.Equal(y.t, http.StatusOK, res.StatusCode)
}

// limitMemory puts a process into a group of its own with the limit, where that
// can be done, and says how, and later how much the group had at most. A group
// that is too small for the process kills it, and its job never completes.
func limitMemory(t *testing.T, r *ftest.Running) (how string, peak func() string) {
	t.Helper()
	for _, c := range []struct{ kind, parent, limit, peak string }{
		{"cgroup v2", ownGroup("0::"), "memory.max", "memory.peak"},
		{"cgroup v1", filepath.Join("/sys/fs/cgroup/memory", ownGroup("memory")), "memory.limit_in_bytes", "memory.max_usage_in_bytes"},
	} {
		parent := c.parent
		if c.kind == "cgroup v2" {
			parent = filepath.Join("/sys/fs/cgroup", parent)
		}
		dir := filepath.Join(parent, fmt.Sprintf("tributary-fault-%d", r.PID()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { r.Kill(); _ = os.Remove(dir) })
		if set(dir, c.limit, memoryLimit) && set(dir, "cgroup.procs", r.PID()) {
			return c.kind + ", " + c.limit, func() string {
				text, _ := os.ReadFile(filepath.Join(dir, c.peak))
				return "bytes of the group at most: " + strings.TrimSpace(string(text))
			}
		}
	}
	return "nothing else: this user may limit no group of processes", func() string { return "no group" }
}

// set writes a file of a group, if it is there: a folder that is no group has
// none.
func set(dir, name string, value int) bool {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	_, err = fmt.Fprint(f, value)
	return errors.Join(err, f.Close()) == nil
}

// ownGroup is the path of this process's group, as /proc/self/cgroup tells it.
func ownGroup(controller string) string {
	text, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if controller == "0::" && strings.HasPrefix(line, controller) {
			return strings.TrimPrefix(line, controller)
		}
		if parts := strings.SplitN(line, ":", 3); len(parts) == 3 && parts[1] == controller {
			return parts[2]
		}
	}
	return ""
}

package faults_test

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connectortest"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/faults/paper"
	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
	kill "github.com/tributary-search/tributary/tools/kill/trial"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// processFaults are done to real processes: to the program with one more source.
func processFaults() []fault {
	return []fault{
		{"F1", killedAtAByte, false},
		{"F2", killedBeforeCheckpoint, false},
		{"F3", askedToEnd, false},
		{"F4", stoppedPastItsLease, false},
		{"F24", manyJobs, false},
		{"F25", clockJumps, false},
		{"F26", fullDisk, false},
		{"F27", littleMemory, false},
		{"F29", soak, false},
	}
}

// built is the program, built once, without the race detector: its memory is
// measured.
var built = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs("../../.cache/faults/program")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-race=false", "-o", path, "./program").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build the program: %w: %s", err, out)
	}
	return path, err
})

// programIn puts the program into a folder that its account may enter: run by
// root it has another one.
func programIn(t *testing.T) (path, dir string) {
	t.Helper()
	from, err := built()
	require.NoError(t, err)
	t.Setenv("TMPDIR", "/tmp") // a folder below that of another test can't be entered
	dir = t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	path = filepath.Join(dir, "tributary")
	in, err := os.Open(from)
	require.NoError(t, err)
	defer in.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	return path, dir
}

// yard is a node and services in processes of their own, with what their users
// have.
type yard struct {
	t        *testing.T
	trial    *trial
	program  *ftest.Program
	node     *kill.Node
	record   *ledger.Record
	doors    *kill.Gate
	client   *elastic.Client
	protocol *protocol.Client
	paper    *journal
	patience time.Duration // for one job
}

func newYard(t *testing.T, x *trial) *yard {
	t.Helper()
	path, dir := programIn(t)
	y := &yard{t: t, trial: x, patience: runTime, record: ledger.NewRecord(), paper: newJournal(t)}
	var err error
	y.program, err = ftest.NewProgram(path, filepath.Join(dir, "run"), filepath.Join(dir, "cover"))
	require.NoError(t, err)
	y.node, err = kill.OpenNode(t.Context(), y.program)
	require.NoError(t, err)
	t.Cleanup(func() { y.node.Kill() })
	y.doors = y.gate("user")
	y.client, y.protocol, err = kill.User(t.Context(), y.doors.URL)
	require.NoError(t, err)
	t.Cleanup(y.client.Close)
	return y
}

// gate makes the gate of a process.
func (y *yard) gate(name string) *kill.Gate {
	y.t.Helper()
	g, err := kill.NewGate(name, y.node.URL, y.record)
	require.NoError(y.t, err)
	y.t.Cleanup(g.Close)
	return g
}

// serve starts a service behind a gate. It is killed at the latest when the test
// ends.
func (y *yard) serve(name string, g *kill.Gate, settings ...string) *ftest.Running {
	y.t.Helper()
	r, err := kill.Serve(y.t.Context(), y.program, name, g.URL, paper.ServiceType, settings...)
	require.NoError(y.t, err)
	y.t.Cleanup(r.Kill)
	return r
}

// connect makes a connector.
func (y *yard) connect(id string, c paper.Config) {
	y.t.Helper()
	_, err := y.protocol.CreateConnector(y.t.Context(), protocol.NewConnector{
		ID: id, Name: id, ServiceType: paper.ServiceType, IndexName: ledger.IndexPrefix + id, Configuration: c.Values(),
	})
	require.NoError(y.t, err)
}

func (y *yard) connector(id string) protocol.Connector {
	y.t.Helper()
	c, err := y.protocol.Connector(y.t.Context(), id)
	require.NoError(y.t, err)
	return c
}

// demand makes a job.
func (y *yard) demand(id string, kind protocol.JobType) string {
	y.t.Helper()
	j, err := y.protocol.CreateJob(y.t.Context(), y.connector(id), kind, protocol.OnDemand, protocol.JobOptions{})
	require.NoError(y.t, err)
	return j.ID
}

// await waits until a job has a status.
func (y *yard) await(id string, status job.Status) (j protocol.Job) {
	y.t.Helper()
	require.Eventually(y.t, func() bool {
		var err error
		j, err = y.protocol.Job(y.t.Context(), id)
		return err == nil && (j.Status == status || j.Ended())
	}, y.patience, 20*time.Millisecond, "job %s does not get %s", id, status)
	require.Equal(y.t, status, j.Status, j.Error)
	return j
}

// filled makes a connector with a journal of so many documents, all of them in
// its index.
func (y *yard) filled(id string, documents int, c paper.Config) {
	y.t.Helper()
	y.paper.put(documents)
	c.Journal = y.paper.path
	y.connect(id, c)
	y.await(y.demand(id, protocol.Full), job.Completed)
	require.Eventually(y.t, func() bool { return len(y.connector(id).SyncCursor) > len("null") }, runTime, 20*time.Millisecond,
		"the connector is written after its job")
	y.equal(id)
}

// equal asserts that the index holds what the journal says.
func (y *yard) equal(id string) {
	y.t.Helper()
	d, err := ftest.Compare(y.t.Context(), y.node.URL, ledger.IndexPrefix+id, y.paper)
	require.NoError(y.t, err)
	require.Empty(y.t, d.Text, "I1 ids, I2 contents")
}

// judged asserts what the log of all writes shows. Those jobs were to fail.
func (y *yard) judged(failed ...string) ledger.Verdict {
	y.t.Helper()
	v := ledger.Judge(y.record.All(), nil)
	v.Violations = slices.DeleteFunc(v.Violations, func(text string) bool {
		return slices.ContainsFunc(failed, func(id string) bool { return strings.HasPrefix(text, "job "+id+" of connector") })
	})
	require.Empty(y.t, v.Violations, "I3 no write after lease loss, I5 counters")
	return v
}

// whenBulk calls f once, when the nth bulk request from now on has been answered
// and the process has not heard of it.
func whenBulk(g *kill.Gate, nth int, f func()) <-chan struct{} {
	var mu sync.Mutex
	seen, done := 0, make(chan struct{})
	g.After(func(w *ledger.Write) {
		if w.Bulk == nil {
			return
		}
		mu.Lock()
		seen++
		mine := seen == nth
		mu.Unlock()
		if mine {
			f()
			close(done)
		}
	})
	return done
}

// journal is what a journal says that there is. It is a connectortest.World that
// can be written to, too.
type journal struct {
	connectortest.World
	path    string
	entries map[string]paper.Entry
	made    int
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	dir := t.TempDir()
	return &journal{path: filepath.Join(dir, "journal"), entries: map[string]paper.Entry{}}
}

// put adds so many documents.
func (j *journal) put(documents int) {
	list := make([]paper.Entry, documents)
	for i := range list {
		j.made++
		list[i] = paper.Entry{ID: fmt.Sprintf("doc-%06d", j.made), Value: j.made}
	}
	j.write(list)
}

// change changes so many documents and deletes a few.
func (j *journal) change(documents int, dice *rand.Rand) {
	list := make([]paper.Entry, documents)
	for i := range list {
		j.made++
		list[i] = paper.Entry{ID: fmt.Sprintf("doc-%06d", 1+dice.IntN(j.made)), Value: j.made, Deleted: i%10 == 0}
	}
	j.write(list)
}

func (j *journal) write(list []paper.Entry) {
	for _, e := range list {
		if j.entries[e.ID] = e; e.Deleted {
			delete(j.entries, e.ID)
		}
	}
	if err := paper.Append(j.path, list...); err != nil {
		panic(err) // the comparison could not be made
	}
}

// Truth is every document that was not deleted.
func (j *journal) Truth() iter.Seq[connectortest.Expected] {
	return func(yield func(connectortest.Expected) bool) {
		for id, e := range j.entries {
			if !yield(connectortest.Expected{ID: id, Fields: e.Fields()}) {
				return
			}
		}
	}
}

// Config reads the journal.
func (j *journal) Config() json.RawMessage {
	raw, _ := json.Marshal(map[string]string{"journal": j.path, "documents": "0", "large": "0", "pause": "0s"})
	return raw
}

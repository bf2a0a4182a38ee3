package cli_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// edited is an office whose directory is in the index "docs", of which one
// document was edited since, one deleted, and one file removed.
func edited(t *testing.T, target elastictest.Target) *office {
	o := newOffice(t, target)
	o.run("sync", "directory", "directory="+o.dir, "--index", o.name("docs")).wants(0)
	t.Cleanup(func() { _ = o.elastic.Index(o.name("docs")).Delete(context.Background()) })
	o.spoil()
	return o
}

// spoil edits one document, deletes one, and removes a file.
func (o *office) spoil() {
	o.post(http.MethodPost, "/_update/"+o.document("one.txt"), `{"doc":{"body":"forged","more":null}}`)
	o.post(http.MethodDelete, "/_doc/"+o.document("two.md"), "")
	require.NoError(o.t, os.Remove(filepath.Join(o.dir, "deep", "three.go")))
}

// document is the id of a file's document.
func (o *office) document(name string) string {
	sum := md5.Sum([]byte(filepath.Join(o.dir, filepath.FromSlash(name))))
	return hex.EncodeToString(sum[:])
}

func (o *office) post(method, path, body string) {
	o.t.Helper()
	req, err := http.NewRequest(method, o.url+"/"+o.name("docs")+path, strings.NewReader(body))
	require.NoError(o.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(o.t, err)
	require.NoError(o.t, resp.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	require.Less(o.t, resp.StatusCode, 300, "%s %s", method, path)
}

func TestVerifyASource(t *testing.T) {
	o := edited(t, elastictest.Server(t))
	args := []string{"verify", "directory", "directory=" + o.dir, "--index", o.name("docs")}
	r := o.run(args...).wants(3)
	for _, text := range []string{
		"equal 0 missing 1 different 1 surplus 1\n", "  missing: " + o.document("two.md") + "\n", "  different: " + o.document("one.txt") + ": body differs, more is added (as null)\n",
		"  surplus: " + o.document("deep/three.go") + "\n", "--repair mends this",
	} {
		r.says(text)
	}
	require.Contains(t, r.stderr, "3 documents of the index and the source differ")

	o.run(append(args, "--fast")...).wants(3).says("equal 1 missing 1 different 0 surplus 1\n").says("tributary sync with the same words mends this")
	o.run(append(args, "--no-content")...).wants(3).says("  different: " + o.document("one.txt") + ": more is added (as null)\n").says("contents  were not compared")
	o.run(append(args, "--repair")...).wants(0).says("surplus 1 repaired 3\n").says("nothing: what differed is mended")
	o.run(args...).wants(0).says("equal 2 missing 0 different 0 surplus 0\n").says("the index equals the source")
	o.run(append(args, "--fast")...).wants(0).says("fingerprints were compared")
}

func TestVerifyJSON(t *testing.T) {
	o := edited(t, elastictest.Server(t))
	lines := o.run("--json", "verify", "directory", "directory="+o.dir, "--index", o.name("docs")).wants(3).lines()
	require.Len(t, lines, 5)
	require.Equal(t, map[string]any{
		"type": "verifying", "connector": "", "service_type": "directory", "index": o.name("docs"), "target": o.url,
	}, lines[0])
	require.Contains(t, lines[1:4], map[string]any{"type": "difference", "kind": "different", "id": o.document("one.txt"), "fields": []any{
		map[string]any{"name": "body", "kind": "changed"}, map[string]any{"name": "more", "kind": "added_null"},
	}})
	require.Contains(t, lines[1:4], map[string]any{"type": "difference", "kind": "surplus", "id": o.document("deep/three.go")})
	last := lines[4]
	require.Equal(t, "completed", last["status"])
	require.Equal(t, false, last["equal"])
	require.EqualValues(t, 1, last["findings"].(map[string]any)["surplus"])

	last = o.run("--json", "verify", "directory", "directory="+filepath.Join(o.home, "nowhere")).wants(1).last()
	require.Equal(t, "failed", last["status"])
	require.Equal(t, false, last["equal"])
}

func TestVerifyRefusesFlags(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"directory", "directory=" + dir, "--fast", "--repair"}, "run tributary sync"},
		{[]string{"directory", "directory=" + dir, "--no-content", "--repair"}, "needs the contents"},
		{[]string{"directory", "directory=" + dir, "--allow-deletes"}, "without --repair"},
		{[]string{"Documents", "--index", "docs"}, "a connector has its own"},
		{[]string{"Documents"}, `there is no connector "Documents"`},
		{[]string{"directry", "directory=" + dir}, "directory"},
		{nil, "CONNECTOR|SOURCE is missing"},
	} {
		require.Contains(t, m.run(append([]string{"verify"}, c.args...)...).wants(2).stderr, c.says)
	}
}

func TestVerifyAConnector(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create("--name", o.name("n"))
		o.run("job", "start", id).wants(0)
		o.serveOnce(id).wants(0)
		o.run("verify", o.name("n")).wants(0).says("equal 3 missing 0").says("connector " + id)

		o.spoil()
		o.run("verify", id).wants(3).says("equal 0 missing 1 different 1 surplus 1").says("tributary verify " + id + " --repair mends this")
		o.run("verify", id, "--repair").wants(0).says("repaired 3")
		o.run("verify", id).wants(0).says("equal 2 missing 0")
		line := o.run("--json", "verify", id).wants(0).last()
		require.Equal(o.t, true, line["equal"])
		require.Equal(o.t, false, line["disturbed"])
	})
}

func TestVerifyAConnectorThatIsSynced(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		o.run("job", "start", id).wants(0)
		o.serveOnce(id).wants(0)
		conn := o.connector(id)
		j, err := o.protocol.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		require.NoError(o.t, err)
		o.run("verify", id).wants(0) // it waits
		lease, err := o.protocol.Claim(t.Context(), o.connector(id), j)
		require.NoError(o.t, err)
		require.Contains(o.t, o.run("verify", id).wants(1).stderr, "tributary job watch "+j.ID)
		require.NoError(o.t, lease.Finish(t.Context(), protocol.Result{Status: job.Completed}))
		o.run("verify", id).wants(0)
	})
}

// synced is a connector whose index was made, and spoiled then.
func (o *office) synced() string {
	id := o.create()
	o.run("job", "start", id).wants(0)
	o.serveOnce(id).wants(0)
	o.spoil()
	return id
}

// TestARepairEndsWhenASyncBegins, before it writes anything.
func TestARepairEndsWhenASyncBegins(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.synced()
		o.onOutput = sync.OnceFunc(func() { // it is ready, and has not begun
			j, err := o.protocol.CreateJob(t.Context(), o.connector(id), protocol.Full, protocol.OnDemand, protocol.JobOptions{})
			require.NoError(o.t, err)
			lease, err := o.protocol.Claim(t.Context(), o.connector(id), j)
			require.NoError(o.t, err)
			o.t.Cleanup(func() { _ = lease.Finish(context.Background(), protocol.Result{Status: job.Completed}) })
		})
		require.Contains(o.t, o.run("verify", id, "--repair").wants(1).stderr, "a sync of connector "+id+" runs")
		n, err := o.elastic.Index(o.name("docs")).Count(t.Context())
		require.NoError(o.t, err)
		require.EqualValues(o.t, 2, n, "what is missing is still missing")
	})
}

// TestVerifyBesideAJob says that one ran, and judges nothing that it wrote.
func TestVerifyBesideAJob(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		o.run("job", "start", id).wants(0)
		o.serveOnce(id).wants(0)
		o.onOutput = sync.OnceFunc(func() {
			o.onOutput = nil // the commands in here write too
			o.run("job", "start", id).wants(0)
			o.serveOnce(id).wants(0)
		})
		o.run("verify", id).wants(0).says("equal 3 missing 0").says("a sync of the connector ran meanwhile")
	})
}

func TestVerifyUnderTheGuard(t *testing.T) {
	o := newOffice(t, elastictest.Server(t))
	args := []string{"verify", "directory", "directory=" + o.dir, "--index", o.name("docs"), "--repair"}
	o.run("sync", "directory", "directory="+o.dir, "--index", o.name("docs")).wants(0)
	t.Cleanup(func() { _ = o.elastic.Index(o.name("docs")).Delete(context.Background()) })
	require.NoError(t, os.RemoveAll(o.dir))
	require.NoError(t, os.MkdirAll(o.dir, 0o755))
	r := o.run(args...).wants(1).says("equal 0 missing 0 different 0 surplus 3\n").says("--allow-deletes")
	require.Contains(t, r.stderr, "nothing was deleted")
	o.run(append(args, "--allow-deletes")...).wants(0).says("surplus 3 repaired 3\n")
}

// TestVerifyHonoursRules: what they exclude is surplus.
func TestVerifyHonoursRules(t *testing.T) {
	o := newOffice(t, elastictest.Server(t))
	o.run("sync", "directory", "directory="+o.dir, "--index", o.name("docs")).wants(0)
	t.Cleanup(func() { _ = o.elastic.Index(o.name("docs")).Delete(context.Background()) })
	file := filepath.Join(o.home, "rules.json")
	o.write(file, `[{"id":"no-code","policy":"exclude","field":"extension","rule":"equals","value":"go","order":1}]`)
	o.run("verify", "directory", "directory="+o.dir, "--index", o.name("docs"), "--rules", file).wants(3).
		says("equal 2 missing 0 different 0 surplus 1 filtered 1\n").says("surplus: " + o.document("deep/three.go") + " (a rule excludes it)").says("1 hit for rule no-code")

	o.write(file, `{"rules":[],"advanced_snippet":{"value":[{"pattern":"*.md"}]}}`)
	o.run("verify", "directory", "directory="+o.dir, "--index", o.name("docs"), "--rules", file).wants(3).says("surplus 2")
}

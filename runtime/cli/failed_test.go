package cli_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/embedded"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// index makes an index of the machine's embedded node anew.
func (m *machine) index(name, mapping string) {
	m.t.Helper()
	node, err := embedded.Attach(filepath.Join(m.home, "state", "tributary"), embedded.Options{})
	require.NoError(m.t, err)
	defer func() { require.NoError(m.t, node.Close()) }()
	client, err := elastic.New(elastic.Config{URL: node.URL, APIKey: node.APIKey})
	require.NoError(m.t, err)
	defer client.Close()
	require.NoError(m.t, client.Index(name).Delete(m.t.Context()))
	require.NoError(m.t, client.Index(name).Ensure(m.t.Context(), []byte(`{"mappings":`+mapping+`}`)))
}

// numbers is a mapping that no document of a directory fits.
const numbers = `{"properties":{"path":{"type":"long"}}}`

func TestFailedDocumentsOfASync(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.index("docs", numbers)
	r := m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(cli.ExitPartial).says("failed 3")
	r.says("dead letters: 3 documents wait; tributary failed list ")
	last := m.run("--json", "sync", "directory", "directory="+dir, "--index", "docs").wants(cli.ExitPartial)
	owner := last.lines()[0]["owner"].(string)
	require.Equal(t, map[string]any{"waiting": 3.0, "index": "tributary-failed"}, last.last()["dead_letters"])

	m.run("failed", "list").wants(0).says(owner).says("CONNECTOR")
	require.Equal(t, map[string]any{
		"type": "letters", "connector": owner, "documents": 3.0, "needs_source": 0.0,
		"newest": m.run("--json", "failed", "list").wants(0).last()["newest"],
	}, m.run("--json", "failed", "list").wants(0).last())
	m.run("failed", "list", owner).wants(0).says("just now").says("mapping").says("document_parsing_exception").says("  2  ")
	m.run("failed", "list", owner, "--limit", "1").wants(0).says("and 2 older documents; --limit shows more")
	line := m.run("--json", "failed", "list", owner).wants(0).lines()[0]
	require.Equal(t, "letter", line["type"])
	require.Equal(t, 2.0, line["attempts"])
	require.Equal(t, "index", line["kept_in"])
	require.NotContains(t, line, "document")
	id := line["id"].(string)
	shown := m.run("--json", "failed", "show", owner, id).wants(0).last()
	require.Contains(t, shown["document"], "path")
	m.run("failed", "show", owner, id).wants(0).says("reason").says("  path: ")
	require.Contains(t, m.run("failed", "show", owner, "nothing").wants(cli.ExitUsage).stderr, `no document "nothing"`)

	require.Equal(t, map[string]any{
		"type": "replayed", "connector": owner, "delivered": 0.0, "superseded": 0.0, "needs_source": 0.0, "refused": 3.0,
	}, m.run("--json", "failed", "replay", owner).wants(cli.ExitPartial).last())

	m.index("docs", `{"properties":{}}`)
	m.run("failed", "replay", owner, id).wants(0).says("1 document delivered")
	m.run("failed", "replay", owner).wants(0).says("2 documents delivered")
	m.run("failed", "list", owner).wants(0).says("no documents of " + owner + " wait")
	m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0).says("created 0 updated 0 unchanged 3 deleted 0\n")
}

func TestFailedDocumentsAreDropped(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.index("docs", numbers)
	owner := m.run("--json", "sync", "directory", "directory="+dir, "--index", "docs").wants(cli.ExitPartial).lines()[0]["owner"].(string)
	id := m.run("--json", "failed", "list", owner).wants(0).lines()[0]["id"].(string)
	require.Contains(t, m.run("failed", "drop", owner).wants(cli.ExitUsage).stderr, "--all")
	m.run("failed", "drop", owner, id).wants(0).says("1 document forgotten")
	require.Contains(t, m.run("failed", "drop", owner, id).wants(cli.ExitUsage).stderr, "no document")
	require.Equal(t, map[string]any{"type": "dropped", "connector": owner, "documents": 2.0}, m.run("--json", "failed", "drop", owner, "--all").wants(0).last())
	m.run("failed", "list").wants(0).says("no documents wait")
	require.Contains(t, m.run("failed", "list", "nobody").wants(cli.ExitUsage).stderr, `there is no connector "nobody"`)
}

// Without an index for them they are in a file, and no command notices a difference.
func TestFailedDocumentsInAFile(t *testing.T) {
	m := newMachine(t)
	m.write(filepath.Join(m.home, "config.yml"), "dead_letters:\n  index: \"\"\n")
	m.env = append(m.env, "TRIBUTARY_CONFIG="+filepath.Join(m.home, "config.yml"))
	dir := m.tree("docs", three)
	m.index("docs", numbers)
	r := m.run("--json", "sync", "directory", "directory="+dir, "--index", "docs").wants(cli.ExitPartial)
	owner := r.lines()[0]["owner"].(string)
	file := filepath.Join(m.home, "state", "tributary", "failed", owner+".ndjson")
	require.Equal(t, file, r.last()["dead_letters"].(map[string]any)["file"])
	require.FileExists(t, file)
	require.Equal(t, "file", m.run("--json", "failed", "list", owner).wants(0).lines()[0]["kept_in"])
	m.index("docs", `{"properties":{}}`)
	m.run("failed", "replay", owner).wants(0).says("3 documents delivered")
	require.NoFileExists(t, file)
}

func TestFailedDocumentsOfAConnector(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("tree", three)
	m.index("search-c1", numbers)
	var id string
	m.inNode(func(p *protocol.Client) {
		conn := directoryConnector(t, p, "c1", dir)
		j, err := p.CreateJob(t.Context(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		require.NoError(t, err)
		id = j.ID
	})
	m.run("serve", "--once").wants(0)
	line := m.run("--json", "job", "show", id).wants(0).last()
	require.EqualValues(t, job.Completed, line["status"])
	require.Equal(t, map[string]any{"waiting": 3.0, "index": "tributary-failed"}, line["dead_letters"])
	m.run("job", "show", id).wants(0).says("3 documents wait; tributary failed list c1 shows them")
	letter := m.run("--json", "failed", "list", "c1").wants(0).lines()[0]
	require.Equal(t, id, letter["job"])
	require.Contains(t, m.run("__complete", "failed", "show", "").wants(0).stdout, "c1\n")
	require.Contains(t, m.run("__complete", "failed", "show", "c1", "").wants(0).stdout, letter["id"].(string)+"\n")
}

// A key that may not make the index: the sync goes on, and says what is missing.
func TestFailedDocumentsWithoutThePrivilege(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	server := elastictest.Node(t, embedded.Options{})
	forward := reverseProxy(t, server.URL)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/tributary-failed") {
			forward.ServeHTTP(w, r)
			return
		}
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"error":{"type":"security_exception","reason":"action [indices:admin/create] is unauthorized for API key id [k] of `+
			`user [u] on indices [tributary-failed], this action is granted by the index privileges [create_index,manage,all]"},"status":403}`)
	}))
	t.Cleanup(gate.Close)
	client, err := elastic.New(elastic.Config{URL: server.URL})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	require.NoError(t, client.Index("docs").Ensure(t.Context(), []byte(`{"mappings":`+numbers+`}`)))
	m.env = append(m.env, "ELASTICSEARCH_URL="+gate.URL)

	r := m.run("--json", "sync", "directory", "directory="+dir, "--index", "docs").wants(cli.ExitPartial)
	told := r.last()["dead_letters"].(map[string]any)
	require.EqualValues(t, 3, told["waiting"])
	require.FileExists(t, told["file"].(string))
	for _, text := range []string{told["problem"].(string), r.stderr} {
		require.Contains(t, text, "/tributary-failed")
		require.Contains(t, text, "create_index, manage, all")
	}
	m.run("failed", "list", r.lines()[0]["owner"].(string)).wants(0).says("mapping")
}

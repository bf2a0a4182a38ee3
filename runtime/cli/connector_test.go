package cli_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// office is a machine whose connectors are on a server that it may share with
// other tests.
type office struct {
	*machine
	t        *testing.T
	dir      string // a small tree of files
	part     string // tells names apart from those of other tests
	url      string // of the server
	protocol *protocol.Client
	elastic  *elastic.Client
}

// everywhere runs a test on a server with the Connector API's indices as 8.x
// has them, and on one that treats them as 9.1 does.
func everywhere(t *testing.T, test func(o *office)) {
	t.Run("8", func(t *testing.T) { test(newOffice(t, elastictest.Server(t))) })
	t.Run("9.1", func(t *testing.T) { test(newOffice(t, elastictest.Server91(t))) })
}

func newOffice(t *testing.T, target elastictest.Target) *office {
	client, err := elastic.New(elastic.Config{URL: target.URL})
	require.NoError(t, err)
	o := &office{
		machine: newMachine(t, "ELASTICSEARCH_URL="+target.URL), t: t, part: strings.ToLower(rand.Text()[:8]), url: target.URL,
		protocol: protocol.New(client.Documents(), protocol.Options{Host: "elsewhere"}), elastic: client,
	}
	o.dir = o.tree("docs", three)
	t.Cleanup(client.Close)
	return o
}

// name is a name of this test's own.
func (o *office) name(word string) string { return word + "-" + o.part }

// create makes a connector for the directory and returns its id.
func (o *office) create(args ...string) string {
	o.t.Helper()
	id := o.name("id")
	o.run(append([]string{"connector", "create", "directory", "directory=" + o.dir, "--id", id, "--index", o.name("docs")}, args...)...).wants(0)
	o.cleanUp(id)
	return id
}

// cleanUp deletes a connector when the test is over.
func (o *office) cleanUp(id string) {
	o.t.Cleanup(func() {
		ctx := context.Background()
		_ = o.protocol.DeleteConnector(ctx, id) // it may be deleted already
		_ = o.elastic.Index(o.name("docs")).Delete(ctx)
		jobs, _ := o.protocol.Jobs(ctx, id, 100)
		for _, j := range jobs {
			_ = o.protocol.DeleteJob(ctx, j.ID)
		}
	})
}

func (o *office) connector(id string) protocol.Connector {
	o.t.Helper()
	conn, err := o.protocol.Connector(o.t.Context(), id)
	require.NoError(o.t, err)
	return conn
}

// serveOnce runs what waits for one connector.
func (o *office) serveOnce(id string) result {
	config := filepath.Join(o.home, "serve.yml")
	o.write(config, "connectors:\n  - connector_id: "+id+"\n")
	return o.run("serve", "--once", "--config", config)
}

func TestConnectorFromCreationToSync(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create("--name", o.name("Documents"), "--schedule", "0 0 3 * * ?", "--pipeline", "mine", "--description", "ours")
		conn := o.connector(id)
		require.Equal(o.t, protocol.Configured, conn.Status)
		require.Equal(o.t, protocol.Schedule{Enabled: true, Interval: "0 0 3 * * ?"}, conn.Scheduling[protocol.Full])
		require.Equal(o.t, "mine", conn.Pipeline.Name)
		require.True(o.t, conn.Features.AdvancedRules, "features are written at once")

		shown := o.run("--json", "connector", "show", o.name("Documents")).wants(0).last()
		require.Equal(o.t, id, shown["id"])
		require.Equal(o.t, o.dir, shown["configuration"].(map[string]any)["directory"])
		require.Equal(o.t, "ours", shown["description"])
		o.run("connector", "show", id).wants(0).says(o.dir).says("0 0 3 * * ?, next ").says("10485760 (default)")
		o.run("connector", "list").wants(0).says(id).says(o.name("Documents"))

		o.run("connector", "pipeline", id, protocol.DefaultPipeline().Name).wants(0)
		started := o.run("--json", "job", "start", id).wants(0).last()
		require.Equal(o.t, "pending", started["status"])
		o.serveOnce(id).wants(0)
		watched := o.run("--json", "job", "watch", started["id"].(string)).wants(0).last()
		require.Equal(o.t, "result", watched["type"])
		require.EqualValues(o.t, 3, watched["counters"].(map[string]any)["created"])
		o.run("connector", "list").wants(0).says("completed")
		o.run("job", "list", id).wants(0).says(started["id"].(string)).says("on_demand")
		o.run("job", "show", started["id"].(string)).wants(0).says("3 documents").says("completed")
	})
}

func TestConnectorCreateRefuses(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		made := func(args ...string) []string {
			return append([]string{"connector", "create", "directory"}, args...)
		}
		for name, c := range map[string]struct {
			args []string
			want string
		}{
			"an index of another":  {made("directory="+o.dir, "--index", o.name("docs")), "in use by connector " + id + "; choose another index (--id and --index choose others)"},
			"an id of another":     {made("directory="+o.dir, "--id", id, "--index", o.name("other")), "the id is in use"},
			"a missing value":      {made(), "directory: "},
			"a wrong value":        {made("directory="+o.dir, "follow_links=perhaps"), "follow_links: "},
			"an unknown key":       {made("directory="+o.dir, "patern=*"), `did you mean "pattern"?`},
			"a bad schedule":       {made("directory="+o.dir, "--schedule", "0 0 25 * * ?"), "hour"},
			"a bad index":          {made("directory="+o.dir, "--index", "Up"), "write it in lower case"},
			"a dotted index":       {made("directory="+o.dir, "--index", ".elastic-connectors-v1"), "names that begin with a dot belong to Elasticsearch and Kibana"},
			"a bad id":             {made("directory="+o.dir, "--id", " a"), "neither begin nor end with a space"},
			"no source":            {[]string{"connector", "create"}, "SOURCE is missing"},
			"an unknown source":    {[]string{"connector", "create", "directry"}, `did you mean "directory"?`},
			"an unknown connector": {[]string{"connector", "show", id + "x"}, `did you mean "` + id + `"?`},
			"an unknown job":       {[]string{"job", "show", "nothing-like-it-" + o.part}, "tributary job list shows those"},
			"an unknown type":      {[]string{"job", "start", id, "--type", "ful"}, `did you mean "full"?`},
			"a type it can't":      {[]string{"job", "start", id, "--type", "incremental"}, "use full ones"},
			"too many words":       {[]string{"connector", "show", id, "more"}, `there is no place for "more"`},
			"no way to ask":        {[]string{"connector", "delete", id}, "--yes"},
			"nothing to configure": {[]string{"connector", "configure", id}, "tributary sources directory lists the keys"},
		} {
			r := o.run(c.args...)
			require.Equal(o.t, cli.ExitUsage, r.code, "%s: %s", name, r.stderr)
			require.Contains(o.t, r.stderr, c.want, name)
		}
	})
}

func TestConnectorCreateLeavesDocumentsOfOthersAlone(t *testing.T) {
	everywhere(t, func(o *office) {
		index := o.name("docs")
		o.run("sync", "directory", "directory="+o.dir, "--index", index).wants(0)
		args := []string{"connector", "create", "directory", "directory=" + o.dir, "--id", o.name("id"), "--index", index}
		require.Contains(o.t, o.run(args...).wants(2).stderr, "holds 3 documents already")
		o.run(append(args, "--adopt")...).wants(0)
		o.cleanUp(o.name("id"))
	})
}

func TestConnectorDefaultNames(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	line := m.run("--json", "connector", "create", "directory", "directory="+dir).wants(0).last()
	conn := line["connector"].(map[string]any)
	require.Regexp(t, `^directory-[0-9a-f]{8}$`, conn["id"])
	require.Equal(t, "search-"+conn["id"].(string), conn["index"])
	require.Equal(t, true, line["selected"], "a service on the embedded node works on all")
	line = m.run("--json", "connector", "create", "dir", "directory="+dir, "--name", "Our Files, 2026!").wants(0).last()
	require.Equal(t, "search-our-files-2026", line["connector"].(map[string]any)["index"])
	require.Equal(t, "directory", line["connector"].(map[string]any)["service_type"])
}

func TestConnectorByName(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	for _, id := range []string{"one", "two"} {
		m.run("connector", "create", "directory", "directory="+dir, "--id", id, "--name", "same", "--index", id).wants(0)
	}
	require.Contains(t, m.run("connector", "show", "same").wants(2).stderr, `the name "same" belongs to 2 connectors; name one by its id: one, two`)
	m.run("connector", "delete", "one", "--yes").wants(0)
	m.run("connector", "show", "same").wants(0).says("two")
	m.run("connector", "list").wants(0)
}

func TestConnectorListOfNothing(t *testing.T) {
	everywhere(t, func(o *office) {
		o.run("--json", "connector", "list").wants(0)
		o.run("--json", "job", "list").wants(0)
	})
	m := newMachine(t)
	m.run("connector", "list").wants(0).says("there are no connectors on the embedded node; tributary connector create makes one")
	m.run("job", "list").wants(0).says("there are no sync jobs")
}

// A key that connector create makes is that of a user with these privileges.
func TestConnectorAPIKey(t *testing.T) {
	node := elastictest.Node(t, embeddedWithPassword())
	var asked map[string]any
	server := httptest.NewServer(recording(t, node.URL, "/_security/api_key", &asked))
	t.Cleanup(server.Close)
	m := newMachine(t, "ELASTICSEARCH_URL="+server.URL, "TRIBUTARY_ELASTICSEARCH_USERNAME=elastic", "TRIBUTARY_ELASTICSEARCH_PASSWORD=pass-word")
	dir := m.tree("docs", three)
	line := m.run("--json", "connector", "create", "directory", "directory="+dir, "--index", "docs", "--api-key").wants(0).last()
	require.False(t, line["selected"].(bool))
	role := asked["role_descriptors"].(map[string]any)["tributary"].(map[string]any)
	require.Equal(t, []any{"monitor", "read_pipeline", "manage_connector"}, role["cluster"])
	indices := role["indices"].([]any)
	require.Equal(t, []any{"docs", ".search-acl-filter-docs"}, indices[0].(map[string]any)["names"])
	require.Equal(t, []any{"tributary-failed"}, indices[1].(map[string]any)["names"])
	require.Equal(t, []any{".elastic-connectors*", ".elastic-connectors-sync-jobs*"}, indices[2].(map[string]any)["names"])

	m.env = append(m.env[:2:2], "ELASTICSEARCH_URL="+node.URL, "ELASTICSEARCH_API_KEY="+line["api_key"].(string))
	m.run("connector", "list").wants(0).says("docs")
	id := line["connector"].(map[string]any)["id"].(string)
	plain := m.run("connector", "create", "directory", "directory="+dir).wants(0)
	require.NotContains(t, plain.stdout, "API key")
	require.NotEmpty(t, id)
}

// recording passes requests on and keeps the JSON body of one path.
func recording(t *testing.T, target, path string, body *map[string]any) http.Handler {
	proxy := reverseProxy(t, target)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			text := readBody(t, r)
			require.NoError(t, json.Unmarshal(text, body))
		}
		proxy.ServeHTTP(w, r)
	})
}

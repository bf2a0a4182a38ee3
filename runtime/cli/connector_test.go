package cli_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

func TestConnectorAsks(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	// the required field first; a wrong answer is asked for again; empty ones mean the default
	r := m.runWith("\n"+dir+"\n**/*.txt\n\nperhaps\ny\n", "--json", "connector", "create", "directory", "--ask").wants(0)
	conn := r.last()["connector"].(map[string]any)
	values := m.run("--json", "connector", "show", conn["id"].(string)).wants(0).last()["configuration"].(map[string]any)
	require.Equal(t, dir, values["directory"])
	require.Equal(t, "**/*.txt", values["pattern"])
	require.Equal(t, true, values["use_document_level_security"])
	for _, want := range []string{"Directory\n  The directory whose files are read", "  directory ", "  use_document_level_security "} {
		require.Contains(t, r.stderr, want)
	}
	require.NotContains(t, r.stderr, "Largest content", "advanced fields are not asked for")

	// some values given: only what is required is asked for
	m.runWith(dir+"\n", "connector", "create", "directory", "pattern=**/*.md", "--ask").wants(0)
	require.Contains(t, m.runWith("", "connector", "create", "directory", "--ask").wants(1).stderr, "directory: the standard input has no line for it")
}

func TestConnectorValuesFromAFile(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	file := filepath.Join(m.home, "values.json")
	m.write(file, `{"directory": "`+dir+`", "follow_links": true, "max_content_size": 10}`)
	id := m.run("--json", "connector", "create", "directory", "--from-file", file, "max_content_size=20").wants(0).last()["connector"].(map[string]any)["id"].(string)
	shown := m.run("--json", "connector", "show", id).wants(0).last()["configuration"].(map[string]any)
	require.Equal(t, true, shown["follow_links"])
	require.EqualValues(t, 20, shown["max_content_size"], "words count more")

	m.write(file, `{"configuration": {"directory": {"value": "`+dir+`"}, "pattern": {"value": "*.md"}}}`)
	m.run("connector", "configure", id, "--from-file", file).wants(0).says("changed pattern")
	require.Contains(t, m.run("connector", "create", "directory", "--from-file", filepath.Join(m.home, "none")).wants(2).stderr, "--from-file")
	m.write(file, `["a"]`)
	require.Contains(t, m.run("connector", "create", "directory", "--from-file", file).wants(2).stderr, "must hold one JSON object")
}

func TestConnectorConfigure(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create("--name", o.name("n"))
		o.run("connector", "configure", o.name("n"), "pattern=**/*.md", "max_content_size=5").wants(0).says("changed max_content_size, pattern")
		o.run("connector", "configure", id, "pattern=**/*.md").wants(0).says("nothing changed")
		before := o.connector(id).Configuration
		require.Contains(o.t, o.run("connector", "configure", id, "max_content_size=-1").wants(2).stderr, "max_content_size: ")
		require.Equal(o.t, string(before), string(o.connector(id).Configuration), "nothing is written of what is wrong")
		line := o.run("--json", "connector", "configure", id, "pattern=").wants(0).last()
		require.Equal(o.t, []any{"pattern"}, line["changed"])
		o.runWith("\n*.txt\n\n\n", "connector", "configure", id, "--ask").wants(0).says("changed pattern")
	})
}

func TestConnectorThatSomebodyElseMadeIsConfigured(t *testing.T) {
	everywhere(t, func(o *office) {
		require.NoError(o.t, o.protocol.Ensure(o.t.Context()))
		id := o.name("id")
		_, err := o.protocol.CreateConnector(o.t.Context(), protocol.NewConnector{ID: id, IndexName: o.name("docs"), ServiceType: "dir"})
		require.NoError(o.t, err)
		o.cleanUp(id)
		require.Contains(o.t, o.run("job", "start", id).wants(2).stderr, "waits for its configuration: tributary connector configure "+id)
		o.run("connector", "configure", id, "directory="+o.dir).wants(0)
		require.Equal(o.t, protocol.Configured, o.connector(id).Status)
		require.Equal(o.t, "dir", o.connector(id).ServiceType)
	})
}

func TestSecretsOfConnectorsAreNotShown(t *testing.T) {
	m := newMachine(t, "TOKEN=tok-3n")
	id := m.run("--json", "connector", "create", "vault", "url=http://127.0.0.1:1", "token=env:TOKEN").wants(0).last()["connector"].(map[string]any)["id"].(string)
	for _, args := range [][]string{
		{"connector", "show", id}, {"connector", "show", id, "--json"}, {"connector", "list", "--json"},
		{"connector", "configure", id, "url=http://127.0.0.1:2"}, {"job", "start", id, "--json"}, {"job", "list", "--json"},
	} {
		r := m.run(args...).wants(0)
		require.NotContains(t, r.stdout+r.stderr, "tok-3n", "%v", args)
	}
	m.run("connector", "show", id).says("[redacted]")
	asked := m.runWith("\n\n", "connector", "configure", id, "--ask").wants(0)
	require.Contains(t, asked.stderr, "Token")
	require.NotContains(t, asked.stderr, "tok-3n")
}

func TestSecretsOfUnknownSourcesAreNotShown(t *testing.T) {
	everywhere(t, func(o *office) {
		require.NoError(o.t, o.protocol.Ensure(o.t.Context()))
		id := o.name("id")
		_, err := o.protocol.CreateConnector(o.t.Context(), protocol.NewConnector{
			ID: id, IndexName: o.name("docs"), ServiceType: "weather",
			Configuration: json.RawMessage(`{"host":{"value":"h","sensitive":false},"key":{"value":"k-1","sensitive":true},"odd":{"value":"k-2"},"bare":"k-3"}`),
		})
		require.NoError(o.t, err)
		o.cleanUp(id)
		values := o.run("--json", "connector", "show", id).wants(0).last()["configuration"]
		require.Equal(o.t, map[string]any{"host": "h", "key": "[redacted]", "odd": "[redacted]", "bare": "[redacted]"}, values)
		require.Contains(o.t, o.run("connector", "configure", id, "a=b").wants(2).stderr, `has the service type "weather", which this program does not know`)
	})
}

func TestConnectorSchedule(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		line := o.run("--json", "connector", "schedule", id, "full", "0 0/5 * * * ?").wants(0).last()
		require.Equal(o.t, true, line["enabled"])
		require.Len(o.t, line["next"], 3)
		first, err := time.Parse(time.RFC3339, line["next"].([]any)[0].(string))
		require.NoError(o.t, err)
		require.Zero(o.t, first.Minute()%5)
		o.run("connector", "schedule", id, "access_control", "0", "0", "0", "*", "*", "?").wants(0).says("access_control syncs are due by 0 0 0 * * ?")
		require.Contains(o.t, o.run("connector", "schedule", id, "full", "0 0 25 * * ?").wants(2).stderr, "^")
		require.Contains(o.t, o.run("connector", "schedule", id, "incremental", "0 0 0 * * ?").wants(2).stderr, "use full ones")
		o.run("connector", "schedule", id, "full", "off").wants(0).says("are not scheduled")
		require.Equal(o.t, map[protocol.JobType]protocol.Schedule{
			protocol.Full: {Interval: "0 0/5 * * * ?"}, protocol.AccessControl: {Enabled: true, Interval: "0 0 0 * * ?"}, protocol.Incremental: {Interval: protocol.NoSchedule},
		}, o.connector(id).Scheduling)
	})
}

func TestConnectorPipeline(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		o.run("connector", "pipeline", id, "--extract-binary-content=false").wants(0).says("content of files off, spaces on, inference on")
		r := o.run("--json", "connector", "pipeline", id, "mine-"+o.part).wants(0)
		require.Equal(o.t, false, r.last()["extract_binary_content"], "the rest stays")
		require.Contains(o.t, r.stderr, "there is no pipeline mine-"+o.part)
		require.Equal(o.t, "mine-"+o.part, o.connector(id).Pipeline.Name)
	})
}

func TestConnectorRules(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		file := filepath.Join(o.home, "rules.json")
		o.run("connector", "rules", id).wants(0).says("none: every document is kept")
		o.write(file, `[{"id":"no-text","policy":"exclude","field":"path","rule":"ends_with","value":".txt","order":1}]`)
		line := o.run("--json", "connector", "rules", id, "--rules", file).wants(0).last()
		require.Equal(o.t, "valid", line["state"])
		require.Equal(o.t, line["draft"], line["active"])
		rules := line["active"].(map[string]any)["rules"].([]any)
		require.Len(o.t, rules, 2, "the default rule is added")
		require.NotEmpty(o.t, rules[0].(map[string]any)["created_at"])
		o.run("connector", "rules", id, "--show").wants(0).says(`no-text: exclude path ends_with ".txt"`)
		o.run("connector", "show", id).wants(0).says("1 basic rule in use; the draft is valid")

		active := o.connector(id).Filtering
		o.write(file, `[{"id":"a","policy":"exclude","field":"path","rule":"regex","value":"(","order":1}]`)
		require.Contains(o.t, o.run("connector", "rules", id, "--rules", file).wants(2).stderr, "rule 1")
		require.Equal(o.t, string(active), string(o.connector(id).Filtering), "nothing is written of what is malformed")

		job := o.run("--json", "job", "start", id).wants(0).last()["id"].(string)
		o.serveOnce(id).wants(0)
		require.EqualValues(o.t, 1, o.run("--json", "job", "show", job).wants(0).last()["counters"].(map[string]any)["filtered"])
	})
}

// Where the source can't be reached from here, the draft is left to a service.
func TestRulesWaitForAServiceThatReachesTheSource(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		require.NoError(o.t, os.Rename(o.dir, o.dir+"-away"))
		file := filepath.Join(o.home, "rules.json")
		o.write(file, `{"rules":[],"advanced_snippet":{"value":[{"pattern":"*.md"}]}}`)
		r := o.run("connector", "rules", id, "--rules", file).wants(0).says("the draft waits to be validated").says(`"pattern"`)
		require.Contains(o.t, r.stderr, "wait until a running service validates them")
		require.NoError(o.t, os.Rename(o.dir+"-away", o.dir))
		o.serveOnce(id).wants(0)
		o.run("connector", "rules", id).wants(0).says(`advanced: [{"pattern":"*.md"}]`)
	})
}

func TestConnectorDelete(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		job := o.run("--json", "job", "start", id).wants(0).last()["id"].(string)
		o.serveOnce(id).wants(0)
		waiting := o.run("--json", "job", "start", id).wants(0).last()["id"].(string)
		line := o.run("--json", "connector", "delete", id, "--yes").wants(0).last()
		require.Equal(o.t, []any{waiting}, line["canceled"])
		require.Empty(o.t, line["deleted_indices"])
		require.True(o.t, o.connector(id).Deleted)
		require.Contains(o.t, o.run("connector", "show", id).wants(2).stderr, "there is no connector")
		there, err := o.elastic.Index(o.name("docs")).Exists(o.t.Context())
		require.NoError(o.t, err)
		require.True(o.t, there, "the index stays")
		o.run("job", "show", job).wants(0).says("completed")

		o.run("connector", "create", "directory", "directory="+o.dir, "--id", id, "--index", o.name("docs"), "--adopt").wants(0)
		o.run("connector", "delete", id, "--yes", "--delete-index").wants(0).says("deleted " + o.name("docs"))
		there, err = o.elastic.Index(o.name("docs")).Exists(o.t.Context())
		require.NoError(o.t, err)
		require.False(o.t, there)
	})
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
	require.Equal(t, []any{".elastic-connectors*", ".elastic-connectors-sync-jobs*"}, indices[1].(map[string]any)["names"])

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

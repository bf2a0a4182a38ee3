package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/embedded"
)

func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		args string // DIR stands for a real folder
		code int
		want string
	}{
		"unknown command":     {"snyc directory", 2, `unknown command "snyc"; did you mean "sync"?`},
		"unknown flag":        {"sync directory --indx a", 2, "unknown flag: --indx"},
		"no source":           {"sync", 2, "SOURCE is missing; usage: tributary sync SOURCE key=value"},
		"unknown source":      {"sync directry directory=DIR", 2, `unknown source "directry"; did you mean "directory"?`},
		"far from any source": {"sync weather", 2, `unknown source "weather"; tributary sources lists them`},
		"unknown key":         {"sync directory directory=DIR patern=*", 2, "did you mean \"pattern\"?"},
		"missing key":         {"sync directory", 2, "directory: "},
		"wrong type":          {"sync directory directory=DIR follow_links=perhaps", 2, "follow_links: "},
		"no value":            {"sync directory DIR", 2, "it must be key=value"},
		"twice":               {"sync directory directory=DIR directory=DIR", 2, "directory is given twice"},
		"no variable":         {"sync directory directory=env:NOWHERE", 2, `directory: the environment variable "NOWHERE" is not set`},
		"no file":             {"sync directory directory=@/no/such/file", 2, "directory: open /no/such/file"},
		"no input":            {"sync directory directory=-", 2, "the standard input has no line for it"},
		"missing directory":   {"sync directory directory=/no/such/folder", 1, "/no/such/folder"},
		"not a directory":     {"sync directory directory=DIR/one.txt", 1, "one.txt"},
		"no rules":            {"sync directory directory=DIR --rules /no/such/file", 2, "rules: open /no/such/file"},
		"bad index":           {"sync directory directory=DIR --index Up", 2, `--index: "Up" is no name of an index: write it in lower case`},
		"search a bad index":  {"search docs* water", 2, `"docs*" is no name of an index`},
		"search no index":     {"search nowhere water", 1, "there is no index nowhere on the embedded node in "},
		"no query":            {"search docs", 2, "QUERY is missing"},
		"negative limit":      {"preview directory directory=DIR --limit -1", 2, "--limit must be 1 or more"},
		"unknown setting":     {"version --set a", 0, ""},
		"bad --set":           {"sources --set log.levl=info", 2, "--set: unknown setting log.levl; did you mean \"log.level\"?"},
		"no config":           {"sources --config /no/such/file", 2, "open /no/such/file"},
		"open node":           {"node --listen 0.0.0.0:0", 2, "so it needs --password"},
		"bad listen":          {"node --listen nowhere", 2, "must be an address and a port"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			dir := m.tree("docs", three)
			r := m.run(strings.Fields(strings.ReplaceAll(c.args, "DIR", dir))...).wants(c.code)
			require.Contains(t, r.stderr, c.want)
			require.LessOrEqual(t, strings.Count(r.stderr, "tributary: "), 1, "%s", r.stderr)
			require.NotContains(t, r.stderr, "Usage:")
		})
	}
}

func TestElasticsearchIsDown(t *testing.T) {
	m := newMachine(t, "ELASTICSEARCH_URL=http://127.0.0.1:1", "TRIBUTARY_ELASTICSEARCH_MAX_RETRIES=1")
	dir := m.tree("docs", three)
	for _, args := range [][]string{{"sync", "directory", "directory=" + dir}, {"search", "a", "b"}, {"check"}} {
		r := m.run(args...).wants(1)
		require.Equal(t, 1, strings.Count(r.stderr, "tributary: "), "%s", r.stderr)
		require.Contains(t, r.stderr, "127.0.0.1:1")
	}
}

// server is a node that wants a password, as an Elasticsearch elsewhere.
func server(t *testing.T) string {
	t.Helper()
	node, err := embedded.Open(t.TempDir(), embedded.Options{Username: "elastic", Password: "pass-word"})
	require.NoError(t, err)
	s := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, node.Close())
	})
	return s.URL
}

func TestWrongCredentials(t *testing.T) {
	url := server(t)
	m := newMachine(t, "ELASTICSEARCH_URL="+url, "ELASTICSEARCH_USERNAME=elastic", "ELASTICSEARCH_PASSWORD=wr0ng")
	dir := m.tree("docs", three)
	for _, args := range [][]string{{"sync", "directory", "directory=" + dir}, {"check"}} {
		r := m.run(args...).wants(2)
		require.Contains(t, r.stderr, "401")
		require.NotContains(t, r.stderr+r.stdout, "wr0ng")
	}
}

func TestCheck(t *testing.T) {
	url := server(t)
	m := newMachine(t, "ELASTICSEARCH_URL="+url, "ELASTICSEARCH_USERNAME=elastic", "ELASTICSEARCH_PASSWORD=pass-word")
	m.run("check").wants(0).says(url).says("user and password").says("Elasticsearch ")
	line := m.run("check", "--json").wants(0).last()
	require.Equal(t, true, line["ok"])
	require.Equal(t, "none", line["tls"])
	require.Equal(t, []any{}, line["missing"])

	newMachine(t).run("check").wants(0).says("the embedded node")
}

// Without the privilege to ask for the version, check still names all that is
// missing.
func TestCheckOfAPoorKey(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/_security/user/_has_privileges" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error":{"type":"security_exception","reason":"action [cluster:monitor/main] is unauthorized"},"status":403}`)
			return
		}
		_, _ = io.WriteString(w, `{"cluster":{"monitor":false,"read_pipeline":true},
			"index":{"search-*":{"view_index_metadata":true,"read":true,"write":false,"maintenance":true,"create_index":true,"manage":true},
				"tributary-failed":{"view_index_metadata":true,"read":true,"write":true,"create_index":false}}}`)
	}))
	t.Cleanup(s.Close)
	m := newMachine(t, "ELASTICSEARCH_URL="+s.URL, "ELASTICSEARCH_API_KEY=a2V5")
	r := m.run("check").wants(2).says("privilege monitor on the cluster").says("privilege write on index search-*").says("POST _security/api_key")
	require.Contains(t, r.stderr, "lack 2 privileges")
	line := m.run("check", "--json").wants(2).last()
	require.Len(t, line["missing"], 3)
	r.says("privilege create_index on index tributary-failed: to keep documents that failed")
	require.Contains(t, fmt.Sprint(line["api_key_request"]), "tributary-failed")
}

// put makes an index.
func put(t *testing.T, url, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth("elastic", "pass-word")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	http.DefaultClient.CloseIdleConnections()
}

// A field that the index rejects costs its documents only.
func TestIndexRejectsAField(t *testing.T) {
	url := server(t)
	put(t, url+"/docs", `{"mappings":{"properties":{"size":{"type":"boolean"}}}}`)
	m := newMachine(t, "ELASTICSEARCH_URL="+url, "ELASTICSEARCH_USERNAME=elastic", "ELASTICSEARCH_PASSWORD=pass-word")
	dir := m.tree("docs", three)
	r := m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(3).says("failed 3")
	require.Contains(t, r.stderr, "3 documents failed")
	require.Equal(t, 3, strings.Count(r.stdout, "  failed: "))
	require.NotContains(t, r.stdout, "up to date")
	lines := m.run("sync", "directory", "directory="+dir, "--index", "docs", "--json").wants(3).lines()
	require.Equal(t, "failure", lines[1]["type"])
	require.NotEmpty(t, lines[1]["reason"])
}

// A spent error budget ends the sync with one line.
func TestTooManyRejections(t *testing.T) {
	url := server(t)
	put(t, url+"/docs", `{"mappings":{"dynamic":"strict","properties":{}}}`)
	m := newMachine(t, "ELASTICSEARCH_URL="+url, "ELASTICSEARCH_USERNAME=elastic", "ELASTICSEARCH_PASSWORD=pass-word",
		"TRIBUTARY_ELASTICSEARCH_BULK_ERROR_MONITOR_MAX_CONSECUTIVE_ERRORS=1")
	dir := m.tree("docs", three)
	r := m.run("sync", "directory", "directory="+dir, "--index", "docs").wants(1).says("failed 3")
	require.Equal(t, 1, strings.Count(r.stderr, "tributary: "), "%s", r.stderr)
	require.Contains(t, r.stderr, "rejected 2 documents in a row")
}

func TestRules(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	rules := filepath.Join(m.home, "rules.json")
	sync := []string{"sync", "directory", "directory=" + dir, "--rules", rules}
	for text, want := range map[string]string{
		`{"rules": [{"id": "a", "policy": "exclude"}]}`: "rule 1",
		`[{"id": "a"}]`: "rule 1",
		"":              "is empty",
		`{"rulez": []}`: `there is only "rulez"`,
		`{"advanced_snippet": {"value": [{"pattern": "*", "minimal_size": 1}]}}`: "advanced rules: /0/minimal_size",
		`{`: "is not JSON",
	} {
		m.write(rules, text)
		require.Contains(t, m.run(sync...).wants(2).stderr, want, "%s", text)
	}
	m.write(rules, `[{"id": "DEFAULT", "policy": "include", "field": "_", "rule": "regex", "value": ".*", "order": 0}]`)
	m.run(sync...).wants(0).says("created 3")
	m.write(rules, `[{"id": "no-txt", "policy": "exclude", "field": "extension", "rule": "equals", "value": "txt", "order": 1}]`)
	m.run(sync...).wants(0).says("filtered 1")
	m.write(rules, `{"advanced_snippet": {"value": [{"pattern": "**/*.txt"}], "created_at": "2024-01-01"}, "rules": []}`)
	m.run(append(sync, "--allow-deletes")...).wants(0).says("deleted 2")
}

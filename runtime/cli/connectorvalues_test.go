package cli_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/protocol"
)

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
			Configuration: json.RawMessage(`{"host":{"value":"mongodb://u:k-0@h:1/?a=b@c","sensitive":false},"key":{"value":"k-1","sensitive":true},"odd":{"value":"k-2"},"bare":"k-3"}`),
		})
		require.NoError(o.t, err)
		o.cleanUp(id)
		values := o.run("--json", "connector", "show", id).wants(0).last()["configuration"]
		require.Equal(o.t, map[string]any{"host": "mongodb://u:[redacted]@h:1/?a=b@c", "key": "[redacted]", "odd": "[redacted]", "bare": "[redacted]"}, values)
		require.Contains(o.t, o.run("connector", "configure", id, "a=b").wants(2).stderr, `has the service type "weather", which this program does not know`)
	})
}

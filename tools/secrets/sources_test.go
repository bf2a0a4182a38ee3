package secrets_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mysqlfixture "github.com/tributary-search/tributary/sources/mysql/fixture"
	postgresqlfixture "github.com/tributary-search/tributary/sources/postgresql/fixture"
)

var formats = []string{"text", "json", "ecs"}

// work sets a connector up, runs its job and looks at it by every command.
func (m *machine) work(s server, kind string, i int, values []string) {
	m.t.Helper()
	format := formats[i%len(formats)]
	talkative := []string{"--log-level", "debug", "--set", "log.format=" + format}
	with := func(args ...string) string { return m.run(append(args, talkative...)...) }
	id := fmt.Sprintf("%s-%s-%d", s.word, kind, i)
	with(append([]string{"config", "check", kind, "--ping", "--json"}, values...)...)
	with(append([]string{"preview", kind, "--index", "cli-" + id}, values...)...)
	with(append([]string{"sync", kind, "--index", "cli-" + id}, values...)...)
	with(append([]string{"sync", kind, "--json", "--index", "cli-" + id}, values...)...)
	made := with(append([]string{"connector", "create", kind, "--json", "--id", id, "--index", "search-" + id}, values...)...)
	require.Contains(m.t, made, `"created"`)
	with("job", "start", id)
	config := m.file("serve-"+id+".yml", "connectors:\n  - connector_id: "+id+"\n")
	with("serve", "--once", "--json", "--config", config)
	with("job", "start", id, "--type", "incremental")
	with("serve", "--once", "--config", config)
	for n, args := range [][]string{
		{"connector", "show", id}, {"connector", "list"}, {"job", "list", id}, {"connector", "rules", id},
		{"connector", "configure", id}, {"failed", "list", id}, {"failed", "show", id}, {"failed", "replay", id}, {"verify", id}, {"search", "search-" + id, "harmless"}, {"check"},
	} {
		if (i+n)%2 == 0 {
			args = append(args, "--json")
		}
		with(args...)
	}
}

// TestSecretsOfLeakySources runs sources that say their configuration in every
// way, in the commands and in the service.
func TestSecretsOfLeakySources(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	server := newServer(t)
	m := newMachine(t, g, "ELASTICSEARCH_URL="+server.url)
	for i, does := range leaks {
		m.env = append(m.env[:3:3], "TOKEN="+g.odd("the token of: "+does), "ADDRESS=leak://user:"+g.word("the address of: "+does)+"@host/path")
		m.work(server, "leaky", i, []string{"does=" + does, "token=env:TOKEN", "address=env:ADDRESS"})
	}
	m.documents(server)
	m.files(m.home)
}

// TestSecretsOfDatabases gives real databases wrong passwords, addresses with
// passwords in them, and hosts where nobody or somebody else answers.
func TestSecretsOfDatabases(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	server := newServer(t)
	m := newMachine(t, g, "ELASTICSEARCH_URL="+server.url)
	web := strings.TrimPrefix(echo(t, 500).URL, "http://")
	maria := plain(t, mysqlfixture.New().Start(t, 1))
	postgres := plain(t, postgresqlfixture.New().Start(t, 1))
	for i, c := range []struct {
		kind   string
		values map[string]string
	}{
		{"mysql", with(maria, "password", g.odd("MariaDB's password"))},
		{"mysql", with(maria, "host", "root:"+g.word("MariaDB's host")+"@127.0.0.1")},
		{"mysql", with(maria, "ssl_enabled", "true", "password", g.odd("MariaDB's password over TLS"))},
		{"postgresql", with(postgres, "password", g.odd("PostgreSQL's password"))},
		{"postgresql", with(postgres, "host", "postgres://u:"+g.word("PostgreSQL's host")+"@127.0.0.1")},
		{"postgresql", with(postgres, "port", "1", "password", g.odd("a password for nobody"))},
		{"mongodb", with(nil, "host", "mongodb://u:"+g.word("MongoDB's address")+"@127.0.0.1:1/?serverSelectionTimeoutMS=200", "password", g.odd("MongoDB's password"), "user", "u", "database", "d", "collection", "c")},
		{"mongodb", with(nil, "host", "mongodb://u:"+g.word("MongoDB's broken address")+"%zz@"+web+"/?serverSelectionTimeoutMS=200", "database", "d", "collection", "c")},
		{"mongodb", with(nil, "host", "mongodb://"+web+"/?serverSelectionTimeoutMS=200", "user", "u", "password", g.odd("a password for a web server"), "database", "d", "collection", "c")},
	} {
		if c.kind != "mongodb" {
			c.values["retry_count"] = "0"
		}
		values := []string{}
		m.env = m.env[:3:3]
		for name, value := range c.values {
			m.env = append(m.env, strings.ToUpper(name)+"_VALUE="+value)
			values = append(values, name+"=env:"+strings.ToUpper(name)+"_VALUE")
		}
		slices.Sort(values)
		m.work(server, c.kind, i, values)
	}
	m.documents(server)
	m.files(m.home)
}

func plain(t *testing.T, raw json.RawMessage) map[string]string {
	t.Helper()
	var values map[string]any
	require.NoError(t, json.Unmarshal(raw, &values))
	texts := map[string]string{}
	for name, value := range values {
		texts[name] = strings.Trim(fmt.Sprint(value), "[]")
	}
	return texts
}

func with(values map[string]string, pairs ...string) map[string]string {
	all := map[string]string{}
	for name, value := range values {
		all[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

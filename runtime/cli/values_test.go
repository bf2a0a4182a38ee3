package cli_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const token = "t0p-s3cret"

// page serves two lines to who knows the token.
func page(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, "first line\nsecond line\n")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestValuesFromElsewhere(t *testing.T) {
	url := page(t)
	for name, c := range map[string]struct{ value, stdin, warning string }{
		"plain":       {token, "", "token: other users of this machine can see a secret on the command line"},
		"file":        {"@FILE", "", ""},
		"environment": {"env:TOKEN", "", ""},
		"input":       {"-", token + "\n", ""},
		"windows":     {"-", token + "\r\n", ""},
		"last line":   {"-", token, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, "TOKEN="+token)
			file := filepath.Join(m.home, "token")
			require.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600))
			value := strings.Replace(c.value, "@FILE", "@"+file, 1)
			r := m.runWith(c.stdin, "sync", "vault", "url="+url, "token="+value, "--log-level", "debug").wants(0).says("created 2")
			require.NotContains(t, r.stdout+r.stderr, token)
			if c.warning == "" {
				require.NotContains(t, r.stderr, "warning")
			} else {
				require.Contains(t, r.stderr, c.warning)
			}
		})
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	url := page(t)
	m := newMachine(t, "TOKEN=wrong-"+token)
	for _, args := range [][]string{
		{"sync", "vault", "url=" + url, "token=env:TOKEN"},
		{"sync", "vault", "url=" + url, "token=env:TOKEN", "--json", "--log-level", "debug"},
		{"sync", "vault", "url=" + url, "token=env:TOKEN", "toke=x"},
		{"preview", "vault", "url=http://127.0.0.1:1", "token=env:TOKEN"},
	} {
		r := m.run(args...)
		require.NotZero(t, r.code)
		require.NotContains(t, r.stdout+r.stderr, token)
	}
	require.Contains(t, m.run("sync", "vault", "url="+url, "token=env:TOKEN").wants(1).stderr, "answers 403 to token [redacted]")
}

func TestSecretSettingOnTheCommandLineIsWarnedAbout(t *testing.T) {
	m := newMachine(t)
	r := m.run("sources", "--set", "elasticsearch.password="+token).wants(0)
	require.Contains(t, r.stderr, "set TRIBUTARY_ELASTICSEARCH_PASSWORD instead")
	require.NotContains(t, r.stdout+r.stderr, token)
	require.NotContains(t, m.run("sources", "--set", "log.level=info").wants(0).stderr, "other users")
}

func TestCancel(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	ctx, cancel := context.WithCancel(t.Context())
	m.ctx, m.onOutput = ctx, cancel
	r := m.run("sync", "directory", "directory="+dir, "--json").wants(130)
	last := r.last()
	require.Equal(t, "canceled", last["status"])
	require.Contains(t, r.stderr, "created 0 updated 0 unchanged 0 deleted 0")
	require.Contains(t, r.stderr, "tributary: canceled\n")

	m.ctx, m.onOutput = t.Context(), nil
	m.run("sync", "directory", "directory="+dir).wants(0).says("created 3")
}

func TestNodeListensUntilItIsStopped(t *testing.T) {
	m := newMachine(t)
	ctx, cancel := context.WithCancel(t.Context())
	m.ctx, m.onOutput = ctx, cancel
	r := m.run("node", "--listen", "127.0.0.1:0", "--json").wants(0)
	require.Equal(t, "listening", r.last()["type"])
}

func TestNodeForTests(t *testing.T) {
	m := newMachine(t)
	require.Contains(t, m.run("node", "--mode", "7").wants(2).stderr, "--mode 7: must be 8 or 9.1")
	require.Contains(t, m.run("node", "--license", "gold").wants(2).stderr, "--license gold: must be trial or basic")
	require.NotContains(t, m.run("node", "--help").wants(0).stdout, "--mode")
	ctx, cancel := context.WithCancel(t.Context())
	m.ctx, m.onOutput = ctx, cancel
	m.run("node", "--listen", "127.0.0.1:0", "--json", "--mode", "9.1", "--license", "basic").wants(0)
}

// A sync uses the node of the process that has the data folder.
func TestSyncWhileTheNodeRuns(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	other := *m
	ctx, cancel := context.WithCancel(t.Context())
	m.ctx, m.onOutput = ctx, func() {
		other.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0).says("created 3")
		other.run("search", "docs", "water").wants(0).says("2 hits")
		require.Contains(t, other.run("node", "--listen", "127.0.0.1:0").wants(1).stderr, "another process has the data folder")
		cancel()
	}
	m.run("node", "--listen", "127.0.0.1:0", "--json").wants(0)
	other.run("sync", "directory", "directory="+dir, "--index", "docs").wants(0).says("unchanged 3")
}

func TestSourcesAndVersion(t *testing.T) {
	m := newMachine(t)
	m.run("sources").wants(0).says("directory").says("vault")
	m.run("sources", "dir").wants(0).says("Directory (directory, dir)").says("directory (text; required)").says("tributary sync directory directory=…")
	m.run("sources", "vault").wants(0).says("token (text; required; secret)")
	require.Equal(t, "directory", m.run("sources", "--json").wants(0).lines()[0]["service_type"])
	require.NotEmpty(t, m.run("sources", "dir", "--json").wants(0).last()["config_schema"])
	m.run("version").wants(0).says("tributary ")
	require.NotEmpty(t, m.run("version", "--json").wants(0).last()["go"])
	require.Contains(t, m.run("version", "--json").wants(0).last(), "date")
	m.run("completion", "bash").wants(0).says("tributary")
	m.run("__complete", "sync", "").wants(0).says("directory\tFiles")
	r := m.run("__complete", "sync", "vault", "url=x", "").wants(0).says("token=\tToken")
	require.NotContains(t, r.stdout, "url=")
	m.run().wants(0).says("Available Commands")
	m.run("sync", "--help").wants(0).says("key=@FILE")
}

func TestSettingsNarrowTheSources(t *testing.T) {
	m := newMachine(t)
	config := filepath.Join(m.home, "config.yml")
	m.write(config, "sources: {vault: sources/vault}\n")
	r := m.run("sources", "--config", config).wants(0)
	require.NotContains(t, r.stdout, "directory")
	m.run("sync", "directory", "--config", config).wants(2)

	m.write(config, "sources: {dir: sources/directory}\n")
	m.run("sources", "--config", config).wants(0).says("directory  ")

	m.write(config, "sources: {teletext: sources/teletext}\n")
	require.Contains(t, m.run("sources", "--config", config).wants(2).stderr, "sources.teletext: this program was built without it")

	m.write(config, "sources: {directory: 'connectors.sources.directory:DirectoryDataSource'}\n")
	require.Contains(t, m.run("sources", "--config", config).wants(0).stderr, "warning")
}

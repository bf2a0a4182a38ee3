package cli_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigCheckOfWords(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("docs", three)
	m.run("config", "check", "directory", "directory="+dir).wants(0).says("directory: valid\n")
	require.Equal(t, map[string]any{
		"type": "config_check", "service_type": "directory", "state": "valid", "problems": []any{}, "outdated": false, "answers": nil, "error": nil,
	}, m.run("config", "check", "dir", "directory="+dir, "--json").wants(0).last())

	r := m.run("config", "check", "directory", "max_content_size=-1", "follow_links=maybe", "patern=x", "--json").wants(2)
	require.Equal(t, "invalid", r.last()["state"])
	require.Len(t, r.last()["problems"], 4)
	for _, line := range []string{
		"Directory (directory): is missing\n",
		"Largest content in bytes (max_content_size): must be at least 0\n",
		"Follow symbolic links (follow_links): must be true or false, not the text \"maybe\"\n",
		"patern: unknown field \"patern\"; did you mean \"pattern\"?\n",
	} {
		require.Contains(t, r.stderr, line)
	}
}

const storedVault = `{"url": {"value": "%URL", "label": "Address", "type": "str"}, "token": {"value": "hunter2"}, "gone": {"value": 1}}`

func TestConfigCheckOfStored(t *testing.T) {
	m := newMachine(t)
	file := filepath.Join(m.home, "stored.json")
	check := []string{"config", "check", "vault", "--stored", file, "--json"}
	for name, text := range map[string]string{
		"fields":    storedVault,
		"connector": `{"id": "x", "service_type": "vault", "configuration": ` + storedVault + `}`,
		"hit":       `{"_id": "x", "_source": {"service_type": "vault", "configuration": ` + storedVault + `}}`,
		"job":       `{"status": "pending", "connector": {"configuration": ` + storedVault + `}}`,
	} {
		m.write(file, text)
		r := m.run(check...).wants(0)
		require.Equal(t, true, r.last()["outdated"], name)
		require.Equal(t, []any{map[string]any{
			"pointer": "/gone", "message": `unknown field "gone" is kept and has no effect`, "warning": true,
		}}, r.last()["problems"], name)
		require.Contains(t, r.stderr, "warning: gone: unknown field")
	}
	for text, want := range map[string]string{
		`{"configuration": null}`:         "URL (url): must not be empty",
		`{}`:                              "Token (token): must not be empty",
		`{"url": "x", "tokn": "hunter2"}`: `tokn: unknown field "tokn"; did you mean "token"?`,
		`{"url": {"value": "x"}, "token": {"value": ["hunter2"]}}`: "Token (token): must be text, not a list",
		`{"configuration": []}`: "the configuration must be an object, not a list",
		`{"service_type": "mysql", "configuration": {"url": {"value": null}}}`:   `is a connector of the service type "mysql", checked as vault`,
		`{"url": {"value": "x", "type": "int"}, "token": {"display": "toggle"}}`: "Token (token): must not be empty",
	} {
		m.write(file, text)
		r := m.run(check...).wants(2)
		require.Contains(t, r.stderr, want, text)
		require.NotContains(t, r.stderr+r.stdout, "hunter2")
	}
	require.Contains(t, m.runWith(`{"configuration": {}}`, "config", "check", "vault", "--stored", "-").wants(2).stderr, "URL (url): must not be empty")
}

func TestConfigCheckOfHostileFiles(t *testing.T) {
	m := newMachine(t)
	for name, c := range map[string]struct{ text, want string }{
		"empty":    {"", "is empty"},
		"blank":    {" \n", "is empty"},
		"binary":   {"\x00\xff\x13", "1:1: not valid JSON: invalid character"},
		"cut":      {`{"url": {"val`, "1:13: not valid JSON: unexpected end of JSON input"},
		"large":    {strings.Repeat(" ", 50_000_000), "is larger than 4 MiB"},
		"deep":     {strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300), "nested deeper than 200 levels"},
		"abyss":    {strings.Repeat(`[`, 1_000_000), "not valid JSON"},
		"twice":    {"{\"url\": {},\n \"url\": {}}", "2:2: /url: is given twice"},
		"value":    {`{"url": {"value": 1, "value": 2}}`, "1:22: /url/value: is given twice"},
		"document": {`{"configuration": {}, "configuration": {}}`, "1:23: /configuration: is given twice"},
	} {
		file := filepath.Join(m.home, name)
		m.write(file, c.text)
		r := m.run("config", "check", "vault", "--stored", file).wants(2)
		require.Contains(t, r.stderr, c.want, name)
		require.Equal(t, 1, strings.Count(r.stderr, "\n"), "one line: %s", r.stderr)
	}
	require.Contains(t, m.run("config", "check", "vault", "--stored", m.home).wants(2).stderr, "is a directory")
	require.Contains(t, m.run("config", "check", "vault", "--stored", filepath.Join(m.home, "no")).wants(2).stderr, "no such file")
}

func TestConfigCheckAsksTheSystem(t *testing.T) {
	m := newMachine(t)
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	file := filepath.Join(m.home, "stored.json")
	m.write(file, strings.Replace(storedVault, "%URL", server.URL, 1))
	check := []string{"config", "check", "vault", "--stored", file, "--ping"}

	m.run(check...).wants(0).says("vault: valid, and the system answers\n")
	require.Equal(t, true, m.run(append(check, "--json")...).wants(0).last()["answers"])

	status = http.StatusForbidden
	r := m.run(append(check, "--json")...).wants(1)
	require.Equal(t, "valid", r.last()["state"])
	require.Equal(t, false, r.last()["answers"])
	require.Contains(t, r.last()["error"], "answers 403")
	require.NotContains(t, r.stdout+r.stderr, "hunter2")

	require.Nil(t, m.run("config", "check", "vault", "--ping", "--json").wants(2).last()["answers"], "what is invalid is not asked")
}

func TestConfigCheckUsage(t *testing.T) {
	m := newMachine(t)
	require.Contains(t, m.run("config", "check").wants(2).stderr, "SOURCE is missing")
	require.Contains(t, m.run("config", "check", "vault", "url=x", "--stored", "f").wants(2).stderr, "not both")
	require.Contains(t, m.run("config", "chek").wants(2).stderr, `unknown command "chek"; did you mean "check"?`)
	require.Contains(t, m.run("config", "check", "valt").wants(2).stderr, `did you mean "vault"?`)
}

package secrets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo is a server that says all that it was sent, in every form, with a
// status: Elasticsearch's errors, those of proxies, and pages of HTML.
func echo(t *testing.T, status int) *httptest.Server {
	var turn atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		all := fmt.Sprint(r.Header, r.URL, r.Host)
		text, _ := json.Marshal(all)
		w.Header().Set("Location", "http://elsewhere.invalid/?"+url.QueryEscape(all))
		w.Header().Set("WWW-Authenticate", "Basic realm="+string(text))
		n := turn.Add(1)
		if n%3 != 0 {
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
		}
		w.WriteHeader(status)
		switch n % 5 {
		case 0:
			_, _ = fmt.Fprintf(w, `{"error":{"type":"security_exception","reason":%s,"root_cause":[{"type":"x","reason":%s}]},"status":%d}`, text, text, status)
		case 1:
			_, _ = fmt.Fprintf(w, `{"error":%s}`, text)
		case 2:
			_, _ = fmt.Fprintf(w, `<html>%s</html>`, all)
		case 3:
			_, _ = fmt.Fprintf(w, `{"error":{"type":%s,"reason":"failed for [%s]"},"status":%d}`, text, r.Header.Get("Authorization"), status)
		default:
			_, _ = fmt.Fprintf(w, `{"error":{"type":"parse_exception","reason":"request [%s] with %s"}`, r.Header.Get("Authorization"), r.Header.Get("X-Secret"))
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// login are the ways to tell Elasticsearch who one is, each with secrets.
func login(g *garden, m *machine, host, connector string) map[string]string {
	at := func(user, password string) string {
		u, _ := url.Parse(host)
		u.User = url.UserPassword(user, password)
		return u.String()
	}
	quote := func(s string) string { text, _ := json.Marshal(s); return string(text) }
	m.env = append(m.env, "THE_KEY="+g.key("a key from the environment"), "THE_PROXY="+"http://p:"+g.word("a proxy's password from the environment")+"@127.0.0.1:1")
	return map[string]string{
		"a key":               "elasticsearch: {host: " + quote(host) + ", api_key: " + quote(g.key("api_key")) + "}\n",
		"a key with a colon":  "elasticsearch: {host: " + quote(host) + ", api_key: " + quote("id:"+g.word("api_key in two parts")) + "}\n",
		"a password":          "elasticsearch: {host: " + quote(host) + ", username: u, password: " + quote(g.odd("password")) + "}\n",
		"userinfo":            "elasticsearch: {host: " + quote(at("u", g.odd("the password in host"))) + "}\n",
		"several hosts":       "elasticsearch: {host: " + quote(host+","+at("u", g.odd("the password in the second host"))) + "}\n",
		"headers":             "elasticsearch: {host: " + quote(host) + ", headers: {X-Secret: " + quote(g.key("a header")) + ", Authorization: " + quote("Bearer "+g.key("the header Authorization")) + "}}\n",
		"a proxy":             "elasticsearch: {host: " + quote(host) + ", proxy: " + quote("http://p:"+g.word("the proxy's password")+"@127.0.0.1:1") + "}\n",
		"environment":         "elasticsearch: {host: " + quote(host) + ", api_key: \"${THE_KEY}\", proxy: \"${THE_PROXY}\"}\n",
		"a file":              "elasticsearch: {host: " + quote(host) + ", api_key: \"file:" + m.file("key", g.key("a key in a file")+"\n") + "\"}\n",
		"a connector's key":   "elasticsearch: {host: " + quote(host) + "}\nconnectors: [{connector_id: " + connector + ", service_type: leaky, api_key: " + quote(g.key("a connector's key")) + "}]\n",
		"a bad key":           "elasticsearch: {host: " + quote(host) + ", api_key: " + quote(g.odd("a key with odd letters")) + "}\n",
		"extraction":          "elasticsearch: {host: " + quote(host) + "}\nextraction_service: {host: " + quote(at("u", g.odd("the password of the extraction service"))) + "}\n",
		"secrets that are no": "elasticsearch: {host: " + quote("https//u:"+g.word("a host that is no URL")+"@h") + ", api_key: [" + g.word("a key in a list") + "], password: {x: " + g.word("a password in a section") + "}, cloud_id: " + quote(g.word("cloud_id")) + "}\n",
		"a broken file":       "elasticsearch:\n  api_key: \"" + g.word("a key in a broken file") + "\n  password: [\n",
		"a wrong place":       "connectors: [{connector_id: c, api_key: [" + g.word("a key in a list of a connector") + "]}]\nelasticsearch: {api_key: a, api_key: " + g.word("a second key") + "}\n",
	}
}

// commands are those that talk to Elasticsearch. The name is that of an index
// and of a connector.
func commands(dir, name string) [][]string {
	return [][]string{
		{"check"}, {"sync", "directory", "directory=" + dir, "--index", name}, {"search", name, "word"}, {"connector", "list"},
		{"connector", "show", name}, {"job", "list"}, {"job", "start", name},
		{"connector", "create", "directory", "--id", name, "--index", "search-" + name, "directory=" + dir}, {"version"}, {"sources"},
	}
}

// TestSecretsOfSettings gives the program credentials in every way, for servers
// that answer, refuse, quote or can't be reached.
func TestSecretsOfSettings(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	for name, host := range map[string]string{
		"answers":          server.url,
		"refuses":          echo(t, 401).URL,
		"forbids":          echo(t, 403).URL,
		"errs":             echo(t, 400).URL,
		"redirects":        echo(t, 307).URL,
		"says OK":          echo(t, 200).URL,
		"is not there":     "http://127.0.0.1:1",
		"speaks plainly":   strings.Replace(echo(t, 400).URL, "http:", "https:", 1),
		"has another cert": tls(t).URL,
	} {
		t.Run(name, func(t *testing.T) {
			g := newGarden(t)
			m := newMachine(t, g)
			planted := []string{filepath.Join(m.home, "key")}
			i := 0
			for _, text := range login(g, m, host, server.word) {
				config := m.file("config.yml", text)
				planted = append(planted, config)
				list := commands(m.home, server.word)
				for _, args := range append(list[:2:2], list[2+i%len(list[2:])]) { // two for each, one in turn
					i++
					format := formats[i%len(formats)]
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					m.runWith(ctx, "", append(args, "--config", config, "--log-level", "debug", "--set", "log.format="+format, "--set", "elasticsearch.max_retries=1")...)
					m.runWith(ctx, "", append(args, "--json", "--config", config, "--set", "elasticsearch.max_retries=1")...)
					cancel()
				}
			}
			m.files(m.home, planted...)
		})
	}
}

func tls(t *testing.T) *httptest.Server {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// TestSecretsOfTheService runs the service with every credential in its
// settings and looks at what it serves about itself.
func TestSecretsOfTheService(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	server := newServer(t)
	u, err := url.Parse(server.url)
	require.NoError(t, err)
	u.User = url.UserPassword("elastic", g.odd("the password in host"))
	m := newMachine(t, g, "TRIBUTARY_ELASTICSEARCH_HOST="+strings.ReplaceAll(u.String(), ",", "%2C"), "TOKEN="+g.odd("a token"))
	m.run("connector", "create", "leaky", "--id", server.word, "--index", "search-"+server.word, "does=nothing", "token=env:TOKEN")
	m.run("job", "start", server.word)
	for _, format := range formats {
		config := m.file("serve.yml", "log: {level: debug, format: "+format+"}\nservice: {metrics_address: 127.0.0.1:0, idling: 50ms}\nconnectors: [{connector_id: "+server.word+", api_key: "+g.key("a connector's key")+"}]\n")
		out := &output{}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			m.serve(ctx, out, "serve", "--json", "--config", config)
		}()
		m.scrape(out)
		cancel()
		<-ended
		m.files(m.home, config)
	}
	m.documents(server)
}

// TestSecretsOnTheCommandLine: what is mistyped there is not said again.
func TestSecretsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	m := newMachine(t, g, "ELASTICSEARCH_URL=http://127.0.0.1:1", "TRIBUTARY_ELASTICSEARCH_PASSWRD="+g.word("a variable that is no setting"))
	for _, args := range [][]string{
		{"check", "--set", "elasticsearch.api_key=" + g.key("--set")},
		{"check", "--set", "elasticsearch.api_key:" + g.key("--set without =")},
		{"check", "--set", "elasticsearch.host=https//u:" + g.word("--set of a bad URL") + "@h"},
		{"check", "--set", "elasticsearch.proxy=u:" + g.word("--set of a bad proxy") + "@h"},
		{"check", "--set", "connectors=" + g.word("--set of a list")},
		{"sync", "mysql", "password=" + g.odd("a value")},
		{"sync", "mysql", "pasword=" + g.odd("a value of a field that is not there")},
		{"sync", "mysql", "password:" + g.word("a value without =")},
		{"sync", "mysql", "port=1", "password=" + g.odd("a value twice"), "password=" + g.odd("a value twice, the second")},
		{"config", "check", "postgresql", "password=" + g.odd("a value to check"), "prot=5"},
		{"node", "--password", g.word("the node's password"), "--listen", "nowhere"},
		{"node", "--password", g.word("the node's password"), "--mode", "7"},
	} {
		args = append(args, "--set", "elasticsearch.max_retries=1")
		m.run(args...)
		m.run(append(args, "--json", "--log-level", "debug")...)
	}
	stored := `{"password":{"value":{"a":"` + g.word("a stored password of the wrong type") + `"}},"host":{"value":"h"},"pasword":{"value":"` + g.word("a stored field that is not known") + `"}}`
	m.runWith(t.Context(), stored, "config", "check", "mysql", "--stored", "-")
	m.runWith(t.Context(), stored, "config", "check", "mysql", "--stored", "-", "--json")
	m.runWith(t.Context(), `{"password":"`+g.word("a stored password in broken JSON")+`"`, "config", "check", "mysql", "--stored", "-")
	m.files(m.home)
}

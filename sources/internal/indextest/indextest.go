// Package indextest runs connectors of one source in tests as users do: the
// commands of the program and its service, in this process, against an
// Elasticsearch of [elastictest].
package indextest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastictest"
)

// Connector is one connector and its index, which go with the test.
type Connector struct {
	t         testing.TB
	kind      connector.Kind
	id, index string
	url, home string
}

// New makes a connector with a configuration, given as plain values.
func New(t testing.TB, kind connector.Kind, values json.RawMessage) *Connector {
	t.Helper()
	id := fmt.Sprintf("fault-%08x", rand.Uint32())
	c := &Connector{t: t, kind: kind, id: id, index: "search-" + id, url: elastictest.Server(t).URL, home: t.TempDir()}
	for name, content := range map[string]string{"values.json": string(values), "config.yml": "connectors:\n  - connector_id: " + id + "\nservice:\n  idling: 50ms\n"} {
		if err := os.WriteFile(filepath.Join(c.home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.must("connector", "create", kind.ServiceType, "--id", id, "--index", c.index, "--from-file", filepath.Join(c.home, "values.json"))
	t.Cleanup(func() { c.must("connector", "delete", id, "--delete-index", "--yes") })
	return c
}

// Job is what is told of a sync job that has ended.
type Job struct {
	ID, Status, Error string
	// Because is why an incremental sync read everything.
	Because  string `json:"full_because"`
	Counters struct {
		Emitted, Created, Updated, Unchanged, Filtered, Failed, Duplicate, Deleted int64
	}
	// Log is what the service said meanwhile.
	Log string `json:"-"`
}

// Full runs a full sync, with flags of `job start`.
func (c *Connector) Full(flags ...string) Job {
	c.t.Helper()
	return c.sync(append([]string{"--type", "full"}, flags...))
}

// Incremental runs an incremental sync.
func (c *Connector) Incremental() Job {
	c.t.Helper()
	return c.sync([]string{"--type", "incremental"})
}

func (c *Connector) sync(flags []string) (j Job) {
	c.t.Helper()
	c.decode(&j, c.must(append([]string{"job", "start", c.id}, flags...)...))
	_, log, _ := c.run("serve", "--once") // the job tells whether it failed
	c.decode(&j, c.must("job", "show", j.ID))
	j.Log = log
	return j
}

// Documents are the fields of the documents in the index, by id, without what
// the runtime adds.
func (c *Connector) Documents() map[string]map[string]any {
	c.t.Helper()
	c.request(http.MethodPost, "/_refresh", "")
	all := map[string]map[string]any{}
	for after := ""; ; {
		var page struct {
			Hits struct {
				Hits []struct {
					ID     string         `json:"_id"`
					Source map[string]any `json:"_source"`
					Sort   []any
				}
			}
		}
		c.decode(&page, c.request(http.MethodPost, "/_search", `{"size":5000,"sort":["_doc"]`+after+`}`))
		for _, hit := range page.Hits.Hits {
			maps.DeleteFunc(hit.Source, func(name string, _ any) bool {
				return slices.Contains([]string{"id", "_timestamp", "_fingerprint", "_extract_binary_content", "_reduce_whitespace", "_run_ml_inference"}, name)
			})
			all[hit.ID] = hit.Source
		}
		if len(page.Hits.Hits) == 0 {
			return all
		}
		last, err := json.Marshal(page.Hits.Hits[len(page.Hits.Hits)-1].Sort)
		if err != nil {
			c.t.Fatal(err)
		}
		after = `,"search_after":` + string(last)
	}
}

// Holds compares the index with documents by id, and shows the first one that
// differs.
func (c *Connector) Holds(want map[string]map[string]any) {
	c.t.Helper()
	have := c.Documents()
	for _, id := range slices.Sorted(maps.Keys(want)) {
		_, there := have[id]
		require.True(c.t, there, "the index lacks %s", id)
		require.Equal(c.t, want[id], have[id], id)
		delete(have, id)
	}
	require.Empty(c.t, slices.Sorted(maps.Keys(have)), "the index holds more")
	require.NotEmpty(c.t, want)
}

func (c *Connector) request(method, path, body string) []byte {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/"+c.index+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		c.t.Fatalf("%s %s: %s %v", method, path, text, err)
	}
	return text
}

func (c *Connector) decode(into any, line []byte) {
	c.t.Helper()
	if err := json.Unmarshal(line, into); err != nil {
		c.t.Fatalf("%.500q: %v", line, err)
	}
}

// must runs a command that has to succeed, and returns the last line.
func (c *Connector) must(args ...string) []byte {
	c.t.Helper()
	out, said, code := c.run(args...)
	if code != cli.ExitDone {
		c.t.Fatalf("tributary %s: exit code %d: %s%s", strings.Join(args, " "), code, out, said)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return []byte(lines[len(lines)-1])
}

func (c *Connector) run(args ...string) (out, said string, code int) {
	var stdout, stderr bytes.Buffer
	code = cli.Program{
		Kinds: []connector.Kind{c.kind}, Args: append([]string{"--json", "--config", filepath.Join(c.home, "config.yml")}, args...),
		Env:   []string{"HOME=" + c.home, "XDG_STATE_HOME=" + c.home, "ELASTICSEARCH_URL=" + c.url},
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
	}.Run(context.WithoutCancel(c.t.Context()))
	return stdout.String(), stderr.String(), code
}

// Held logs at the end of a test of a fault, when all of its parts have ended,
// which invariants it has found to hold, unless one of the parts failed.
func Held(t testing.TB, what string) {
	t.Helper()
	t.Cleanup(func() {
		if !t.Failed() {
			t.Log("held " + what)
		}
	})
}

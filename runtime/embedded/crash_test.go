package embedded_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tributary-search/tributary/runtime/embedded"
)

// child is a node in another process.
type child struct {
	cmd      *exec.Cmd
	url, key string
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url, key, found := strings.Cut(strings.TrimSpace(line), " ")
	require.True(t, found, line)
	return &child{cmd: cmd, url: url, key: key}
}

// request sends one request with a key and returns status and body; an error means that the node is gone.
func request(method, url, key, body string) (int, []byte, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "ApiKey "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, b, err
}

// TestKilled kills the node in the middle of bulk requests: what was acknowledged is there and can be found.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]int{}
	for round := range 3 {
		c := startChild(t, dir)
		var mu sync.Mutex
		enough := make(chan struct{})
		var writers sync.WaitGroup
		for w := range 3 {
			writers.Go(func() {
				for n := 0; ; n++ {
					ids := writeBatch(c, round, w, n)
					mu.Lock()
					for id, v := range ids {
						acknowledged[id] = v
					}
					full := len(acknowledged) > (round+1)*3000
					mu.Unlock()
					if ids == nil {
						return
					}
					if full {
						select {
						case enough <- struct{}{}:
						default:
						}
					}
				}
			})
		}
		<-enough
		require.NoError(t, c.cmd.Process.Kill())
		writers.Wait()
		_ = c.cmd.Wait()
	}
	verifyAll(t, dir, acknowledged)
}

// writeBatch writes 200 documents, overwriting some of the batch before, and returns the values that were acknowledged; nil when the node is gone.
func writeBatch(c *child, round, writer, n int) map[string]int {
	var b bytes.Buffer
	ids := map[string]int{}
	for i := range 200 {
		id := fmt.Sprintf("%d-%d-%d", round, writer, n*150+i)
		ids[id] = n*1000 + i
		fmt.Fprintf(&b, "{\"index\":{\"_id\":%q}}\n{\"v\":%d,\"name\":\"name %s\"}\n", id, ids[id], id)
	}
	status, answer, err := request("POST", c.url+"/crash/_bulk", c.key, b.String())
	if err != nil || status != 200 || bytes.Contains(answer, []byte(`"errors":true`)) {
		return nil
	}
	return ids
}

func verifyAll(t *testing.T, dir string, want map[string]int) {
	t.Helper()
	node, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, node.Close()) }()
	status, _, err := request("POST", node.URL+"/crash/_refresh", node.APIKey, "")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	for _, query := range []string{`{"match_all":{}}`, `{"exists":{"field":"v"}}`} { // from the store, from Bleve
		have := readAll(t, node, query)
		for id, v := range want {
			require.GreaterOrEqual(t, have[id], v, "%s by %s", id, query)
		}
	}
	require.Equal(t, readAll(t, node, `{"match_all":{}}`), readAll(t, node, `{"exists":{"field":"v"}}`))
}

// readAll pages through an index and returns the field v of every document.
func readAll(t *testing.T, node *embedded.Attached, query string) map[string]int {
	t.Helper()
	out := map[string]int{}
	after := ""
	for {
		_, b, err := request("POST", node.URL+"/crash/_search", node.APIKey, `{"size":5000,"query":`+query+`,"sort":["_doc"]`+after+`}`)
		require.NoError(t, err)
		var page struct {
			Hits struct {
				Hits []struct {
					ID     string          `json:"_id"`
					Source struct{ V int } `json:"_source"`
					Sort   []json.Number   `json:"sort"`
				} `json:"hits"`
			} `json:"hits"`
		}
		require.NoError(t, json.Unmarshal(b, &page), "%.300s", b)
		for _, h := range page.Hits.Hits {
			out[h.ID] = h.Source.V
		}
		if len(page.Hits.Hits) < 5000 {
			return out
		}
		after = `,"search_after":[` + page.Hits.Hits[len(page.Hits.Hits)-1].Sort[0].String() + `]`
	}
}

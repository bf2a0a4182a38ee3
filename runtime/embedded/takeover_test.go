package embedded_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// TestTakeover kills the process that has the node while others use it: they find it again where it was, with all that was acknowledged.
func TestTakeover(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, dir)
	first, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	second, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	status, _, err := request("PUT", first.URL+"/kept/_doc/1", first.APIKey, `{"a":1}`)
	require.NoError(t, err)
	require.Equal(t, 201, status)
	require.NoError(t, c.cmd.Process.Kill())
	_ = c.cmd.Wait()
	for _, user := range []*embedded.Attached{first, second} {
		require.Eventually(t, func() bool {
			status, _, err := request("GET", user.URL+"/kept/_doc/1", user.APIKey, "")
			return err == nil && status == 200
		}, 20*time.Second, 20*time.Millisecond)
	}
	require.Eventually(t, func() bool { return (first.Node() == nil) != (second.Node() == nil) }, 20*time.Second, 20*time.Millisecond, "one has the node, the other uses it")
	late, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	require.Equal(t, first.URL, late.URL)
	require.NoError(t, late.Close())
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
}

// TestStuckClients: clients that stop in the middle of a request or of an answer hold nobody up.
func TestStuckClients(t *testing.T) {
	a, err := embedded.Attach(t.TempDir(), embedded.Options{Anonymous: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	big := strings.Repeat("x", 20_000)
	var bulk strings.Builder
	for i := range 500 {
		fmt.Fprintf(&bulk, "{\"index\":{\"_id\":\"%d\"}}\n{\"k\":%q}\n", i, big)
	}
	call(t, "POST", a.URL+"/big/_bulk?refresh=true", bulk.String(), 200)
	send := func(text string) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprint(conn, text)
		require.NoError(t, err)
	}
	head := "Host: localhost\r\nContent-Type: application/json\r\n"
	for range 20 {
		send("POST /big/_bulk HTTP/1.1\r\n" + head + "Content-Length: 1000\r\n\r\n{\"index\":{}}\n")
		send("PUT /stuck HTTP/1.1\r\n" + head + "Content-Length: 1000\r\n\r\n{")
		send("POST /big/_search HTTP/1.1\r\n" + head + "Content-Length: 12\r\n\r\n{\"size\":500}") // ten megabytes that nobody reads
		send("POST /big/_pit?keep_alive=1m HTTP/1.1\r\n" + head + "\r\n")
	}
	var others sync.WaitGroup
	for w := range 40 {
		others.Go(func() {
			for n := range 5 {
				status, b, err := request("PUT", fmt.Sprintf("%s/index-%d/_doc/%d?refresh=true", a.URL, w%4, w*100+n), "", `{"a":1}`)
				if err != nil || status != 201 {
					t.Errorf("%v: status %d %s", err, status, b)
				}
			}
		})
	}
	others.Wait()
	for i := range 4 {
		require.EqualValues(t, 50, call(t, "GET", fmt.Sprintf("%s/index-%d/_count", a.URL, i), "", 200)["count"])
	}
	call(t, "DELETE", a.URL+"/index-0", "", 200)
	http.DefaultClient.CloseIdleConnections()
}

// TestOlderSearchIndex: one that an older version wrote, without the fields that are searched now, is built anew.
func TestOlderSearchIndex(t *testing.T) {
	dir := t.TempDir()
	a, err := embedded.Attach(dir, embedded.Options{Anonymous: true})
	require.NoError(t, err)
	call(t, "PUT", a.URL+"/old", `{"mappings":{"properties":{"k":{"type":"keyword","index":false}}}}`, 200)
	call(t, "PUT", a.URL+"/old/_doc/1?refresh=true", `{"k":"x"}`, 201)
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, a.Close())

	folders, err := os.ReadDir(filepath.Join(dir, "search"))
	require.NoError(t, err)
	require.Len(t, folders, 1)
	queue := bleveindex.NewAnalysisQueue(1)
	older, err := scorch.NewScorch(scorch.Name, map[string]any{"path": filepath.Join(dir, "search", folders[0].Name())}, queue)
	require.NoError(t, err)
	require.NoError(t, older.Open())
	batch := bleveindex.NewBatch()
	batch.SetInternal([]byte("seq_no"), make([]byte, 8))
	batch.DeleteInternal([]byte("seq_no.2"))
	require.NoError(t, older.Batch(batch))
	require.NoError(t, older.Close())
	queue.Close()

	a, err = embedded.Attach(dir, embedded.Options{Anonymous: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	call(t, "PUT", a.URL+"/old/_doc/2?refresh=true", `{"k":"x"}`, 201)
	require.EqualValues(t, 2, call(t, "POST", a.URL+"/old/_count", `{"query":{"term":{"k":"x"}}}`, 200)["count"])
	http.DefaultClient.CloseIdleConnections()
}

package embedded_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tributary-search/tributary/runtime/embedded"
)

func TestAttachShares(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, dir)
	other, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	require.Equal(t, c.url, other.URL)
	require.Equal(t, c.key, other.APIKey)
	require.False(t, other.Own)
	status, _, err := request("PUT", other.URL+"/shared/_doc/1", other.APIKey, `{"a":1}`)
	require.NoError(t, err)
	require.Equal(t, 201, status)
	require.NoError(t, other.Close(), "closing a shared node leaves it running")
	status, _, err = request("GET", c.url+"/shared/_doc/1", c.key, "")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	_, err = embedded.Open(dir, embedded.Options{})
	require.ErrorIs(t, err, embedded.ErrLocked)
}

func TestAwaitOthers(t *testing.T) {
	dir := t.TempDir()
	own, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	nobody := func() { t.Error("nobody else uses the node") }
	own.AwaitOthers(t.Context(), nobody)
	first, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	second, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	require.False(t, first.Own || second.Own)
	second.AwaitOthers(t.Context(), nobody)

	waits, done := make(chan struct{}), make(chan struct{})
	go func() {
		own.AwaitOthers(t.Context(), func() { close(waits) })
		close(done)
	}()
	<-waits
	require.NoError(t, first.Close())
	status, _, err := request("GET", second.URL+"/", second.APIKey, "")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	select {
	case <-done:
		t.Fatal("the second still uses the node")
	default:
	}
	require.NoError(t, second.Close())
	<-done

	third, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	own.AwaitOthers(ctx, cancel)
	require.NoError(t, own.Close(), "the node can be ended with a process waiting")
	require.NoError(t, third.Close())
}

func TestAttachAfterKill(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, dir)
	require.NoError(t, c.cmd.Process.Kill())
	_ = c.cmd.Wait()
	require.FileExists(t, filepath.Join(dir, "node.json"), "a killed node leaves its file")
	a, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	require.True(t, a.Own)
	require.NotEqual(t, c.key, a.APIKey)
	require.NoError(t, a.Close())
	require.NoFileExists(t, filepath.Join(dir, "node.json"))
}

func TestOpenSaysWhatToDoWithADamagedStore(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "documents.db"), make([]byte, 65536), 0o600))
	_, err := embedded.Attach(dir, embedded.Options{})
	require.ErrorContains(t, err, "remove the folder")
}

func TestOpenRefusesAStoreThatLostItsEnd(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "documents.db")
	a, err := embedded.Attach(dir, embedded.Options{Anonymous: true})
	require.NoError(t, err)
	for i := range 20 {
		call(t, "PUT", fmt.Sprintf("%s/long/_doc/%d", a.URL, i), `{"k":"`+strings.Repeat("x", 20_000)+`"}`, 201)
	}
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, a.Close())
	whole, err := os.ReadFile(store)
	require.NoError(t, err)
	for _, rest := range []int{100_000, 40_000, 16_384, 9_000, 4_096, 50} {
		require.NoError(t, os.WriteFile(store, whole[:rest], 0o600))
		_, err := embedded.Open(dir, embedded.Options{})
		require.ErrorContains(t, err, "remove the folder", "%d bytes are left", rest)
	}
	require.NoError(t, os.WriteFile(store, whole, 0o600))
	node, err := embedded.Open(dir, embedded.Options{})
	require.NoError(t, err)
	require.NoError(t, node.Close())
}

func TestNodeFile(t *testing.T) {
	dir := t.TempDir()
	a, err := embedded.Attach(dir, embedded.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	path := filepath.Join(dir, "node.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		URL, Key string
		PID      int
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.Equal(t, a.URL, file.URL)
	require.Equal(t, a.APIKey, file.Key)
	require.Equal(t, os.Getpid(), file.PID)
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

func TestCredentials(t *testing.T) {
	a, err := embedded.Attach(t.TempDir(), embedded.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	for _, c := range []struct {
		name, key string
		status    int
	}{{"none", "", 401}, {"wrong", "nonsense", 401}, {"right", a.APIKey, 200}} {
		status, body, err := request("GET", a.URL+"/", c.key, "")
		require.NoError(t, err)
		require.Equal(t, c.status, status, c.name)
		if status == 401 {
			require.Contains(t, string(body), "security_exception")
		}
	}
	status, _, err := request("GET", a.URL+"/_security/_authenticate", a.APIKey, "")
	require.NoError(t, err)
	require.Equal(t, 200, status)
}

func TestListenOutside(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:9200"} {
		_, err := embedded.Attach(t.TempDir(), embedded.Options{Listen: address})
		require.ErrorIs(t, err, embedded.ErrNeedsPassword, address)
	}
	a, err := embedded.Attach(t.TempDir(), embedded.Options{Listen: "0.0.0.0:0", Password: "secret"})
	require.NoError(t, err)
	require.NoError(t, a.Close())
}

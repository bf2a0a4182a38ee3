package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/embedded"
	"github.com/tributary-search/tributary/sources"
)

// asProgram tells the test binary to be the program itself.
const asProgram = "TRIBUTARY_TEST_AS_PROGRAM"

// program is main: what the test binary does when it is to be killed.
func program() int {
	return cli.Program{
		Kinds: sources.All(), Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}.Run(context.Background())
}

// TestKilledSyncs kills a real process at random moments of a sync while files
// are made, changed and removed. One sync that is left alone must then make the
// index equal to the tree.
func TestKilledSyncs(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	m := newMachine(t)
	dir := m.tree("tree", nil)
	for i := range 2000 {
		m.write(name(dir, i), "first")
	}
	killed := 0
	for round := range 12 {
		for range 100 {
			m.change(random, dir, round)
		}
		if m.killedSync(dir, time.Duration(random.IntN(600))*time.Millisecond) {
			killed++
		}
	}
	t.Logf("%d of 12 syncs were killed before their end", killed)
	m.run("sync", "directory", "directory="+dir, "--index", "killed").wants(cli.ExitDone)
	require.Equal(t, onDisk(t, dir), inIndex(t, filepath.Join(m.home, "state", "tributary"), "killed"))
	again := m.run("sync", "directory", "directory="+dir, "--index", "killed", "--json").wants(cli.ExitDone).last()
	counters := again["counters"].(map[string]any)
	require.Equal(t, counters["emitted"], counters["unchanged"])
}

func name(dir string, i int) string {
	return filepath.Join(dir, fmt.Sprint(i%20), fmt.Sprintf("file-%d.txt", i))
}

// change makes, rewrites or removes one file.
func (m *machine) change(random *rand.Rand, dir string, round int) {
	file := name(dir, random.IntN(2200))
	if random.IntN(4) == 0 {
		_ = os.Remove(file)
		return
	}
	m.write(file, fmt.Sprint("round ", round, " ", random.Uint64()))
}

// killedSync starts a sync in a process of its own and kills it after a while.
// It reports whether the sync had not ended before.
func (m *machine) killedSync(dir string, after time.Duration) bool {
	m.t.Helper()
	cmd := exec.Command(os.Args[0], "sync", "directory", "directory="+dir, "--index", "killed")
	cmd.Env = append(append([]string{}, m.env...), asProgram+"=1")
	require.NoError(m.t, cmd.Start())
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return !cmd.ProcessState.Exited()
}

// onDisk returns the text of every file by its path.
func onDisk(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	}))
	return files
}

// inIndex returns the text of every document by its path.
func inIndex(t *testing.T, data, index string) map[string]string {
	t.Helper()
	node, err := embedded.Attach(data, embedded.Options{})
	require.NoError(t, err)
	defer node.Close()
	req, err := http.NewRequest(http.MethodPost, node.URL+"/"+index+"/_search", strings.NewReader(`{"size":10000,"_source":["path","body"]}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "ApiKey "+node.APIKey)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var found struct {
		Hits struct {
			Hits []struct {
				Source struct{ Path, Body string } `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&found))
	texts := map[string]string{}
	for _, h := range found.Hits.Hits {
		texts[h.Source.Path] = h.Source.Body
	}
	return texts
}

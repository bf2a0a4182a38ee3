package secrets_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/sources"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, // the pool of the server that the tests share
		goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreTopFunction("github.com/go-sql-driver/mysql.(*mysqlConn).startWatcher.func1"),
	)
}

// machine runs the program and looks at all that it writes.
type machine struct {
	t    *testing.T
	g    *garden
	home string
	env  []string
}

func newMachine(t *testing.T, g *garden, env ...string) *machine {
	home := t.TempDir()
	return &machine{t, g, home, append([]string{"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state")}, env...)}
}

// file writes a file of this user alone and returns its path.
func (m *machine) file(name, text string) string {
	m.t.Helper()
	path := filepath.Join(m.home, name)
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(m.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// output is a writer that many may use.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// run runs a command and checks its output. It returns both streams.
func (m *machine) run(args ...string) string { return m.runWith(m.t.Context(), "", args...) }

func (m *machine) runWith(ctx context.Context, stdin string, args ...string) string {
	m.t.Helper()
	var stdout, stderr output
	code := cli.Program{
		Kinds: append(sources.All(), leakyKind()), Args: args, Env: m.env,
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
	}.Run(ctx)
	shown := strings.Join(args, " ")
	for core, place := range m.g.cores { // of the test's own output
		shown = strings.ReplaceAll(shown, core, "<"+place+">")
	}
	m.g.clean(m.t, "the standard output of: "+shown, stdout.text())
	m.g.clean(m.t, "the standard error of: "+shown, stderr.text())
	return fmt.Sprintf("exit %d\n%s%s", code, stdout.text(), stderr.text())
}

// files checks every file below a folder, but for those that hold what was
// planted in them.
func (m *machine) files(dir string, planted ...string) {
	m.t.Helper()
	seen := 0
	require.NoError(m.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, p := range planted {
			if path == p {
				return nil
			}
		}
		seen++
		text, err := os.ReadFile(path)
		m.g.clean(m.t, "the file "+path, string(text))
		return err
	}))
	m.t.Logf("%d files are clean", seen)
}

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/sources"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	goleak.VerifyTestMain(m)
}

// machine is a user's machine: a home folder, an environment, a tree of files.
type machine struct {
	t    *testing.T
	home string
	env  []string
	ctx  context.Context
	// onOutput, when set, is called before the first output.
	onOutput func()
}

func newMachine(t *testing.T, env ...string) *machine {
	home := t.TempDir()
	return &machine{t: t, home: home, env: append([]string{"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state")}, env...), ctx: t.Context()}
}

// result is what a command left behind.
type result struct {
	t              *testing.T
	code           int
	stdout, stderr string
}

func (m *machine) run(args ...string) result { return m.runWith("", args...) }

func (m *machine) runWith(stdin string, args ...string) result {
	m.t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Program{
		Kinds: append(sources.All(), vaultKind()), Args: args, Env: m.env,
		Stdin: strings.NewReader(stdin), Stdout: watched{&stdout, m.onOutput}, Stderr: &stderr,
	}.Run(m.ctx)
	return result{m.t, code, stdout.String(), stderr.String()}
}

// watched calls a function before it writes.
type watched struct {
	io.Writer
	before func()
}

func (w watched) Write(b []byte) (int, error) {
	if w.before != nil {
		w.before()
	}
	return w.Writer.Write(b)
}

// wants checks the exit code.
func (r result) wants(code int) result {
	r.t.Helper()
	require.Equal(r.t, code, r.code, "stdout:\n%s\nstderr:\n%s", r.stdout, r.stderr)
	return r
}

// says checks that the standard output holds a text.
func (r result) says(text string) result {
	r.t.Helper()
	require.Contains(r.t, r.stdout, text, "stderr:\n%s", r.stderr)
	return r
}

// lines returns the JSON lines of the standard output.
func (r result) lines() []map[string]any {
	r.t.Helper()
	var lines []map[string]any
	for text := range strings.Lines(r.stdout) {
		var line map[string]any
		require.NoError(r.t, json.Unmarshal([]byte(text), &line), "%q", text)
		lines = append(lines, line)
	}
	require.NotEmpty(r.t, lines)
	return lines
}

// last returns the last JSON line.
func (r result) last() map[string]any {
	r.t.Helper()
	lines := r.lines()
	return lines[len(lines)-1]
}

// tree makes a folder with files; a text is a file's content.
func (m *machine) tree(name string, files map[string]string) string {
	m.t.Helper()
	dir := filepath.Join(m.home, name)
	require.NoError(m.t, os.MkdirAll(dir, 0o755))
	for file, content := range files {
		m.write(filepath.Join(dir, file), content)
	}
	return dir
}

func (m *machine) write(path, content string) {
	m.t.Helper()
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(m.t, os.WriteFile(path, []byte(content), 0o644))
}

// three is a small tree.
var three = map[string]string{
	"one.txt":       "The river carries water to the sea.",
	"two.md":        "# Lakes\nA lake keeps its water.",
	"deep/three.go": "package deep // nothing flows here",
}

package secrets_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"regexp"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/sources"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// serve runs a command that goes on until ctx ends, and checks its output.
func (m *machine) serve(ctx context.Context, out *output, args ...string) {
	cli.Program{Kinds: append(sources.All(), leakyKind()), Args: args, Env: m.env, Stdin: http.NoBody, Stdout: out, Stderr: out}.Run(ctx)
	m.g.clean(m.t, "the output of the service", out.text())
}

var metricsAddress = regexp.MustCompile(`"metrics":"([^"]+)"`)

// scrape reads what a service tells about itself once it has seen its connector.
func (m *machine) scrape(out *output) {
	m.t.Helper()
	var address string
	require.Eventually(m.t, func() bool {
		if found := metricsAddress.FindStringSubmatch(out.text()); found != nil {
			address = found[1]
		}
		return address != ""
	}, time.Minute, 10*time.Millisecond)
	time.Sleep(300 * time.Millisecond) // some turns of the loop; nothing depends on how many
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		answer, err := http.Get("http://" + address + path)
		require.NoError(m.t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(m.t, err)
		require.NoError(m.t, answer.Body.Close())
		m.g.clean(m.t, path, string(text))
	}
	http.DefaultClient.CloseIdleConnections()
}

package relaytest_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/internal/relaytest"
)

// says starts a server that says something to each client, in pieces.
func says(t *testing.T, text string, piece int) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			for rest := []byte(text); len(rest) > 0; {
				n := min(piece, len(rest))
				_, _ = c.Write(rest[:n])
				rest = rest[n:]
			}
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func hear(t *testing.T, r *relaytest.Relay) (string, error) {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", r.Port()))
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	var b bytes.Buffer
	_, err = io.Copy(&b, c)
	return b.String(), err
}

func TestRelay(t *testing.T) {
	text := strings.Repeat("ab", 30_000) + "row 7, row 8"
	r := relaytest.New(t, says(t, text, len(text)))
	got, err := hear(t, r)
	require.NoError(t, err)
	require.Equal(t, text, got)

	r.CutAfter(50_000)
	got, err = hear(t, r)
	require.NoError(t, err)
	require.Equal(t, text[:50_000], got)
	require.EqualValues(t, 1, r.Cuts())

	r.CutAfter(-1)
	for _, piece := range []int{1, 5, 1000} {
		r := relaytest.New(t, says(t, text[len(text)-1000:], piece))
		r.BreakAt(t, "row 8")
		got, err := hear(t, r)
		require.NoError(t, err)
		require.Equal(t, text[len(text)-1000:len(text)-len("row 8")], got)
		got, _ = hear(t, r)
		require.Empty(t, got, "it is broken for good")
	}
}

// ended is a test that notes what it is told, and what comes at its end.
type ended struct {
	testing.TB
	cleanups []func()
	errors   int
}

func (e *ended) Cleanup(f func())      { e.cleanups = append(e.cleanups, f) }
func (e *ended) Errorf(string, ...any) { e.errors++ }

func TestARelayThatWasNotBroken(t *testing.T) {
	e := &ended{TB: t}
	relaytest.New(t, says(t, "row 7", 9)).BreakAt(e, "row 8")
	for _, f := range e.cleanups {
		f()
	}
	require.Equal(t, 1, e.errors)
}

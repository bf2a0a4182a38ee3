package trial

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGateHoldsTheAnswerToOneBulkRequest(t *testing.T) {
	var bulks atomic.Int64
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			bulks.Add(1)
		}
		_, _ = io.WriteString(w, r.URL.Path)
	}))
	defer node.Close()
	g, err := newGate(node.URL, "docs", 2)
	require.NoError(t, err)
	defer func() { require.NoError(t, g.server.Close()) }()
	post := func(ctx context.Context, path string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+path, http.NoBody)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		require.Equal(t, path, string(text))
		return err
	}
	for _, path := range []string{"/docs/_bulk", "/docs/_search", "/other/_bulk", "/other/_bulk"} {
		require.NoError(t, post(t.Context(), path))
	}
	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan error, 1)
	go func() { held <- post(ctx, "/docs/_bulk") }()
	await, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	require.NoError(t, g.await(await, &Running{}))
	require.EqualValues(t, 4, bulks.Load(), "it was carried out")
	cancel()
	require.ErrorIs(t, <-held, context.Canceled)
	require.NoError(t, post(t.Context(), "/docs/_bulk"))
	ended := &Running{ended: make(chan struct{})}
	close(ended.ended)
	late, err := newGate(node.URL, "docs", 2)
	require.NoError(t, err)
	defer func() { require.NoError(t, late.server.Close()) }()
	require.ErrorContains(t, late.await(await, ended), "the service ended")
}

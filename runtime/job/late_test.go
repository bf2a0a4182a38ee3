package job_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
)

// TestAnswersAfterTheEndChangeNothing holds up an answer until the run was
// canceled and is over.
func TestAnswersAfterTheEndChangeNothing(t *testing.T) {
	x := newIndex(t)
	sent, over := make(chan bool, 1), make(chan bool)
	x.through(t, func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			select {
			case sent <- true:
			default:
			}
			<-over
		}
	})
	ctx, cancel := context.WithCancelCause(context.Background())
	s := x.new(emitter(func(_ context.Context, emit func(connector.Document) error) error {
		for i := range 12_000 { // more than one request takes, less than the writer holds
			d := connector.NewDocument(fmt.Sprint(i))
			if err := emit(d); err != nil {
				return err
			}
		}
		<-sent
		cancel(job.ErrCanceled)
		return nil
	}))
	defer x.close()
	require.ErrorIs(t, s.Run(ctx), job.ErrCanceled)
	end := s.Counters()
	requireSum(t, end)
	require.Equal(t, int64(12_000), end.Failed)
	close(over)
	require.Eventually(t, func() bool { return x.bulk.Counts()["created"] > 0 }, time.Minute, 10*time.Millisecond)
	require.Equal(t, end, s.Counters())
}

// through puts a proxy before the server that looks at every request first.
func (x *index) through(t *testing.T, look func(*http.Request)) {
	t.Helper()
	to, err := url.Parse(x.url)
	require.NoError(t, err)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.Transport = transport
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		look(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	client, err := elastic.New(elastic.Config{URL: server.URL})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	x.client = client
}

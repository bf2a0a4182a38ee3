package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/settings"
)

// endless emits documents until it is stopped.
func endless(ctx context.Context, emit func(connector.Document) error) error {
	for i := 0; ; i++ {
		if err := emit(document(i)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestACancelTakesEffect(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: endless} }))
	r.settings.Service.Lease = settings.Duration(time.Minute) // the next beat would come in 5 s
	r.connector("c1")
	r.run(r.service())
	j := r.start("c1", protocol.Full)
	r.wait(j.ID, job.InProgress)
	r.until(func() bool { _, err := r.protocol.CancelJob(t.Context(), j.ID); return err == nil })
	asked := time.Now()
	j = r.wait(j.ID, job.Canceled)
	require.Less(t, time.Since(asked), 4*time.Second, "2 s, on a machine that has nothing else to do")
	require.Empty(t, j.Error)
	require.False(t, j.CanceledAt.IsZero())
	require.EqualValues(t, r.count(r.index("c1")), j.Indexed)
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Canceled })
	require.Nil(t, r.reload("c1").SyncCursor)
}

// With the default lease the worker sees a cancel before it writes anything of
// its own again.
func TestACancelIsSeenBetweenTwoConfirmations(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: endless} }))
	r.settings.Service.Lease = settings.Default().Service.Lease
	r.connector("c1")
	r.run(r.service())
	j := r.start("c1", protocol.Full)
	r.wait(j.ID, job.InProgress)
	r.until(func() bool { _, err := r.protocol.CancelJob(t.Context(), j.ID); return err == nil })
	j = r.wait(j.ID, job.Canceled)
	require.EqualValues(t, r.count(r.index("c1")), j.Indexed)
	require.Zero(t, j.Requeued)
}

func TestAShutdownSuspendsAndAnotherServiceResumes(t *testing.T) {
	var runs atomic.Int64
	r := newRig(t, kind("shelf", func() connector.Source {
		return &source{getDocs: func(ctx context.Context, emit func(connector.Document) error) error {
			if err := documents(20)(ctx, emit); err != nil || runs.Add(1) > 1 {
				return err
			}
			<-ctx.Done()
			return context.Cause(ctx)
		}}
	}))
	r.connector("c1")
	stop := r.run(r.service())
	j := r.start("c1", protocol.Full)
	r.until(func() bool { return runs.Load() == 1 })
	started := time.Now()
	stop()
	require.Less(t, time.Since(started), 5*time.Second)
	j = r.wait(j.ID, job.Suspended)
	require.EqualValues(t, 20, r.count(r.index("c1")), "what was read is written before the job is suspended")
	require.EqualValues(t, 20, j.Indexed)

	r.run(r.service())
	j = r.wait(j.ID, job.Completed)
	require.EqualValues(t, 0, j.Indexed, "nothing is sent twice")
	require.EqualValues(t, 20, j.Total)
}

func TestAPanicOfASourceCostsItsJobOnly(t *testing.T) {
	bad := kind("bad", func() connector.Source {
		return &source{getDocs: func(_ context.Context, emit func(connector.Document) error) error {
			if err := emit(document(1)); err != nil {
				return err
			}
			panic("oh no")
		}}
	})
	good := kind("good", func() connector.Source { return &source{getDocs: documents(3)} })
	r := newRig(t, bad, good)
	r.connector("c1")
	r.connector("c2", func(n *protocol.NewConnector) { n.ServiceType = r.name("good") })
	r.run(r.service())
	failed := r.wait(r.start("c1", protocol.Full).ID, job.Failed)
	require.Contains(t, failed.Error, "source "+r.name("bad")+": its code panicked")
	require.NotContains(t, failed.Error, "oh no", "what it said may hold anything")
	r.wait(r.start("c2", protocol.Full).ID, job.Completed)
	r.wait(r.start("c1", protocol.Full).ID, job.Failed)
}

func TestAPanicInContentCostsOneDocument(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source {
		return &source{getDocs: func(_ context.Context, emit func(connector.Document) error) error {
			d := document(1)
			d.Attachment = &connector.Attachment{Name: "a.txt", Size: 5, Open: panicking}
			if err := emit(d); err != nil {
				return err
			}
			return emit(document(2))
		}}
	}))
	r.connector("c1")
	r.run(r.service())
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	require.Equal(t, 2, r.count(r.index("c1")))
}

func TestErrorsAreSentencesThatHelp(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		source source
		want   []string
	}{
		"revoked key": {
			answer: func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, "/search-") {
					refuse(w, 401, "security_exception", "unable to authenticate with provided credentials")
					return true
				}
				return false
			},
			want: []string{"401", "check elasticsearch.api_key"},
		},
		"key of the connector": {
			answer: func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, "/search-") {
					refuse(w, 403, "security_exception", "action [indices:data/write/bulk] is unauthorized for API key, this action is granted by the index privileges [write,all]")
					return true
				}
				return false
			},
			want: []string{"403", "privileges write, all"},
		},
		"source is down": {
			source: source{ping: func() error { return errBroken }},
			want:   []string{"the source is broken"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, kind("shelf", func() connector.Source {
				s := c.source
				s.getDocs = documents(3)
				return &s
			}))
			if p := r.throughProxy(); c.answer != nil {
				p.answers(c.answer)
			}
			r.connector("c1")
			r.run(r.service())
			j := r.wait(r.start("c1", protocol.Full).ID, job.Failed, job.Completed)
			require.Equal(t, job.Failed, j.Status)
			for _, want := range c.want {
				require.Contains(t, j.Error, want)
			}
			// the job is written first, and a failed check makes the connector "error" before it
			r.until(func() bool { return r.reload("c1").LastSyncError == j.Error })
			time.Sleep(200 * time.Millisecond) // some polls later
			require.Equal(t, protocol.Errored, r.reload("c1").Status)
		})
	}
}

// A key of the service that is refused in the middle is told in the job as soon
// as that can be written again.
func TestAKeyThatIsRevokedInTheMiddleIsToldInTheJob(t *testing.T) {
	begin, goOn := make(chan struct{}), make(chan struct{})
	r := newRig(t, kind("shelf", func() connector.Source {
		return &source{getDocs: func(ctx context.Context, emit func(connector.Document) error) error {
			close(begin)
			<-goOn
			return documents(3)(ctx, emit)
		}}
	}))
	p := r.throughProxy()
	r.connector("c1")
	r.run(r.service())
	j := r.start("c1", protocol.Full)
	<-begin
	var refused atomic.Bool
	p.answers(func(w http.ResponseWriter, req *http.Request) bool {
		if strings.HasPrefix(req.URL.Path, "/search-") {
			refused.Store(true)
		}
		refuse(w, 401, "security_exception", "unable to authenticate with provided credentials")
		return true
	})
	close(goOn)
	r.until(refused.Load)
	p.answers(func(http.ResponseWriter, *http.Request) bool { return false })
	j = r.wait(j.ID, job.Failed, job.Completed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, "401 security_exception: unable to authenticate with provided credentials; check elasticsearch.api_key")
}

func TestAReadOnlyIndexIsAnErrorUntilItsBlockIsLifted(t *testing.T) {
	l := &ledger{docs: map[string]int{"a": 1}}
	r := newRig(t, kind("ledger", func() connector.Source { return l }))
	r.connector("c1")
	r.run(r.service())
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	r.setting("c1", `{"index.blocks.write":true}`)
	l.put("a", 2)
	j := r.wait(r.start("c1", protocol.Full).ID, job.Failed, job.Completed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, "blocked by: [FORBIDDEN/8/index write (api)]; lift the block: set index.blocks.write")
	r.setting("c1", `{"index.blocks.write":null}`)
	j = r.wait(r.start("c1", protocol.Full).ID, job.Failed, job.Completed)
	require.Equal(t, job.Completed, j.Status)
	require.EqualValues(t, 1, j.Indexed)
}

// setting changes settings of a connector's index, as an operator does.
func (r *rig) setting(id, body string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPut, r.url+"/"+r.index(id)+"/_settings", strings.NewReader(body))
	require.NoError(r.t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	require.NoError(r.t, res.Body.Close())
	require.Equal(r.t, http.StatusOK, res.StatusCode)
}

// A sync into an index that is not there for documents would take what it holds
// for documents that the source has lost.
func TestAnIndexOfElasticsearchIsNoneForDocuments(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(3)} }))
	r.connector("c1")
	r.connector("c2")
	r.patch("c2", protocol.Patch{"index_name": "." + r.name("dotted")})
	r.run(r.service())
	r.until(func() bool { return r.reload("c2").Status == protocol.Errored })
	const want = "names that begin with a dot belong to Elasticsearch and Kibana"
	require.Contains(t, r.reload("c2").Error, want)
	j := r.wait(r.start("c2", protocol.Full).ID, job.Failed, job.Completed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, want)
	there, err := r.client.Index("." + r.name("dotted")).Exists(t.Context())
	require.NoError(t, err)
	require.False(t, there)
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
}

func TestElasticsearchRestartsInTheMiddle(t *testing.T) {
	begin, goOn := make(chan struct{}), make(chan struct{})
	r := newRig(t, kind("shelf", func() connector.Source {
		return &source{getDocs: func(ctx context.Context, emit func(connector.Document) error) error {
			if err := documents(10)(ctx, emit); err != nil {
				return err
			}
			close(begin)
			<-goOn
			for i := 10; i < 30; i++ {
				if err := emit(document(i)); err != nil {
					return err
				}
			}
			return nil
		}}
	}))
	p := r.throughProxy()
	r.connector("c1")
	r.run(r.service())
	j := r.start("c1", protocol.Full)
	<-begin
	p.down.Store(true)
	close(goOn)
	time.Sleep(4 * time.Second) // longer than the lease
	p.down.Store(false)
	j = r.wait(j.ID, job.Completed, job.Failed)
	require.Equal(t, job.Completed, j.Status, j.Error)
	require.EqualValues(t, 30, j.Indexed)
	require.Equal(t, 0, j.Requeued, "nobody takes a job over because Elasticsearch was away")
	require.Equal(t, 30, r.count(r.index("c1")))
}

// An Elasticsearch that was started again has forgotten its snapshots: the job
// goes on anew.
func TestElasticsearchForgetsItsSnapshots(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(5)} }))
	p := r.throughProxy()
	r.connector("c1")
	r.run(r.service())
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	for _, c := range []struct{ forgets, requeued int64 }{{2, 0}, {4, 1}} {
		var asked atomic.Int64
		p.answers(func(w http.ResponseWriter, req *http.Request) bool {
			if req.URL.Path != "/_search" || asked.Add(1) > c.forgets {
				return false
			}
			refuse(w, 404, "search_context_missing_exception", "No search context found")
			return true
		})
		j := r.wait(r.start("c1", protocol.Full).ID, job.Completed, job.Failed)
		require.Equal(t, job.Completed, j.Status, j.Error)
		require.EqualValues(t, c.requeued, j.Requeued)
		require.EqualValues(t, 5, j.Total)
	}
	p.answers(func(w http.ResponseWriter, req *http.Request) bool {
		if req.URL.Path == "/_search" {
			refuse(w, 404, "search_context_missing_exception", "No search context found")
		}
		return req.URL.Path == "/_search"
	})
	j := r.wait(r.start("c1", protocol.Full).ID, job.Completed, job.Failed)
	require.Equal(t, job.Failed, j.Status)
	require.Contains(t, j.Error, "the snapshot is lost; run the sync again")
	require.Equal(t, r.settings.Service.MaxRequeues, j.Requeued)
}

func TestAJobWhoseConnectorIsDeletedStopsAndIsRemoved(t *testing.T) {
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: endless} }))
	r.connector("c1")
	r.run(r.service())
	j := r.start("c1", protocol.Full)
	r.wait(j.ID, job.InProgress)
	require.NoError(t, r.protocol.DeleteConnector(t.Context(), r.name("c1")))
	r.until(func() bool {
		_, err := r.protocol.Job(t.Context(), j.ID)
		return errors.Is(err, protocol.ErrNotFound)
	})
}

func TestTwoServicesShareJobs(t *testing.T) {
	var mu sync.Mutex
	runs := map[string]int{}
	shared := kind("shelf", nil)
	shared.Open = func(_ context.Context, raw json.RawMessage, _ connector.Deps) (connector.Source, error) {
		return &source{getDocs: func(ctx context.Context, emit func(connector.Document) error) error {
			mu.Lock()
			runs[string(raw)]++
			mu.Unlock()
			return documents(3)(ctx, emit)
		}}, nil
	}
	r := newRig(t, shared)
	const n = 24
	var jobs []string
	for i := range n {
		id := "c" + string(rune('a'+i))
		r.connector(id, func(c *protocol.NewConnector) {
			c.Configuration = json.RawMessage(`{"a":{"value":"` + id + `"}}`)
		})
		jobs = append(jobs, r.start(id, protocol.Full).ID)
	}
	r.run(r.service())
	r.run(r.service())
	for _, id := range jobs {
		j := r.wait(id, job.Completed, job.Failed)
		require.Equal(t, job.Completed, j.Status, j.Error)
		require.EqualValues(t, 3, j.Indexed)
	}
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, runs, n)
	for config, times := range runs {
		require.Equal(t, 1, times, config)
	}
}

package letters_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
)

func TestMain(m *testing.M) {
	if !inAnotherProcess() {
		goleak.VerifyTestMain(m)
	}
}

var worlds atomic.Int64

// world is a server, an index of documents and one of letters.
type world struct {
	*testing.T
	client  *elastic.Client
	address string // with the user, if there is one
	index   string
	store   letters.Store
	log     *bytes.Buffer
	fence   func(bool) error
	docs    map[string]string // what the source holds: id to field n, as JSON
	broken  map[string]bool   // contents that can't be read
	locked  map[string]bool   // documents that the source can't read
}

func newWorld(t *testing.T) *world {
	address := elastictest.Server(t).URL
	client, err := elastic.New(elastic.Config{URL: address})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	name := fmt.Sprintf("letters-%d-%d", time.Now().UnixNano(), worlds.Add(1))
	w := &world{T: t, client: client, address: address, index: name, log: &bytes.Buffer{}, docs: map[string]string{}, broken: map[string]bool{}, locked: map[string]bool{}}
	w.store = letters.Store{Client: client, Index: name + "-failed", Dir: filepath.Join(t.TempDir(), "failed"), Log: slog.New(slog.NewTextHandler(w.log, nil))}
	t.Cleanup(func() {
		_ = client.Index(name).Delete(context.Background())
		_ = client.Index(name + "-failed").Delete(context.Background())
	})
	w.map_(`{"properties":{"n":{"type":"long"},"_fingerprint":{"type":"keyword","index":false}}}`)
	return w
}

// map_ makes the index anew with a mapping.
func (w *world) map_(mapping string) {
	w.Helper()
	require.NoError(w, w.client.Index(w.index).Delete(w.Context()))
	require.NoError(w, w.client.Index(w.index).Ensure(w.Context(), []byte(`{"mappings":`+mapping+`}`)))
}

// Ping and GetDocs make the world a source.
func (w *world) Ping(context.Context) error { return nil }

func (w *world) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	for i := range 1000 {
		id := fmt.Sprintf("doc-%04d", i)
		if _, there := w.docs[id]; !there {
			continue
		}
		if err := emit(w.document(id)); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) document(id string) connector.Document {
	d := connector.NewDocument(id)
	d.SetRaw("n", []byte(w.docs[id]))
	if broken, has := w.broken[id]; has {
		d.Attachment = &connector.Attachment{Name: id + ".txt", Size: 4, ETag: fmt.Sprint(broken), Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("text")), nil
		}}
	}
	if w.locked[id] {
		d.Err = errors.New("permission denied")
	}
	return d
}

// Extract reads a content.
func (w *world) Extract(_ context.Context, a *connector.Attachment, dst []byte) (string, []byte, error) {
	if w.broken[strings.TrimSuffix(a.Name, ".txt")] {
		return "", dst, errors.New("the file is damaged")
	}
	return "body", append(dst, "text"...), nil
}

// open begins a run.
func (w *world) open() *letters.Box {
	return letters.Open(w.Context(), letters.Options{
		Store: w.store, Connector: "con", Job: "job-1", Target: w.index, Fence: w.fence, Now: time.Now,
	})
}

// kept counts rejected documents and keeps them.
type kept struct {
	*job.Budget
	box *letters.Box
}

func (k kept) Failed(r connector.Rejection) error {
	k.box.Keep(r)
	return k.Budget.Failed(r)
}

// sync makes the index equal to the source.
func (w *world) sync() (job.Counters, letters.Summary) {
	w.Helper()
	box := w.open()
	budget := job.NewBudget()
	bulk := w.client.Bulk(w.index, elastic.BulkOptions{Report: kept{budget, box}})
	s := &job.Sync{
		Source: w, Index: w.client.Index(w.index), Sink: bulk, Budget: budget, Letters: box, Extract: w, Owner: job.Owner("letters"),
		Options: job.Options{Guard: job.Guard{Share: 1, Few: 1000}}, Log: w.store.Log, Now: time.Now,
	}
	err := s.Run(w.Context())
	require.NoError(w, errors.Join(err, bulk.Close()))
	how := letters.Broken
	if s.Complete() {
		how = letters.Everything
	}
	summary := box.Finish(w.Context(), how)
	require.NoError(w, w.client.Index(w.index).Refresh(w.Context()))
	return s.Counters(), summary
}

// letters are those of the connector, by the document's id.
func (w *world) letters() map[string]*letters.Letter {
	w.Helper()
	all := map[string]*letters.Letter{}
	require.NoError(w, w.store.Each(w.Context(), letters.Query{Connector: "con", Bodies: true}, func(l *letters.Letter, _ letters.Place) error {
		require.NotContains(w, all, l.ID)
		all[l.ID] = l
		return nil
	}))
	return all
}

// replay sends all letters again and returns the outcomes.
func (w *world) replay() map[letters.Outcome]int {
	w.Helper()
	outcomes := map[letters.Outcome]int{}
	require.NoError(w, w.store.Replay(w.Context(), letters.Query{Connector: "con"}, func(_ *letters.Letter, o letters.Outcome) error {
		outcomes[o]++
		return nil
	}))
	return outcomes
}

// refusing is a client for which the index of letters answers with a status.
func (w *world) refusing(status int, body string, seen *atomic.Int64) *elastic.Client {
	w.Helper()
	upstream := w.client.Address()
	server := newServer(w.T, func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/"+w.store.Index) {
			seen.Add(1)
			rw.Header().Set("X-Elastic-Product", "Elasticsearch")
			rw.Header().Set("Content-Type", "application/json")
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
			return
		}
		forward(w.T, upstream, rw, r)
	})
	of, err := url.Parse(w.address)
	require.NoError(w, err)
	password, _ := of.User.Password()
	client, err := elastic.New(elastic.Config{URL: server, Username: of.User.Username(), Password: password})
	require.NoError(w, err)
	w.Cleanup(client.Close)
	return client
}

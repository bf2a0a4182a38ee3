package job_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
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
)

func TestMain(m *testing.M) {
	if word := os.Getenv(asVerifier); word != "" {
		if err := verifier(word); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// index is an index on the server under test, and how to sync into it.
type index struct {
	url, name string
	client    *elastic.Client
	owner     string
	settings  string
	options   job.Options
	absent    bool // changes find no index
	extract   job.Extractor
	rules     job.Rules
	budget    *job.Budget
	fence     func(deletes bool) error
	flushers  int
	log       *bytes.Buffer
	bulk      *elastic.Bulk
}

var names atomic.Int64

func newIndex(t *testing.T) *index {
	t.Helper()
	server := elastictest.Server(t)
	client, err := elastic.New(elastic.Config{URL: server.URL})
	require.NoError(t, err)
	x := &index{
		url:     server.URL,
		name:    fmt.Sprintf("job-%d-%d", time.Now().UnixNano(), names.Add(1)),
		client:  client,
		owner:   job.Owner("test", t.Name()),
		options: job.Options{Guard: job.Guard{Share: 0.2, Few: 100}},
		log:     &bytes.Buffer{},
	}
	t.Cleanup(func() {
		x.call(t, http.MethodDelete, "/"+strings.TrimSuffix(x.name, "-alias"), "")
		client.Close()
	})
	return x
}

// as returns the same index for another owner.
func (x *index) as(owner string) *index {
	y := *x
	y.owner = job.Owner("test", owner)
	return &y
}

func (x *index) new(source connector.Source) *job.Sync {
	x.budget = job.NewBudget()
	x.bulk = x.client.Bulk(x.name, elastic.BulkOptions{Report: x.budget, Fence: x.fence, Flushers: x.flushers})
	return &job.Sync{
		Source: source, Index: x.client.Index(x.name), Sink: x.bulk, Rules: x.rules, Extract: x.extract, Budget: x.budget,
		Owner: x.owner, Settings: []byte(x.settings), Options: x.options, Log: newLog(x.log), Now: time.Now,
	}
}

func (x *index) close() { x.bulk.Close() }

// run syncs and checks what holds for every run.
func (x *index) run(t *testing.T, source connector.Source) (job.Counters, error) {
	t.Helper()
	s := x.new(source)
	defer x.close()
	err := s.Run(context.Background())
	c := s.Counters()
	requireSum(t, c)
	return counted(c), err
}

// sync runs and demands success.
func (x *index) sync(t *testing.T, source connector.Source) job.Counters {
	t.Helper()
	c, err := x.run(t, source)
	require.NoError(t, err)
	return c
}

func (x *index) call(t *testing.T, method, path, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, x.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, answer
}

func (x *index) must(t *testing.T, method, path, body string) []byte {
	t.Helper()
	status, answer := x.call(t, method, path, body)
	require.Less(t, status, 300, "%s %s: %s", method, path, answer)
	return answer
}

func (x *index) create(t *testing.T, body string) { x.must(t, http.MethodPut, "/"+x.name, body) }

func (x *index) template(t *testing.T, template string) {
	path := "/_index_template/" + x.name
	x.must(t, http.MethodPut, path, `{"index_patterns":["`+x.name+`"],"template":`+template+`}`)
	t.Cleanup(func() { x.call(t, http.MethodDelete, path, "") })
}

func (x *index) put(t *testing.T, id, source string) {
	x.must(t, http.MethodPut, "/"+x.name+"/_doc/"+id+"?refresh=true", source)
}

func (x *index) exists(t *testing.T) bool {
	status, _ := x.call(t, http.MethodHead, "/"+x.name, "")
	return status == http.StatusOK
}

func (x *index) source(t *testing.T, id string) map[string]any {
	return decode(t, x.must(t, http.MethodGet, "/"+x.name+"/_source/"+id, ""))
}

// values returns the field "v" of every document by id.
func (x *index) values(t *testing.T) map[string]string {
	x.must(t, http.MethodPost, "/"+x.name+"/_refresh", "")
	answer := x.must(t, http.MethodPost, "/"+x.name+"/_search", `{"size":10000}`)
	var found struct {
		Hits struct {
			Hits []struct {
				ID     string `json:"_id"`
				Source struct {
					V string `json:"v"`
				} `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	require.NoError(t, json.Unmarshal(answer, &found))
	values := map[string]string{}
	for _, h := range found.Hits.Hits {
		values[h.ID] = h.Source.V
	}
	return values
}

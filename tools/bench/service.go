package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// counter passes requests on to a node and counts them.
type counter struct {
	server *httptest.Server

	mu     sync.Mutex
	total  int            // requests
	before polls          // up to the last poll
	first  chan time.Time // takes the time of the next bulk request
}

// polls is how many there were, and how many requests before the last one.
type polls struct{ polls, requests int }

func newCounter(target string) (*counter, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	through, c := httputil.NewSingleHostReverseProxy(u), &counter{}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.count(r.URL.Path)
		through.ServeHTTP(w, r)
	}))
	return c, nil
}

func (c *counter) count(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if path == "/"+protocol.ConnectorsIndex+"/_search" {
		c.before = polls{c.before.polls + 1, c.total}
	}
	c.total++
	if c.first != nil && strings.HasPrefix(path, "/search-") && strings.HasSuffix(path, "/_bulk") {
		c.first <- time.Now()
		c.first = nil
	}
}

func (c *counter) polls() polls {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.before
}

// next returns a channel that gets the time of the next bulk request.
func (c *counter) next() <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = make(chan time.Time, 1)
	return c.first
}

// soon measures the time from a pending job to its first bulk request, and the
// requests of an idle service.
func (b *bench) soon() (rows []row, err error) {
	const connectors, idling = 200, 200 * time.Millisecond
	c, err := b.cluster("soon", connectors)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	between, err := newCounter(c.node.url)
	if err != nil {
		return nil, err
	}
	defer between.server.Close()
	if err := c.serve(between.server.URL, "service.idling="+idling.String()); err != nil {
		return nil, err
	}
	if err := c.ready(connectors); err != nil {
		return nil, err
	}
	var took []float64
	for i := range 5 + 40/b.scale {
		time.Sleep(idling*2 + time.Duration(i*37%200)*time.Millisecond) // at any moment between two polls
		d, err := c.first(between)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first opens the source and its connections
			took = append(took, float64(d.Microseconds())/1000)
		}
	}
	time.Sleep(time.Second)
	before := between.polls()
	time.Sleep(5 * time.Second)
	after := between.polls()
	each := float64(after.requests-before.requests) / float64(after.polls-before.polls)
	return []row{
		{
			what: "pending job to its first bulk request, warm, service.idling 200ms", target: "≤ 300 ms",
			measured: fmt.Sprintf("%.0f ms", median(took)), met: median(took) <= 300,
			notes: []string{spread(took, "%.0f") + "; of a source that takes no time"},
		},
		{
			what: fmt.Sprintf("requests per poll when idle, %d connectors", connectors), target: "≤ 2",
			measured: fmt.Sprintf("%.2f", each), met: each <= 2,
		},
	}, nil
}

// first makes a job and measures when its first document comes.
func (c *cluster) first(between *counter) (time.Duration, error) {
	ctx := context.Background()
	conn, err := c.protocol.Connector(ctx, fmt.Sprintf("c-%d", prompt))
	if err != nil {
		return 0, err
	}
	came := between.next()
	j, err := c.protocol.CreateJob(ctx, conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
	if err != nil {
		return 0, err
	}
	made := time.Now()
	if err := wait(time.Minute, func() (bool, error) {
		j, err = c.protocol.Job(ctx, j.ID)
		return j.Ended(), err
	}); err != nil {
		return 0, err
	}
	if j.Status != job.Completed {
		return 0, fmt.Errorf("a job is %s: %s", j.Status, j.Error)
	}
	return (<-came).Sub(made), nil
}

// idle measures a replica with many connectors and nothing to do.
func (b *bench) idle() (rows []row, err error) {
	connectors, watched := 1000, 40*time.Second
	c, err := b.cluster("idle", connectors)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := c.serve(c.node.url); err != nil {
		return nil, err
	}
	if err := c.ready(connectors); err != nil {
		return nil, err
	}
	time.Sleep(65 * time.Second) // it looks more often for a minute after something happened
	before := c.cpu()
	time.Sleep(watched)
	share := 100 * (c.cpu() - before).Seconds() / watched.Seconds()
	resident := mebibytes(peak(c.replicas[0].Process.Pid))
	return []row{
		{
			what: "1,000 connectors, idle, one replica: CPU of one core", target: "≤ 1 %",
			measured: fmt.Sprintf("%.2f %%", share), met: share <= 1,
		},
		{
			what: "the same, peak RSS, their first check included", target: "≤ 64 MiB",
			measured: fmt.Sprintf("%d MiB", resident), met: resident <= 64,
		},
	}, nil
}

// sharing is how replicas did many jobs.
type sharing struct {
	rate float64 // jobs a second
	cpu  float64 // of the replicas for a job, in ms
	node float64 // likewise of the node
}

// share compares four replicas with one.
func (b *bench) share() ([]row, error) {
	jobs := 1000 / b.scale
	one, err := b.shared(1, jobs/4)
	if err != nil {
		return nil, err
	}
	four, err := b.shared(4, jobs)
	if err != nil {
		return nil, err
	}
	times := four.rate / one.rate
	return []row{
		{
			what: fmt.Sprintf("4 replicas, %d jobs of 100 documents, 20 ms per page", jobs), target: "≥ 3x one",
			measured: fmt.Sprintf("%.1fx", times), met: times >= 3,
			notes: []string{fmt.Sprintf("%.1f jobs/s against %.1f; every job once; the node uses %.1f ms of CPU for a job", four.rate, one.rate, four.node)},
		},
		{
			what: "the same, CPU of the replicas per job", target: "≤ 10 ms",
			measured: fmt.Sprintf("%.1f ms", four.cpu), met: four.cpu <= 10,
			notes: []string{fmt.Sprintf("one replica: %.1f ms; all of it: claim, bookkeeping, polls, 100 documents", one.cpu)},
		},
	}, nil
}

// shared lets replicas do jobs, and makes sure that each was done once.
func (b *bench) shared(replicas, jobs int) (s sharing, err error) {
	connectors := max(20, jobs/5)
	c, err := b.cluster(fmt.Sprintf("share-%d", replicas), connectors)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	for range replicas {
		if err := c.serve(c.node.url); err != nil {
			return s, err
		}
	}
	if err := c.ready(connectors); err != nil {
		return s, err
	}
	before, node, start := c.cpu(), cpuOf(c.node.cmd.Process.Pid), time.Now()
	if err := c.enqueue(jobs, connectors); err != nil {
		return s, err
	}
	if err := wait(10*time.Minute, func() (bool, error) {
		n, err := c.count(protocol.JobsIndex, "status", "completed")
		return n == jobs, err
	}); err != nil {
		return s, err
	}
	took := time.Since(start)
	s.rate, s.cpu = float64(jobs)/took.Seconds(), micros(c.cpu()-before, jobs)/1000
	s.node = micros(cpuOf(c.node.cmd.Process.Pid)-node, jobs) / 1000
	runs, err := c.started()
	if err != nil {
		return s, err
	}
	docs, err := c.indexed()
	if err == nil && (runs != jobs || docs != jobs*waitingDocs) {
		err = fmt.Errorf("%d jobs were run %d times and wrote %d documents", jobs, runs, docs)
	}
	return s, err
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// cluster is a node with connectors of the waiting source, and the replicas
// that serve them.
type cluster struct {
	bench    *bench
	node     *node
	client   *elastic.Client
	protocol *protocol.Client
	replicas []*exec.Cmd
	logs     []string
}

// cluster starts a node that holds so many configured connectors. The source
// of c-7 is prompt.
func (b *bench) cluster(name string, connectors int) (c *cluster, err error) {
	c = &cluster{bench: b}
	if c.node, err = b.startNode(filepath.Join(b.dir, name), runtime.NumCPU()); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	if c.client, err = elastic.New(elastic.Config{URL: c.node.url, Log: quiet}); err != nil {
		return nil, errors.Join(err, c.node.stop())
	}
	c.protocol = protocol.New(c.client.Documents(), protocol.Options{Log: quiet})
	if err := c.connect(connectors); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// prompt is the number of the connector whose source takes no time.
const prompt = 7

// connect makes connectors: the first as the product does, the others like it.
func (c *cluster) connect(n int) error {
	ctx := context.Background()
	if err := c.protocol.Ensure(ctx); err != nil {
		return err
	}
	first, err := c.protocol.CreateConnector(ctx, protocol.NewConnector{
		ID: "c-0", Name: "Waiting", ServiceType: waitingType, IndexName: "search-c-0", Configuration: waitingKind().Configuration,
	})
	if err != nil || n == 1 {
		return err
	}
	var body bytes.Buffer
	for i := 1; i < n; i++ {
		doc := bytes.ReplaceAll(bytes.ReplaceAll(first.Raw, []byte("c-0"), fmt.Appendf(nil, "c-%d", i)), []byte("\n"), nil)
		if i == prompt {
			doc = bytes.ReplaceAll(doc, []byte(`"value":"h"`), []byte(`"value":`+promptHost))
		}
		fmt.Fprintf(&body, "{\"create\":{\"_id\":\"c-%d\"}}\n%s\n", i, doc)
	}
	return c.bulk(protocol.ConnectorsIndex, &body)
}

func (c *cluster) bulk(index string, body *bytes.Buffer) error {
	var answer struct{ Errors bool }
	err := c.node.call("POST", "/"+index+"/_bulk?refresh=true&filter_path=errors", body.String(), &answer)
	if err == nil && answer.Errors {
		err = errors.New("the node rejected documents")
	}
	return err
}

// enqueue makes so many jobs at once, spread over the connectors. All were made
// from one that the product made.
func (c *cluster) enqueue(jobs, connectors int) error {
	conn, err := c.protocol.Connector(context.Background(), "c-0")
	if err != nil {
		return err
	}
	first, err := c.protocol.CreateJob(context.Background(), conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{ID: "j-0"})
	if err != nil {
		return err
	}
	var body bytes.Buffer
	for i := 1; i < jobs; i++ {
		doc := bytes.ReplaceAll(bytes.ReplaceAll(first.Raw, []byte("c-0"), fmt.Appendf(nil, "c-%d", i%connectors)), []byte("\n"), nil)
		fmt.Fprintf(&body, "{\"create\":{\"_id\":\"j-%d\"}}\n%s\n", i, doc)
	}
	return c.bulk(protocol.JobsIndex, &body)
}

// serve starts one replica before an address.
func (c *cluster) serve(url string, set ...string) error {
	args := []string{"serve", "--set", "service.service_types=" + waitingType}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	path := filepath.Join(c.bench.dir, fmt.Sprintf("%s-%d.log", filepath.Base(c.node.dir), len(c.replicas)))
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(c.bench.self, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.bench.dir, log, log
	cmd.Env = append(os.Environ(), roleVariable+"="+roleTributary, "ELASTICSEARCH_URL="+url)
	if err := cmd.Start(); err != nil {
		return err
	}
	c.replicas, c.logs = append(c.replicas, cmd), append(c.logs, path)
	return nil
}

// ready waits until every connector was checked.
func (c *cluster) ready(connectors int) error {
	return wait(2*time.Minute, func() (bool, error) {
		n, err := c.count(protocol.ConnectorsIndex, "status", "connected")
		return n == connectors, err
	})
}

// count counts the documents of an index whose field has a value.
func (c *cluster) count(index, field, value string) (int, error) {
	var answer struct{ Count int }
	err := c.node.call("POST", "/"+index+"/_count", fmt.Sprintf(`{"query":{"term":{%q:%q}}}`, field, value), &answer)
	return answer.Count, err
}

// cpu is what the replicas have used.
func (c *cluster) cpu() (sum time.Duration) {
	for _, r := range c.replicas {
		sum += cpuOf(r.Process.Pid)
	}
	return sum
}

// stop ends the replicas and the node.
func (c *cluster) stop() error {
	var all []error
	for i, r := range c.replicas {
		_ = r.Process.Signal(syscall.SIGTERM)
		if err := r.Wait(); err != nil {
			text, _ := os.ReadFile(c.logs[i])
			all = append(all, fmt.Errorf("replica: %w: %s", err, lastOf(text)))
		}
	}
	c.replicas = nil
	c.client.Close()
	return errors.Join(append(all, c.node.stop())...)
}

func lastOf(text []byte) []byte { return text[max(0, len(text)-2000):] }

// started counts the runs of jobs that the replicas have logged.
func (c *cluster) started() (n int, err error) {
	for _, path := range c.logs {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		n += bytes.Count(text, []byte(`msg="job started"`))
	}
	return n, nil
}

// indexed adds up what the jobs say that they wrote.
func (c *cluster) indexed() (int, error) {
	var answer struct {
		Hits struct {
			Hits []struct {
				Source struct {
					Indexed int `json:"indexed_document_count"`
				} `json:"_source"`
			}
		}
	}
	err := c.node.call("POST", "/"+protocol.JobsIndex+"/_search", `{"size":10000,"_source":["indexed_document_count"]}`, &answer)
	sum := 0
	for _, h := range answer.Hits.Hits {
		sum += h.Source.Indexed
	}
	return sum, err
}

// wait asks until something is so.
func wait(most time.Duration, so func() (bool, error)) error {
	for end := time.Now().Add(most); ; time.Sleep(50 * time.Millisecond) {
		switch done, err := so(); {
		case err != nil || done:
			return err
		case time.Now().After(end):
			return fmt.Errorf("not so after %s", most)
		}
	}
}

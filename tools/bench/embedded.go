package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// node is a running `tributary node`.
type node struct {
	cmd     *exec.Cmd
	url     string
	dir     string
	log     bytes.Buffer
	started time.Duration // from its start to its first answer about an index
}

// embedded measures the node: documents acknowledged, documents searchable,
// and a start with all of them there.
func (b *bench) embedded() ([]row, error) {
	n := 100_000 / b.scale
	var acknowledged, searchable, start, ackCPU, searchCPU []float64
	for i := range min(b.runs, 3) {
		dir := filepath.Join(b.dir, "node-"+strconv.Itoa(i))
		t, err := b.fill(dir, n)
		if err != nil {
			return nil, err
		}
		again, err := b.restart(dir, n)
		if err != nil {
			return nil, err
		}
		acknowledged = append(acknowledged, perSecond(n, t.acknowledged))
		ackCPU = append(ackCPU, perSecond(n, t.ackCPU))
		searchable = append(searchable, perSecond(n, t.searchable))
		searchCPU = append(searchCPU, perSecond(n, t.searchCPU))
		start = append(start, float64(again.Microseconds())/1000)
	}
	return []row{
		{
			what: "embedded node, one core, 500-byte documents acknowledged", target: "≥ 30000/s",
			measured: fmt.Sprintf("%.0f/s", median(acknowledged)), met: median(acknowledged) >= 30_000,
			notes: []string{fmt.Sprintf("%s; by its CPU alone %.0f/s; what is indexed meanwhile included", spread(acknowledged, "%.0f"), median(ackCPU))},
		},
		{
			what: "embedded node, searchable", target: "≥ 5000/s",
			measured: fmt.Sprintf("%.0f/s", median(searchable)), met: median(searchable) >= 5000,
			notes: []string{fmt.Sprintf("%s; by its CPU alone %.0f/s", spread(searchable, "%.0f"), median(searchCPU))},
		},
		{
			what: fmt.Sprintf("embedded node, start with %d documents", n), target: "≤ 100 ms",
			measured: fmt.Sprintf("%.0f ms", median(start)), met: median(start) <= 100,
			notes: []string{"from the start of the process to its answer to a count; " + spread(start, "%.0f")},
		},
	}, nil
}

func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

// filling is how long it took until all documents were acknowledged, and until
// all were found, with the CPU that the node used.
type filling struct {
	acknowledged, searchable time.Duration
	ackCPU, searchCPU        time.Duration
}

func (b *bench) fill(dir string, n int) (t filling, err error) {
	node, err := b.startNode(dir, 1)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, node.stop()) }()
	mapping := `{"mappings":{"properties":{"_fingerprint":{"type":"keyword","index":false,"doc_values":true}}}}`
	if err := node.call(http.MethodPut, "/bench", mapping, nil); err != nil {
		return t, err
	}
	before, start := cpuOf(node.cmd.Process.Pid), time.Now()
	if err := node.send(n); err != nil {
		return t, err
	}
	t.acknowledged, t.ackCPU = time.Since(start), cpuOf(node.cmd.Process.Pid)-before
	if err := node.call(http.MethodPost, "/bench/_refresh", "", nil); err != nil {
		return t, err
	}
	t.searchable, t.searchCPU = time.Since(start), cpuOf(node.cmd.Process.Pid)-before
	return t, node.holds(n)
}

// restart returns how long a start with n documents takes.
func (b *bench) restart(dir string, n int) (time.Duration, error) {
	node, err := b.startNode(dir, 1)
	if err != nil {
		return 0, err
	}
	return node.started, errors.Join(node.holds(n), node.stop())
}

// startNode starts a node that uses so many cores at most.
func (b *bench) startNode(dir string, cores int) (*node, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	n := &node{url: "http://127.0.0.1:" + port, dir: dir}
	n.cmd = exec.Command(b.child, "node", "--listen", "127.0.0.1:"+port, "--data", dir)
	n.cmd.Dir = b.dir
	n.cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	n.cmd.Stdout, n.cmd.Stderr = &n.log, &n.log
	start := time.Now()
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(start) < 30*time.Second {
		resp, err := http.Get(n.url + "/bench/_count")
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			n.started = time.Since(start)
			return n, nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, errors.Join(errors.New("the node does not answer: "+n.log.String()), n.stop())
}

func (n *node) stop() error {
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := n.cmd.Wait(); err != nil {
		return fmt.Errorf("node: %w: %s", err, n.log.String())
	}
	return nil
}

// send writes n documents, a thousand a request, four requests at once.
func (n *node) send(docs int) error {
	bodies := newDocuments(docs).bodies()
	var group errgroup.Group
	group.SetLimit(4)
	var failed atomic.Int64
	for from := 0; from < docs; from += 1000 {
		var b bytes.Buffer
		for i := from; i < min(from+1000, docs); i++ {
			fmt.Fprintf(&b, "{\"create\":{\"_id\":%q}}\n%s\n", id(i), bodies[i%different])
		}
		group.Go(func() error {
			var answer struct{ Errors bool }
			err := n.call(http.MethodPost, "/bench/_bulk?filter_path=errors", b.String(), &answer)
			if answer.Errors {
				failed.Add(1)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if failed.Load() > 0 {
		return errors.New("the node rejected documents")
	}
	return nil
}

// holds checks that a search finds n documents.
func (n *node) holds(docs int) error {
	var answer struct{ Count int }
	if err := n.call(http.MethodGet, "/bench/_count", "", &answer); err != nil {
		return err
	}
	if answer.Count != docs {
		return fmt.Errorf("the node holds %d documents, not %d", answer.Count, docs)
	}
	return nil
}

func (n *node) call(method, path, body string, answer any) error {
	req, err := http.NewRequest(method, n.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

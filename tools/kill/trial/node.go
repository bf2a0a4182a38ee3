package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
)

// Node is the embedded node in a process of its own.
type Node struct {
	URL string

	program *ftest.Program
	data    string
	mu      sync.Mutex
	running *ftest.Running
	starts  int
}

// OpenNode starts a node and waits until it listens.
func OpenNode(ctx context.Context, p *ftest.Program) (*Node, error) {
	n := &Node{program: p, data: filepath.Join(p.Dir, "data")}
	return n, n.Start(ctx)
}

// Start starts it, at the address that it had before.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	listen := "127.0.0.1:0"
	if n.URL != "" {
		listen = strings.TrimPrefix(n.URL, "http://")
	}
	n.starts++
	running, err := n.program.Start(fmt.Sprintf("node-%d", n.starts), "node", "--json", "--listen", listen, "--data", n.data)
	if err != nil {
		return err
	}
	n.running = running
	line, err := running.Await(ctx, "listening")
	if err != nil {
		return fmt.Errorf("the node does not listen: %w", err)
	}
	var said struct{ URL string }
	err = json.Unmarshal(line, &said)
	n.URL = said.URL
	return err
}

// Running is its process.
func (n *Node) Running() *ftest.Running {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.running
}

// Kill ends it at once.
func (n *Node) Kill() { n.Running().Kill() }

// Stop ends it as it wants to be.
func (n *Node) Stop() error { return n.Running().Stop() }

// Serve starts the service behind a gate, with short times, and waits until it
// works.
func Serve(ctx context.Context, p *ftest.Program, name, url, serviceType string, settings ...string) (*ftest.Running, error) {
	args := []string{"serve", "--json"}
	for _, s := range append([]string{
		"elasticsearch.host=" + url, "service.service_types=" + serviceType, "service.lease=3s", "service.idling=100ms",
		"service.max_requeues=1000", "elasticsearch.bulk.chunk_size=16", "elasticsearch.retry_interval=1s",
	}, settings...) {
		args = append(args, "--set", s)
	}
	r, err := p.Start(name, args...)
	if err != nil {
		return nil, err
	}
	_, err = r.Await(ctx, "serving")
	return r, err
}

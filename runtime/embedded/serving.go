package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// serving is a node that answers HTTP in this process.
type serving struct {
	url    string
	node   *Node
	server *http.Server
	leases *leases
	served chan error
	file   string
}

// serve opens the data folder, serves it and writes node.json.
func serve(dir string, o Options) (*serving, error) {
	node, err := Open(dir, o)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, nodeFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("stale node file: %w", err), node.Close())
	}
	own, err := node.listen(o)
	if err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return own, nil
}

func (n *Node) listen(o Options) (*serving, error) {
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Listen, err)
	}
	guests := newLeases()
	own := &serving{
		url: "http://" + l.Addr().String(), node: n, leases: guests, served: make(chan error, 1),
		server: &http.Server{Handler: n.ownHost(guests.handler(n)), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute},
		file:   filepath.Join(n.dir, nodeFile),
	}
	if err := writeNodeFile(own.file, address{URL: own.localURL(l), PID: os.Getpid(), Key: o.APIKey}); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	go func() { own.served <- own.server.Serve(l) }()
	return own, nil
}

// localURL is how other processes of this machine reach the listener.
func (s *serving) localURL(l net.Listener) string {
	tcp, isTCP := l.Addr().(*net.TCPAddr)
	if isTCP && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return s.url
}

// writeNodeFile replaces node.json in one step; only this user can read it.
func writeNodeFile(path string, a address) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("node file: %w", err)
	}
	tmp := path + ".tmp"
	_ = os.Remove(tmp) // one that is there would keep its mode
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("node file: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("node file: %w", err)
	}
	return nil
}

func (s *serving) wait() error {
	err := <-s.served
	s.served <- err
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *serving) close() error {
	s.leases.end()
	err := os.Remove(s.file)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		err = errors.Join(err, s.server.Close())
	}
	return errors.Join(err, s.node.Close())
}

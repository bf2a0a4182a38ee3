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

// ErrNeedsPassword is returned by Attach for an address that other machines can reach, when there is no password.
var ErrNeedsPassword = errors.New("an address outside this machine needs a password")

// nodeFile is where the process that has the data folder says how to reach it.
const nodeFile = "node.json"

// Attached is a node in this process or in another one.
type Attached struct {
	URL    string
	APIKey string // for the header "Authorization: ApiKey …"
	Own    bool   // the node runs in this process

	release func() // of a node in another process

	node   *Node
	server *http.Server
	leases *leases
	served chan error
	file   string
}

// address is what node.json holds.
type address struct {
	URL string `json:"url"`
	PID int    `json:"pid"`
	Key string `json:"key"`
}

// Attach opens the data folder and serves it on loopback, or finds the process that already does.
// An address in Options.Listen that other machines can reach needs a Password (ErrNeedsPassword).
func Attach(dir string, o Options) (*Attached, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if err := checkListen(o); err != nil {
		return nil, err
	}
	if a := findNode(dir); a != nil {
		return a, nil
	}
	node, err := Open(dir, withKey(&o))
	if errors.Is(err, ErrLocked) {
		if a := awaitNode(dir); a != nil {
			return a, nil
		}
		node, err = Open(dir, o) // the process that had it may have ended
	}
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, nodeFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("stale node file: %w", err), node.Close())
	}
	at, err := node.listen(o)
	if err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return at, nil
}

func withKey(o *Options) Options {
	if o.APIKey == "" && (!o.Anonymous || o.Password != "") {
		o.APIKey = newUUID() + newUUID()
	}
	return *o
}

func checkListen(o Options) error {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.Listen, err)
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() || o.Password != "" {
		return nil
	}
	return fmt.Errorf("listen on %s: %w", o.Listen, ErrNeedsPassword)
}

// listen serves the node and writes node.json.
func (n *Node) listen(o Options) (*Attached, error) {
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Listen, err)
	}
	guests := newLeases()
	a := &Attached{
		URL: "http://" + l.Addr().String(), APIKey: o.APIKey, Own: true, node: n, leases: guests, served: make(chan error, 1),
		server: &http.Server{Handler: n.ownHost(guests.handler(n)), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute},
		file:   filepath.Join(n.dir, nodeFile),
	}
	if err := writeNodeFile(a.file, address{URL: a.localURL(l), PID: os.Getpid(), Key: o.APIKey}); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	go func() { a.served <- a.server.Serve(l) }()
	return a, nil
}

// localURL is how other processes of this machine reach the listener.
func (a *Attached) localURL(l net.Listener) string {
	tcp, isTCP := l.Addr().(*net.TCPAddr)
	if isTCP && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return a.URL
}

// writeNodeFile replaces node.json in one step; only this user can read it.
func writeNodeFile(path string, a address) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("node file: %w", err)
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("node file: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("node file: %w", err)
	}
	return nil
}

// findNode reads node.json and takes a lease from its node; nil when none answers there.
func findNode(dir string) *Attached {
	b, err := os.ReadFile(filepath.Join(dir, nodeFile))
	if err != nil {
		return nil
	}
	var a address
	if json.Unmarshal(b, &a) != nil {
		return nil
	}
	release, err := a.lease()
	if err != nil {
		return nil
	}
	return &Attached{URL: a.URL, APIKey: a.Key, release: release}
}

// awaitNode waits for another process that has the lock to write its file.
func awaitNode(dir string) *Attached {
	for range 20 {
		if a := findNode(dir); a != nil {
			return a
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

// Node is the node when it runs in this process, else nil.
func (a *Attached) Node() *Node { return a.node }

// Wait returns when the node in this process stops serving; for one in another process it returns at once.
func (a *Attached) Wait() error {
	if a.node == nil {
		return nil
	}
	err := <-a.served
	a.served <- err
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends the node if it runs in this process, whoever uses it (see AwaitOthers); running requests have five seconds to finish.
func (a *Attached) Close() error {
	if a.node == nil {
		a.release()
		return nil
	}
	a.leases.end()
	err := os.Remove(a.file)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if a.server.Shutdown(ctx) != nil {
		err = errors.Join(err, a.server.Close())
	}
	return errors.Join(err, a.node.Close())
}

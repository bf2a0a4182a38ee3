package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ErrNeedsPassword is returned by Attach for an address that other machines can reach, when there is no password.
var ErrNeedsPassword = errors.New("an address outside this machine needs a password")

// nodeFile is where the process that has the data folder says how to reach it.
const nodeFile = "node.json"

// Attached is a node in this process or in another one. When the other one ends, this one takes the node over, at the same URL.
type Attached struct {
	URL    string
	APIKey string // for the header "Authorization: ApiKey …"
	Own    bool   // the node ran in this process from the start

	dir    string
	opts   Options
	mu     sync.Mutex
	own    *serving // the node of this process, else nil
	held   *lease   // of the node in another process, else nil
	closed chan struct{}
	kept   sync.WaitGroup // who watches the other process
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
	if a := findNode(dir, o); a != nil {
		return a, nil
	}
	own, err := serve(dir, withKey(&o))
	if errors.Is(err, ErrLocked) {
		if a := awaitNode(dir, o); a != nil {
			return a, nil
		}
		own, err = serve(dir, o) // the process that had it may have ended
	}
	if err != nil {
		return nil, err
	}
	return &Attached{URL: own.url, APIKey: o.APIKey, Own: true, dir: dir, opts: o, own: own, closed: make(chan struct{})}, nil
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

// findNode reads node.json and takes a lease from its node; nil when none answers there.
func findNode(dir string, o Options) *Attached {
	b, err := os.ReadFile(filepath.Join(dir, nodeFile))
	if err != nil {
		return nil
	}
	var at address
	if json.Unmarshal(b, &at) != nil {
		return nil
	}
	held, err := at.lease()
	if err != nil {
		return nil
	}
	o.APIKey, o.Anonymous = at.Key, at.Key == ""
	a := &Attached{URL: at.URL, APIKey: at.Key, dir: dir, opts: o, held: held, closed: make(chan struct{})}
	a.kept.Go(a.keep)
	return a
}

// awaitNode waits for another process that has the lock to write its file.
func awaitNode(dir string, o Options) *Attached {
	for range 20 {
		if a := findNode(dir, o); a != nil {
			return a
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

// serving is the node when it runs in this process, else nil.
func (a *Attached) serving() *serving {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.own
}

// Node is the node when it runs in this process, else nil.
func (a *Attached) Node() *Node {
	if own := a.serving(); own != nil {
		return own.node
	}
	return nil
}

// Wait returns when the node in this process stops serving; for one in another process it returns at once.
func (a *Attached) Wait() error {
	own := a.serving()
	if own == nil {
		return nil
	}
	return own.wait()
}

// Close ends the node if it runs in this process, whoever uses it (see AwaitOthers); running requests have five seconds to finish.
func (a *Attached) Close() error {
	a.mu.Lock()
	select {
	case <-a.closed:
	default:
		close(a.closed)
	}
	if a.held != nil {
		a.held.release()
	}
	a.mu.Unlock()
	a.kept.Wait()
	if own := a.serving(); own != nil {
		return own.close()
	}
	return nil
}

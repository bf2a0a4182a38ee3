// Package embedded is an Elasticsearch-compatible node inside this process, for the first run and for tests.
// bbolt holds the documents, Bleve searches them. See README.md for what it is not.
package embedded

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Options of a node. The zero value is a node without security.
type Options struct {
	Username  string // with Password: HTTP basic authentication; default "elastic"
	Password  string
	APIKey    string // what follows "ApiKey " in the Authorization header
	Listen    string // address for Attach; default 127.0.0.1:0
	Anonymous bool   // Attach makes no key of its own: without a password, every program of this machine is let in
	MaxBody   int64  // bytes of one request after decompression; default 100 MB
	Mode      Mode
	License   string // what GET /_license says: "trial" (the default) or "basic"
	Log       *slog.Logger
}

// Mode is the kind of Elasticsearch that a node behaves like.
type Mode int

// The modes of a node.
const (
	Mode8  Mode = iota // 8.19 without the Connector API
	Mode91             // 9.1 with it: the connector indices are system indices
)

const defaultMaxBody = 100 << 20

// Node is an open data folder. It is safe for concurrent use.
type Node struct {
	dir     string
	opts    Options
	db      *bolt.DB
	log     *slog.Logger
	uuid    string
	started time.Time

	admin     sync.Mutex // held by what changes indices, aliases or templates
	mu        sync.RWMutex
	indices   map[string]*index
	templates map[string]*template
	pits      map[string]*pit
	keys      map[string]apiKey // by id

	commits chan *commit
	stop    chan struct{}
	stopped chan struct{}
	closing sync.Once
}

// Open opens the data folder, which is made when absent. It returns ErrLocked when another process still has it after one second.
func Open(dir string, o Options) (*Node, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	db, err := openStore(filepath.Join(dir, "documents.db"))
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("data folder %s: %w", dir, ErrLocked)
	}
	if errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) || errors.Is(err, errTruncated) {
		return nil, fmt.Errorf("data folder %s: documents.db is damaged (%w); remove the folder, and syncs fill it anew", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", dir, err)
	}
	n := &Node{
		dir: dir, opts: o, db: db, log: o.Log, started: time.Now(),
		indices: map[string]*index{}, templates: map[string]*template{}, pits: map[string]*pit{}, keys: map[string]apiKey{},
		commits: make(chan *commit, maxGroup), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if n.opts.License == "" {
		n.opts.License = "trial"
	}
	if n.opts.MaxBody <= 0 {
		n.opts.MaxBody = defaultMaxBody
	}
	if err := n.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("data folder %s: %w", dir, err), db.Close())
	}
	go n.commitLoop()
	for _, ix := range n.indices {
		ix.searcher.start()
	}
	if err := n.awaitHidden(); err != nil {
		return nil, errors.Join(fmt.Errorf("data folder %s: %w", dir, err), n.Close())
	}
	return n, nil
}

// awaitHidden returns when searches see all of the hidden indices: connectors, sync jobs and dead letters, which are few. In
// Elasticsearch what was visible once stays visible, and services rely on it: a job that is missing would count as lost.
func (n *Node) awaitHidden() error {
	for _, ix := range n.indices {
		if strings.HasPrefix(ix.name, systemPrefix) || ix.settings["index.hidden"] == "true" {
			if err := ix.searcher.refresh(context.Background()); err != nil {
				return err
			}
		}
	}
	return nil
}

func openStore(path string) (*bolt.DB, error) {
	if err := checkWhole(path); err != nil {
		return nil, err
	}
	return bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
}

func (n *Node) now() time.Time { return time.Now() }

// load reads what the store knows into memory.
func (n *Node) load() error {
	return n.db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketIndices, bucketTemplates, bucketDocs} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		err := tx.Bucket(bucketIndices).ForEach(func(name, raw []byte) error {
			return n.loadIndex(tx, string(name), raw)
		})
		if err != nil {
			return err
		}
		if n.uuid, err = nodeUUID(tx); err != nil {
			return err
		}
		n.templates[accessTemplate().name] = accessTemplate()
		if err = n.loadKeys(tx); err != nil {
			return err
		}
		return tx.Bucket(bucketTemplates).ForEach(func(name, raw []byte) error {
			t, err := parseTemplate(string(name), append([]byte(nil), raw...))
			if err != nil {
				return fmt.Errorf("template %s: %w", name, err)
			}
			n.templates[string(name)] = t
			return nil
		})
	})
}

func (n *Node) loadIndex(tx *bolt.Tx, name string, raw []byte) error {
	var meta indexMeta
	if err := json.Unmarshal(raw, &meta); err != nil {
		return fmt.Errorf("index %s: %w", name, err)
	}
	ix, err := newIndex(n, name, meta)
	if err != nil {
		return fmt.Errorf("index %s: %w", name, err)
	}
	b, err := openBuckets(tx, meta.UUID)
	if err != nil {
		return fmt.Errorf("index %s: %w", name, err)
	}
	ix.pos = position{seq: int64(b.log.Sequence()) - 1, live: keySeq(b.top.Get(keyLive))}
	n.indices[name] = ix
	return nil
}

// Close ends the background work and releases the data folder. Requests that are still running fail.
func (n *Node) Close() error {
	var err error
	n.closing.Do(func() {
		close(n.stop)
		<-n.stopped
		n.dropPITs(func(*pit) bool { return true })
		n.mu.RLock()
		for _, ix := range n.indices {
			err = errors.Join(err, ix.searcher.close())
		}
		n.mu.RUnlock()
		err = errors.Join(err, n.db.Close())
	})
	return err
}

// nodeUUID is the folder's own name, made once.
func nodeUUID(tx *bolt.Tx) (string, error) {
	b, err := tx.CreateBucketIfNotExists(bucketNode)
	if err != nil {
		return "", err
	}
	if have := b.Get(keyUUID); have != nil {
		return string(have), nil
	}
	uuid := newUUID()
	return uuid, b.Put(keyUUID, []byte(uuid))
}

func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

package protocol

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Client reads and writes connectors and sync jobs. It is safe for concurrent
// use.
type Client struct {
	store Store
	now   func() time.Time
	host  string
	lease time.Duration
	log   *slog.Logger

	mu      sync.Mutex
	puzzled map[string]Version // documents that were reported as unreadable
}

// Options of a [Client]; all may be zero.
type Options struct {
	// Now is the clock of the times that are written. Nothing is decided by it.
	Now func() time.Time
	// Host is what jobs say about where they run; the name of this host by
	// default.
	Host string
	// Lease is what a claim tells services with other settings: how long the
	// job is this worker's without a confirmation. 0 tells nothing.
	Lease time.Duration
	Log   *slog.Logger
}

// New makes a client.
func New(store Store, o Options) *Client {
	c := &Client{store: store, now: o.Now, host: o.Host, lease: o.Lease, log: cmp.Or(o.Log, slog.Default()), puzzled: map[string]Version{}}
	if c.now == nil {
		c.now = time.Now
	}
	if c.host == "" {
		c.host, _ = os.Hostname()
	}
	return c
}

// Ensure makes the indices of connectors and jobs where they are missing. Many
// services may do it at once.
func (c *Client) Ensure(ctx context.Context) error { return c.store.Ensure(ctx) }

// Connector reads one connector, a deleted one too. The error is [ErrNotFound]
// when there is none.
func (c *Client) Connector(ctx context.Context, id string) (Connector, error) {
	raw, v, err := c.get(ctx, ConnectorsIndex, "connector", id)
	if err != nil {
		return Connector{}, err
	}
	return ParseConnector(id, v, raw)
}

// Job reads one job. The error is [ErrNotFound] when there is none.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	raw, v, err := c.get(ctx, JobsIndex, "sync job", id)
	if err != nil {
		return Job{}, err
	}
	return ParseJob(id, v, raw)
}

func (c *Client) get(ctx context.Context, index, what, id string) ([]byte, Version, error) {
	if id == "" {
		return nil, Version{}, fmt.Errorf("%s without an id: %w", what, ErrNotFound)
	}
	raw, seqNo, term, err := c.store.Get(ctx, index, id)
	if missing(err) {
		return nil, Version{}, fmt.Errorf("%s %s: %w", what, id, ErrNotFound)
	}
	if err != nil {
		return nil, Version{}, fmt.Errorf("read %s %s: %w", what, id, err)
	}
	return raw, Version{seqNo, term}, nil
}

// Beat stores that connectors are looked after, in one request. Those that are
// gone are passed over.
func (c *Client) Beat(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	doc := made(Patch{"last_seen": FormatTime(c.now())})
	if _, err := c.store.Touch(ctx, ConnectorsIndex, ids, doc); err != nil {
		return fmt.Errorf("store the heartbeat of %d connectors: %w", len(ids), err)
	}
	return nil
}

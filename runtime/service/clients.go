package service

import (
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
)

// clients keeps the clients of content indices, one for each API key.
type clients struct {
	connect func(connector.Secret) (*elastic.Client, error)

	mu   sync.Mutex
	open map[string]*elastic.Client
}

func newClients(connect func(connector.Secret) (*elastic.Client, error)) *clients {
	return &clients{connect: connect, open: map[string]*elastic.Client{}}
}

// get returns the client with an API key; with an empty one, that of the
// settings.
func (c *clients) get(key connector.Secret) (*elastic.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if client := c.open[key.Reveal()]; client != nil {
		return client, nil
	}
	client, err := c.connect(key)
	if err == nil {
		c.open[key.Reveal()] = client
	}
	return client, err
}

func (c *clients) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, client := range c.open {
		client.Close()
	}
	clear(c.open)
}

// Patient is how often a request of a running job is repeated: long enough for
// Elasticsearch to be started again, as documents are.
func Patient(r elastic.Retry) elastic.Retry {
	r.Attempts, r.Elapsed = max(r.Attempts, 40), max(r.Elapsed, 5*time.Minute)
	return r
}

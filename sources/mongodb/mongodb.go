// Package mongodb is the source of documents in MongoDB collections.
package mongodb

import (
	"context"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Source reads collections of one database.
type Source struct {
	cfg    Config
	deps   connector.Deps
	names  selection
	uuids  uuidForm
	opts   *options.ClientOptions // nil until a name of servers was looked up
	mu     sync.Mutex
	client *mongo.Client // nil until the first request and after Close
}

// Open makes a source. It makes no request, not even to look a name up; the
// error is [connector.Problems] where the configuration contradicts itself.
func Open(_ context.Context, cfg Config, deps connector.Deps) (*Source, error) {
	s := &Source{cfg: cfg, deps: deps, names: parseSelection(cfg.Collection), uuids: uuidForm(parameter(cfg.Host, "uuidRepresentation"))}
	if err := append(checkTLS(cfg), s.names.problems()...).Err(); err != nil {
		return nil, err
	}
	if isSRV(cfg.Host) {
		return s, nil // reading it asks the DNS
	}
	opts, err := clientOptions(cfg)
	if err != nil {
		return nil, err
	}
	s.opts = opts
	return s, nil
}

// Ping reports whether a server answers and lets the user in.
func (s *Source) Ping(ctx context.Context) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	if err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err(); err != nil {
		return s.explain("ping", err)
	}
	return nil
}

// GetDocs emits the documents of each collection, one collection after the
// other. A collection that is not there, or that was dropped meanwhile, is an
// error: its documents are not deleted from the index by mistake.
func (s *Source) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	q, problems := readQuery(filter)
	if err := problems.Err(); err != nil {
		return err
	}
	db, err := s.database()
	if err != nil {
		return err
	}
	list, err := s.collections(ctx, db)
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := s.read(ctx, db, c, q, emit); err != nil {
			return fmt.Errorf("collection %s: %w", c.name, err)
		}
	}
	return nil
}

// Close ends all connections. A closed source connects anew when it is used.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := s.client.Disconnect(ctx)
	s.client = nil
	if err != nil {
		return fmt.Errorf("close the connections: %w", err)
	}
	return nil
}

// connect returns the client, made on first use: making it starts to connect.
func (s *Source) connect() (*mongo.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		return s.client, nil
	}
	if s.opts == nil {
		opts, err := clientOptions(s.cfg)
		if err != nil {
			return nil, err
		}
		s.opts = opts
	}
	client, err := mongo.Connect(s.opts)
	if err != nil {
		return nil, s.explain("connect", err)
	}
	s.client = client
	return client, nil
}

func (s *Source) database() (*mongo.Database, error) {
	client, err := s.connect()
	if err != nil {
		return nil, err
	}
	return client.Database(s.cfg.Database), nil
}

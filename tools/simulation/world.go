package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/tools/simulation/model"
)

const (
	content         = "search-shelf"
	connectorsIndex = ".elastic-connectors-v1"
	jobsIndex       = ".elastic-connectors-sync-jobs-v1"
	identities      = protocol.AccessPrefix + content
	letters         = "tributary-failed"
	connectorID     = "c"
	serviceType     = "shelf"
	user            = "user"
	foreignOwner    = "ffffffff."
	lease           = 4 * time.Second
	restriction     = `"use_document_level_security":{"value":true}` // in the configuration of a connector
)

// World is one history. Make one with [New] inside a bubble of testing/synctest.
type World struct {
	Seed uint64
	// Log takes the service's log; nil is nobody.
	Log *slog.Logger

	began    time.Time
	jumped   atomic.Int64 // by how much the wall clock is wrong
	node     *model.Node
	weather  *weather
	shelf    *shelf
	people   *shelf // who may read
	oracle   *oracle
	settings settings.Settings
	rand     *rand.Rand // the driver's
	extra    *rand.Rand // the same, for what was added since seeds were kept
	client   *elastic.Client
	protocol *protocol.Client

	mu      sync.Mutex
	readers map[string]*reader
	workers []*worker
	started int
	hides   bool
	drops   bool
	many    bool // more documents, and more changes than fit in a window
	secured bool // the source knows who may read what
	narrow  bool // a proxy lets no large requests through, now and then
	large   bool // some documents are larger than it ever lets through

	restricted bool // the connector's configuration says that documents say who may read them
	jobs       int
	ids        int
	wire       *wire // the user's
	serving    sync.WaitGroup
	served     atomic.Int64 // requests
}

// New makes the world of a seed.
func New(seed uint64) *World {
	w := &World{
		Seed: seed, Log: slog.New(slog.DiscardHandler), began: time.Now(), node: model.New(), rand: dice(seed, "driver"), extra: dice(seed, "extra"), readers: map[string]*reader{},
		settings: settings.Default(),
	}
	w.shelf, w.people = newShelf(w.rand.IntN(2) == 0), newShelf(false)
	w.people.people = true
	w.weather = &weather{world: w, met: map[string]int{}}
	w.oracle = newOracle(w)
	w.node.Wrote = w.oracle.wrote
	w.node.Strange = func(r model.Request) {
		w.oracle.say("FOUND a request that the model does not know: %s %s %s", r.Method, r.Path, r.Body)
	}
	w.drops, w.many = w.rand.IntN(8) == 0, w.rand.IntN(12) == 0
	w.secured, w.narrow = w.extra.IntN(3) == 0, w.extra.IntN(3) == 0
	w.large = w.narrow && w.extra.IntN(2) == 0
	w.restricted = w.secured && w.extra.IntN(3) > 0
	s := &w.settings
	s.Service.Lease, s.Service.Idling, s.Service.CleanupInterval = settings.Duration(lease), settings.Duration(time.Second), settings.Duration(30*time.Second)
	s.Service.ContentSyncs, s.Service.AccessControlSyncs = 1, 1
	s.Elasticsearch.RequestTimeout = settings.Duration(30 * time.Second)
	s.Elasticsearch.Bulk.MaxConcurrency, s.Elasticsearch.Bulk.ConcurrentDownloads = 1+int(seed%2), 1+w.rand.IntN(4)
	if s.Elasticsearch.Bulk.ChunkSize = 2 * (1 + w.rand.IntN(20)); w.many {
		s.Elasticsearch.Bulk.ChunkSize = 200
	}
	return w
}

// now is the wall clock, which may be wrong.
func (w *World) now() time.Time { return time.Now().Add(time.Duration(w.jumped.Load())) }

// serve hands a request to the cluster and says who sent it.
func (w *World) serve(l *link, r model.Request) (status int, body []byte) {
	r.From = sender{process: l.wire.name, sent: time.Unix(0, l.sent.Load()), ghost: l.gone.Load() || l.reset.Load()}
	w.served.Add(1)
	return w.node.Serve(r)
}

func (w *World) reader(process string) *reader {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.readers[process]
}

// connect makes a client of a process.
func (w *World) connect(wire *wire, timeout time.Duration, retry elastic.Retry) (*elastic.Client, error) {
	return elastic.New(elastic.Config{
		URL: "http://elasticsearch:9200", Dial: wire.dial, Timeout: timeout, Retry: retry, Log: w.Log, Chance: w.wait,
	})
}

// wait is a pause between attempts: a chance of the seed and the time.
func (w *World) wait(below time.Duration) time.Duration {
	d := dice(w.Seed, "wait", fmt.Sprint(time.Since(w.began)), fmt.Sprint(below))
	return time.Duration(d.Int64N(int64(below)))
}

// kind is the source as the service knows it.
func (w *World) kind(r *reader) connector.Kind {
	k := connector.Kind{
		ServiceType: serviceType, Name: serviceType,
		Abilities:     []connector.Ability{connector.AbilityIncremental, connector.AbilityChanges, connector.AbilityFieldTypes},
		Configuration: w.configuration(),
		CheckConfig:   func(json.RawMessage) connector.Problems { return nil },
		Prepare:       func(stored json.RawMessage) (json.RawMessage, connector.Problems) { return stored, nil },
		Open: func(_ context.Context, stored json.RawMessage, _ connector.Deps) (connector.Source, error) {
			return source{r, strings.Contains(string(stored), restriction)}, nil
		},
	}
	if w.secured {
		k.Abilities = append(k.Abilities, connector.AbilityAccessControl)
	}
	return k
}

// found adds to what the oracle found.
func (w *World) found(format string, args ...any) {
	w.oracle.mu.Lock()
	defer w.oracle.mu.Unlock()
	w.oracle.find(format, args...)
}

// must notes an error of something that can't fail.
func (w *World) must(err error) bool {
	if err != nil {
		w.found("the user could not do something: %v", err)
	}
	return err == nil
}

// Outcome is what came of a history.
type Outcome struct {
	Findings, Events  []string
	Ended             map[string]int // jobs by status
	Deletes, Requests int
	Positions         int           // that were stored
	Large, TooLarge   int           // requests that were too large, and those of one document
	People            int           // access control jobs that were completed
	Took              time.Duration // on the simulated clock
}

func (w *World) outcome() Outcome {
	w.oracle.mu.Lock()
	defer w.oracle.mu.Unlock()
	o := w.oracle.seen
	o.Findings, o.Events, o.Requests, o.Took = w.oracle.findings, w.oracle.events, int(w.served.Load()), time.Since(w.began)
	return o
}

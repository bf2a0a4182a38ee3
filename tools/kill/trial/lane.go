package trial

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/tributary-search/tributary/runtime/connectortest"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

const (
	// firstTraffic is how many bytes a sync is taken to have before one came to
	// its end undisturbed.
	firstTraffic = 300_000
	glance       = 20 * time.Millisecond
	// patience is how long a sync may take after a kill.
	patience = 2 * time.Minute
)

// lane is one run of a Lane.
type lane struct {
	Lane
	*trial
	dir     string
	dice    *dice
	traffic int64 // bytes of the last sync that ended by itself

	program  *ftest.Program
	node     *Node
	record   *ledger.Record
	doors    *Gate // the user's
	client   *elastic.Client
	protocol *protocol.Client

	gate    *Gate // the worker's
	service *ftest.Running
	workers int    // counts its processes
	id      string // of the connector
	indices int    // counts them
	filled  bool   // a full sync has completed
}

func (l *lane) run(ctx context.Context, kills int) (err error) {
	if err := l.open(ctx); err != nil {
		return errors.Join(err, l.close())
	}
	defer func() { err = errors.Join(err, l.close()) }()
	round := l.job
	if l.Command {
		round = l.command
	}
	for n := range kills {
		d := l.dice.throw(n + 1)
		if err := round(ctx, d); err != nil {
			return fmt.Errorf("round %d: %w", d.Round, err)
		}
	}
	if l.Command {
		return nil
	}
	if err := l.calm(ctx); err != nil {
		return err
	}
	l.judge()
	return nil
}

// open starts the node, and the user's way to it.
func (l *lane) open(ctx context.Context) (err error) {
	l.record = ledger.NewRecord()
	if l.program, err = ftest.NewProgram(l.Program, l.dir, filepath.Join(l.dir, "cover")); err != nil {
		return err
	}
	if l.node, err = OpenNode(ctx, l.program); err != nil {
		return err
	}
	if l.Command {
		return nil
	}
	if l.doors, err = NewGate("user", l.node.URL, l.record); err != nil {
		return err
	}
	if l.client, l.protocol, err = User(ctx, l.doors.URL); err != nil {
		return err
	}
	return l.launch(ctx)
}

// User is a client of somebody who makes connectors and jobs, and waits while
// Elasticsearch is away.
func User(ctx context.Context, url string) (*elastic.Client, *protocol.Client, error) {
	quiet := slog.New(slog.DiscardHandler)
	client, err := elastic.New(elastic.Config{
		URL: url, Log: quiet, Retry: elastic.Retry{Attempts: 200, Base: glance, Max: 10 * glance, Elapsed: time.Minute},
	})
	if err != nil {
		return nil, nil, err
	}
	p := protocol.New(client.Documents(), protocol.Options{Host: "user", Log: quiet})
	return client, p, p.Ensure(ctx)
}

// launch starts the next process of the service.
func (l *lane) launch(ctx context.Context) (err error) {
	if err := l.nextGate(); err != nil {
		return err
	}
	l.service, err = Serve(ctx, l.program, fmt.Sprintf("serve-%d", l.workers), l.gate.URL, l.ServiceType)
	return err
}

// nextGate makes the gate of the next process.
func (l *lane) nextGate() (err error) {
	if l.gate != nil {
		l.gate.Close()
	}
	l.workers++
	l.gate, err = NewGate(fmt.Sprintf("%s.%d", l.Name, l.workers), l.node.URL, l.record)
	return err
}

// close ends what runs.
func (l *lane) close() error {
	var all []error
	if l.service != nil {
		all = append(all, l.service.Stop())
	}
	if l.client != nil {
		l.client.Close()
	}
	for _, g := range []*Gate{l.gate, l.doors} {
		if g != nil {
			g.Close()
		}
	}
	if l.node != nil && l.node.Running() != nil {
		all = append(all, l.node.Stop())
	}
	all = append(all, l.record.Store(filepath.Join(l.dir, "record.jsonl")))
	return errors.Join(all...)
}

// incremental reports whether the source can sync so.
func (l *lane) incremental() bool {
	_, can := l.World.(connectortest.Writer)
	return can
}

// change changes documents, a set of changes at a time. The same seed makes the
// same changes.
func (l *lane) change(sets int, seed uint64) {
	for i := range sets {
		seed += uint64(i)
		if w, can := l.World.(connectortest.Writer); can {
			c := connectortest.Changes{Seed: seed, Updates: 6, Deletes: 4, Added: 4}
			if err := w.Write(l.TB.Context(), c); err != nil {
				l.violated("%s: the world can't be changed: %v", l.Name, err)
			}
			continue
		}
		l.World.Change(l.TB, seed)
	}
}

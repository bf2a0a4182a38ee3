package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/service"
)

// worker is a process that runs the service.
type worker struct {
	name   string
	wire   *wire
	cancel context.CancelFunc
	done   chan error
	dead   bool
	close  []func()
}

// start starts a process.
func (w *World) start() *worker {
	w.started++
	p := &worker{name: fmt.Sprintf("w%d", w.started), done: make(chan error, 1)}
	p.wire = newWire(w, p.name)
	r := &reader{
		shelf: w.shelf, people: w.people, name: p.name, seed: w.Seed, moves: func(d *rand.Rand) { w.mutate(d, 1) }, passes: map[*shelf]*reading{},
	}
	w.mu.Lock()
	w.readers[p.name] = r
	w.mu.Unlock()
	s, err := w.service(p, r)
	if !w.must(err) {
		return p
	}
	w.oracle.say("%s starts", p.name)
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	go func() { p.done <- s.Run(ctx) }()
	w.workers = append(w.workers, p)
	return p
}

// service is wired as the command `serve` does it.
func (w *World) service(p *worker, r *reader) (*service.Service, error) {
	loops, err := w.connect(p.wire, 30*time.Second, elastic.Retry{Attempts: 2})
	if err != nil {
		return nil, err
	}
	leases, err := w.connect(p.wire, lease/3, elastic.Retry{Attempts: 2, Base: 50 * time.Millisecond, Max: 200 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	p.close = []func(){loops.Close, leases.Close}
	options := protocol.Options{Host: p.name, Now: w.now, Log: w.Log.With("process", p.name)}
	s := &service.Service{
		Protocol: protocol.New(loops.Documents(), options), Kinds: []connector.Kind{w.kind(r)},
		Connect: func(connector.Secret) (*elastic.Client, error) {
			return w.connect(p.wire, 30*time.Second, service.Patient(elastic.Retry{Attempts: 5, Max: 10 * time.Second}))
		},
		Selection: protocol.Selection{IDs: []string{connectorID}}, Settings: w.settings, Log: options.Log, Now: w.now,
	}
	options.Lease = lease
	s.Leases = protocol.New(leases.Documents(), options)
	return s, nil
}

// kill ends a process without grace. What runs in it goes on for a moment and can't reach anything.
func (w *World) kill(p *worker) {
	if p.dead {
		return
	}
	p.dead = true
	w.oracle.say("%s is killed", p.name)
	p.wire.kill()
	p.cancel()
}

// stop ends the processes that live, as a signal does.
func (w *World) stop() {
	for _, p := range w.workers {
		if !p.dead {
			w.oracle.say("%s stops", p.name)
		}
		p.cancel()
	}
	for _, p := range w.workers {
		err := <-p.done
		if err != nil && !p.dead {
			w.found("%s ended with %v", p.name, err)
		}
		p.wire.resume()
		p.wire.cut()
		for _, end := range p.close {
			end()
		}
	}
	w.workers = nil
}

// living is a process that lives; nil when there is none.
func (w *World) living() *worker {
	for _, p := range w.workers {
		if !p.dead {
			return p
		}
	}
	return nil
}

package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Sync makes an index equal to what a source emits. Make one for each run.
type Sync struct {
	Source  connector.Source
	Filter  connector.Filter
	Index   Index
	Sink    Sink
	Rules   Rules     // nil: every document is kept
	Extract Extractor // nil: attachments are not read
	Budget  *Budget   // the one that the Sink reports to
	Owner   string    // see [Owner]
	// Settings are bytes that shape the documents beside the source's data:
	// rules, extraction, the pipeline's definition. When they change, every
	// document is sent again.
	Settings []byte
	Options  Options
	Log      *slog.Logger
	Now      func() time.Time

	print   fingerprinter
	started []byte // when the run began, as JSON
	phase   atomic.Pointer[Phase]
	tally   tally
	end     atomic.Pointer[Counters] // those that the run ended with

	mu      sync.Mutex // guards what follows
	stored  *table
	fresh   set             // ids that this run created
	foreign set             // ids in the index that belong to another owner
	warned  map[string]bool // names of renamed fields
}

// Options change what one run does.
type Options struct {
	Resend       bool // send unchanged documents too
	AllowDeletes bool // switch the guard off
	Adopt        bool // take over documents that carry no owner
	DryRun       bool // leave the index as it is; the sink must do so too
	Guard        Guard
	// Downloads is how many attachments are read at once; 0 is 10.
	Downloads int
}

// Run reads the source and brings the index up to date. It returns nil when
// every document was read and everything that the source no longer has is
// deleted; documents that failed are counted and named, and are no error.
//
// Nothing is deleted unless GetDocs returned nil: see the one call of
// deleteGone.
func (s *Sync) Run(ctx context.Context) error {
	s.print = newFingerprinter(s.Owner, s.Settings)
	s.started = connector.AppendTime(nil, s.Now())
	s.stored, s.warned = newTable(), map[string]bool{}
	err := s.run(ctx)
	if err != nil {
		s.drain(ctx)
	}
	end := s.tally.counters(s.Sink.Counts())
	if err != nil {
		end = end.settled()
	}
	s.end.Store(&end)
	s.enter(Done)
	return err
}

func (s *Sync) run(ctx context.Context) error {
	s.enter(Scanning)
	if err := s.scan(ctx); err != nil {
		return fmt.Errorf("scan the index: %w", err)
	}
	s.enter(Reading)
	if err := s.read(ctx); err != nil {
		return err // a partial read must never delete
	}
	if err := s.Sink.Flush(ctx); err != nil {
		return fmt.Errorf("write to the index: %w", err)
	}
	s.enter(Deleting)
	return s.deleteGone(ctx)
}

// Counters returns what became of the documents so far. When Run has returned
// they stand: what Elasticsearch answers after that counts for nothing.
func (s *Sync) Counters() Counters {
	if end := s.end.Load(); end != nil {
		return *end
	}
	return s.tally.counters(s.Sink.Counts())
}

// Progress returns where the run stands.
func (s *Sync) Progress() Progress {
	p := Progress{Phase: Scanning, Counters: s.Counters(), Known: s.tally.known.Load()}
	if phase := s.phase.Load(); phase != nil {
		p.Phase = *phase
	}
	return p
}

func (s *Sync) enter(p Phase) { s.phase.Store(&p) }

// drainTime is how long a run that ended early waits for what it has sent
// already, so that its counters are right. A cancel takes effect within 2 s.
const drainTime = 1500 * time.Millisecond

func (s *Sync) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	_ = s.Sink.Flush(ctx) // the run's own error says more
}

// scan prepares the index and notes what it holds.
func (s *Sync) scan(ctx context.Context) error {
	there, err := s.prepare(ctx)
	if err != nil || !there {
		return err
	}
	err = s.Index.Scan(ctx, func(id, print []byte, _, _ int64) error {
		hash, own := s.owns(print)
		switch {
		case !own:
			s.foreign.add(s.stored.hashBytes(id))
			s.tally.foreign.Add(1)
		case len(hash) == 0:
			s.stored.add(s.stored.hashBytes(id), 0)
		default:
			s.stored.add(s.stored.hashBytes(id), s.stored.printHash(hash))
		}
		return nil
	})
	s.stored.sort()
	s.tally.known.Store(int64(s.stored.size))
	return err
}

// prepare makes the index ready and reports whether it may hold documents.
func (s *Sync) prepare(ctx context.Context) (there bool, err error) {
	if s.Options.DryRun {
		return s.Index.Exists(ctx)
	}
	fields := map[string]string{}
	if typer, ok := s.Source.(connector.FieldTyper); ok {
		types, err := typer.Fields(ctx)
		if err != nil {
			return false, fmt.Errorf("types of the source's fields: %w", err)
		}
		for name, t := range types {
			fields[name] = string(t)
		}
	}
	created, err := s.Index.Prepare(ctx, fields)
	return !created, err
}

// owns reports whether a stored document is this run's to change, and the hash
// part of its fingerprint.
func (s *Sync) owns(print []byte) (hash []byte, own bool) {
	if len(print) == 0 {
		return nil, s.Options.Adopt
	}
	return s.print.own(print)
}

// errEmitAfter is returned by emit when GetDocs has returned already.
var errEmitAfter = errors.New("emit was called after GetDocs returned")

// read takes the source's documents to the sink.
func (s *Sync) read(ctx context.Context) error {
	downloads, dctx := s.startDownloads(ctx)
	var closed atomic.Bool
	refused := make(chan error, 1) // what emit returned first
	err := s.Source.GetDocs(dctx, s.Filter, func(d connector.Document) error {
		switch {
		case closed.Load():
			return errEmitAfter
		case dctx.Err() != nil:
			return context.Cause(dctx)
		}
		return keep(refused, s.emit(dctx, d, downloads))
	})
	closed.Store(true)
	failed := downloads.wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case failed != nil:
		return failed // err is only the cancellation it provoked
	case len(refused) > 0:
		return <-refused // whatever GetDocs made of it
	case err != nil:
		return fmt.Errorf("read the source: %w", err)
	}
	return nil
}

// keep puts the first error in a channel and returns every one.
func keep(first chan<- error, err error) error {
	if err != nil {
		select {
		case first <- err:
		default:
		}
	}
	return err
}

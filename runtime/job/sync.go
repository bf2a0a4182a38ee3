package job

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
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
	// Letters keeps the documents that failed; nil keeps none.
	Letters Letters
	Owner   string // see [Owner]
	// Settings are bytes that shape the documents beside the source's data:
	// rules, extraction, the pipeline's definition. When they change, every
	// document is sent again.
	Settings []byte
	Options  Options
	Log      *slog.Logger
	Now      func() time.Time

	road

	mu      sync.Mutex // guards what follows
	stored  *table
	fresh   set // ids that this run created
	foreign set // ids in the index that belong to another owner
}

// Options change what one run does.
type Options struct {
	Resend       bool // send unchanged documents too
	AllowDeletes bool // switch the guard off
	Adopt        bool // take over documents that carry no owner
	DryRun       bool // leave the index as it is; the sink must do so too
	// Access says that readers are restricted (document-level security): a
	// document without an access list gets one that holds [connector.Nobody].
	Access bool
	// Fields are encoded fields, without the braces around them, that every
	// document gets: those that tell an ingest pipeline what to do. They belong
	// to the Settings of the run too.
	Fields []byte
	Guard  Guard
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
	s.equip(gear{
		sink: s.Sink, rules: s.Rules, extract: s.Extract, budget: s.Budget, letters: s.Letters, options: s.Options, log: s.Log,
		print: newFingerprinter(s.Owner, s.Settings),
	}, s.Now())
	s.stored = newTable()
	err := s.run(ctx)
	s.arrive(ctx, err)
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
	if err := s.restrict(ctx); err != nil {
		return fmt.Errorf("restrict the readers of documents that could not be read: %w", err)
	}
	s.enter(Deleting)
	return s.deleteGone(ctx)
}

// Counters returns what became of the documents so far. When Run has returned
// they stand: what Elasticsearch answers after that counts for nothing.
func (s *Sync) Counters() Counters { return s.counters(s.Sink) }

// Progress returns where the run stands.
func (s *Sync) Progress() Progress { return s.progress(s.Sink) }

// scan prepares the index and notes what it holds.
func (s *Sync) scan(ctx context.Context) error {
	there, err := s.prepare(ctx, s.Index, s.Source)
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

// read takes the source's documents to the sink.
func (s *Sync) read(ctx context.Context) error {
	return s.road.read(ctx, func(ctx context.Context, g *gate) error {
		return s.Source.GetDocs(ctx, s.Filter, func(d connector.Document) error {
			if err := g.refuses(ctx); err != nil {
				return err
			}
			return g.keep(s.emit(ctx, d, g.downloads))
		})
	})
}

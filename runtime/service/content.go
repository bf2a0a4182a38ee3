package service

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/extract"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
	"github.com/tributary-search/tributary/runtime/rules"
	"github.com/tributary-search/tributary/runtime/settings"
)

// Content is what a sync of documents is made of: an open source, an index and
// what lies between them. The command `sync` and the service use the same.
type Content struct {
	Settings settings.Settings
	Client   *elastic.Client
	Index    string
	Pipeline string // empty: none
	Source   connector.Source
	Filter   connector.Filter
	Rules    *rules.Set // nil: every document is kept
	Owner    string
	// NoContent says that attachments are not read.
	NoContent bool
	// Options are those of this run. The guard and the number of downloads
	// come from the settings.
	Options job.Options
	// Sink takes the documents; nil is a bulk writer to the index.
	Sink job.Sink
	// Fence is that of the bulk writer; nil is none.
	Fence func(deletes bool) error
	// Failed says whose dead letters the documents go to that fail; nil: they are
	// not kept. A Sink of the caller's has none either.
	Failed *Failed
	// Observe is told about each bulk request; nil is nobody.
	Observe func(took time.Duration, again int)
	// Redact takes the secrets of the source out of reasons.
	Redact connector.Redactor
	Log    *slog.Logger
	Now    func() time.Time
}

// Sync makes a full sync ready to run. It makes a request only to read the
// pipeline. Call the function that it returns when the sync is over: it ends
// the bulk writer and the dead letters, and returns the writer's error.
func (c Content) Sync(ctx context.Context) (*job.Sync, func() error, error) {
	p, err := c.parts(ctx)
	if err != nil {
		return nil, nil, err
	}
	p.keepFailed(ctx)
	s, done := p.sync()
	return s, func() error {
		err := done()
		p.finishFailed(ctx, s, s.Complete())
		return err
	}, nil
}

// parts is what full and incremental syncs share.
type parts struct {
	Content
	index   *elastic.Index
	extract job.Extractor
	budget  *job.Budget
	letters *letters.Box // nil: none are kept
	limits  connector.BulkLimits
	shaping []byte // what shapes the documents beside the source's data
}

func (c Content) parts(ctx context.Context) (parts, error) {
	e := extractor(c.Settings)
	pipeline, err := c.pipeline(ctx, e)
	if err != nil {
		return parts{}, err
	}
	p := parts{
		Content: c, index: c.Client.Index(c.Index), budget: budget(c.Settings),
		limits: job.Limits(c.Source, limits(c.Settings)), shaping: shaping(c.Filter.AdvancedRules, e.Identity(), pipeline, c.Options.Fields),
	}
	if !c.NoContent {
		p.extract = careful{e, c.Log}
	}
	p.budget.Redact = c.Redact
	p.Options.Guard = job.Guard{Share: c.Settings.Sync.MaxDeleteShare, Few: c.Settings.Sync.MaxDeletes}
	p.Options.Downloads = p.limits.Downloads
	return p, nil
}

func (p parts) sync() (*job.Sync, func() error) {
	sink, done := p.sink()
	s := &job.Sync{
		Source: p.Source, Filter: p.Filter, Index: p.index, Sink: sink, Extract: p.extract,
		Budget: p.budget, Owner: p.Owner, Settings: p.shaping, Options: p.Options, Log: p.Log, Now: p.Now,
	}
	if p.Rules != nil { // an interface that holds a nil pointer is not nil
		s.Rules = p.Rules
	}
	if p.letters != nil {
		s.Letters = p.letters
	}
	return s, done
}

// sink is where the documents go, and what ends it.
func (p parts) sink() (job.Sink, func() error) {
	if p.Sink != nil {
		return p.Sink, func() error { return nil }
	}
	bulk := p.index.Bulk(elastic.BulkOptions{
		Pipeline: p.Pipeline, MaxBytes: p.limits.BatchSize, MaxDocs: p.limits.BatchDocs,
		Flushers: p.Settings.Elasticsearch.Bulk.MaxConcurrency, Report: p.report(), Fence: p.Fence,
		Observe: p.Observe,
	})
	return job.WatchFields(bulk, p.Log), bulk.Close
}

// pipeline returns the definition of the pipeline, and lets the extractor send
// what it can't read itself when the pipeline can.
func (c Content) pipeline(ctx context.Context, e *extract.Extractor) ([]byte, error) {
	if c.Pipeline == "" {
		return nil, nil
	}
	definition, attachment, err := c.Client.Pipeline(ctx, c.Pipeline)
	e.Attachment = attachment
	return definition, err
}

// shaping is everything besides the source's data that shapes the documents.
func shaping(rules, extraction, pipeline, fields []byte) []byte {
	list := [][]byte{rules, extraction, pipeline}
	if len(fields) > 0 {
		list = append(list, fields)
	}
	var b []byte
	for _, part := range list {
		b = append(append(b, part...), 0)
	}
	return b
}

// limits are those of the settings.
func limits(s settings.Settings) connector.BulkLimits {
	b := s.Elasticsearch.Bulk
	return connector.BulkLimits{
		Downloads: b.ConcurrentDownloads, BatchDocs: max(1, b.ChunkSize/2), BatchSize: int(b.ChunkMaxMemSize * (1 << 20)),
	}
}

func budget(s settings.Settings) *job.Budget {
	b, m := job.NewBudget(), s.Elasticsearch.Bulk.ErrorMonitor
	b.Total, b.Consecutive, b.Rate, b.Window = m.MaxTotalErrors, m.MaxConsecutiveErrors, m.MaxErrorRate, m.ErrorWindowSize
	if !m.Enabled {
		b.Total, b.Consecutive, b.Rate = 0, 0, 0
	}
	return b
}

func extractor(s settings.Settings) *extract.Extractor {
	return &extract.Extractor{
		MaxSize:    s.Service.MaxFileDownloadSize,
		ServiceURL: s.ExtractionService.Host,
		HTTP:       &http.Client{Timeout: time.Duration(s.ExtractionService.Timeout)},
	}
}

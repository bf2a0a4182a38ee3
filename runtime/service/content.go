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
	// Options are those of this run. The guard and the number of downloads
	// come from the settings.
	Options job.Options
	// Sink takes the documents; nil is a bulk writer to the index.
	Sink job.Sink
	Log  *slog.Logger
	Now  func() time.Time
}

// parts is what both kinds of content syncs share.
type parts struct {
	extract  *extract.Extractor
	budget   *job.Budget
	settings []byte // what shapes the documents beside the source's data
	options  job.Options
	sink     job.Sink
	close    func() error
}

// Sync makes the sync ready to run. It makes a request only to read the
// pipeline. Call the function that it returns when the sync is over: it ends
// the bulk writer and returns its error.
func (c Content) Sync(ctx context.Context) (*job.Sync, func() error, error) {
	p, err := c.parts(ctx)
	if err != nil {
		return nil, nil, err
	}
	s := &job.Sync{
		Source: c.Source, Filter: c.Filter, Index: c.Client.Index(c.Index), Sink: p.sink, Extract: p.extract,
		Budget: p.budget, Owner: c.Owner, Settings: p.settings, Options: p.options, Log: c.Log, Now: c.Now,
	}
	if c.Rules != nil { // an interface that holds a nil pointer is not nil
		s.Rules = c.Rules
	}
	return s, p.close, nil
}

func (c Content) parts(ctx context.Context) (parts, error) {
	p := parts{extract: extractor(c.Settings), budget: budget(c.Settings), options: c.Options, sink: c.Sink}
	pipeline, err := c.pipeline(ctx, p.extract)
	if err != nil {
		return p, err
	}
	limits := job.Limits(c.Source, limits(c.Settings))
	p.options.Guard = job.Guard{Share: c.Settings.Sync.MaxDeleteShare, Few: c.Settings.Sync.MaxDeletes}
	p.options.Downloads = limits.Downloads
	p.settings = shaping(c.Filter, p.extract, pipeline)
	p.close = func() error { return nil }
	if p.sink == nil {
		bulk := c.Client.Bulk(c.Index, bulkOptions(c.Settings, limits, c.Pipeline, p.budget))
		p.sink, p.close = bulk, bulk.Close
	}
	return p, nil
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
func shaping(filter connector.Filter, e *extract.Extractor, pipeline []byte) []byte {
	var b []byte
	for _, part := range [][]byte{filter.AdvancedRules, e.Identity(), pipeline} {
		b = append(append(b, part...), 0)
	}
	return b
}

func bulkOptions(s settings.Settings, l connector.BulkLimits, pipeline string, report elastic.Report) elastic.BulkOptions {
	return elastic.BulkOptions{
		Pipeline: pipeline, MaxBytes: l.BatchSize, MaxDocs: l.BatchDocs,
		Flushers: s.Elasticsearch.Bulk.MaxConcurrency, Report: report,
	}
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

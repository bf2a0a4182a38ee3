package cli

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/extract"
	"github.com/tributary-search/tributary/runtime/job"
)

// run is a sync that is ready to run.
type run struct {
	sync   *job.Sync
	target *target
	opened []func() error // what close closes, last first
}

func (r *run) onClose(f func() error) { r.opened = append(r.opened, f) }

func (r *run) close() error {
	var errs []error
	for i := len(r.opened) - 1; i >= 0; i-- {
		errs = append(errs, r.opened[i]())
	}
	r.opened = nil
	return errors.Join(errs...)
}

// prepare opens the source, connects to the index and puts the sync together.
func (a *app) prepare(ctx context.Context, r request) (_ *run, err error) {
	out := &run{}
	defer func() {
		if err != nil {
			_ = out.close()
		}
	}()
	source, closeSource, err := a.open(ctx, r)
	if err != nil {
		return nil, err
	}
	out.onClose(closeSource)
	if out.target, err = a.connect(ctx); err != nil {
		return nil, err
	}
	out.onClose(out.target.close)
	extractor := a.extractor()
	pipeline, err := a.pipeline(ctx, out.target, r.flags.pipeline, extractor)
	if err != nil {
		return nil, err
	}
	budget, limits := a.budget(), job.Limits(source, a.limits())
	out.sync = &job.Sync{
		Source: source, Filter: r.rules.filter, Budget: budget,
		Index:    out.target.Index(r.index),
		Sink:     a.sink(out, r, budget, limits),
		Extract:  extractor,
		Owner:    r.owner,
		Settings: fingerprintSettings(r.rules.filter, extractor, pipeline),
		Options:  a.options(r.flags, limits),
		Log:      a.log, Now: time.Now,
	}
	if r.rules.basic != nil { // an interface that holds a nil pointer is not nil
		out.sync.Rules = r.rules.basic
	}
	return out, nil
}

// limits are those of the settings.
func (a *app) limits() connector.BulkLimits {
	s := a.settings.Elasticsearch.Bulk
	return connector.BulkLimits{
		Downloads: s.ConcurrentDownloads, BatchDocs: max(1, s.ChunkSize/2), BatchSize: int(s.ChunkMaxMemSize * (1 << 20)),
	}
}

func (a *app) options(f syncFlags, limits connector.BulkLimits) job.Options {
	return job.Options{
		Resend: f.resend, AllowDeletes: f.allowDeletes, Adopt: f.adopt, DryRun: f.dryRun,
		Guard:     job.Guard{Share: a.settings.Sync.MaxDeleteShare, Few: a.settings.Sync.MaxDeletes},
		Downloads: limits.Downloads,
	}
}

// sink is where the documents go: to the index or, in a dry run, nowhere.
func (a *app) sink(out *run, r request, budget *job.Budget, limits connector.BulkLimits) job.Sink {
	if r.flags.dryRun {
		return newDrySink(nil)
	}
	bulk := out.target.Bulk(r.index, elastic.BulkOptions{
		Pipeline: r.flags.pipeline,
		MaxBytes: limits.BatchSize,
		MaxDocs:  limits.BatchDocs,
		Flushers: a.settings.Elasticsearch.Bulk.MaxConcurrency,
		Report:   budget,
	})
	out.onClose(bulk.Close)
	return bulk
}

func (a *app) budget() *job.Budget {
	b, s := job.NewBudget(), a.settings.Elasticsearch.Bulk.ErrorMonitor
	b.Total, b.Consecutive, b.Rate, b.Window = s.MaxTotalErrors, s.MaxConsecutiveErrors, s.MaxErrorRate, s.ErrorWindowSize
	if !s.Enabled {
		b.Total, b.Consecutive, b.Rate = 0, 0, 0
	}
	return b
}

func (a *app) extractor() *extract.Extractor {
	service := a.settings.ExtractionService
	return &extract.Extractor{
		MaxSize:    a.settings.Service.MaxFileDownloadSize,
		ServiceURL: service.Host,
		HTTP:       &http.Client{Timeout: time.Duration(service.Timeout)},
	}
}

// pipeline returns the definition of the named pipeline, and lets the extractor
// send what it can't read itself when the pipeline can.
func (a *app) pipeline(ctx context.Context, t *target, name string, e *extract.Extractor) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	definition, attachment, err := t.Pipeline(ctx, name)
	if err != nil {
		return nil, err
	}
	e.Attachment = attachment
	return definition, nil
}

// fingerprintSettings is everything besides the source's data that shapes the
// documents.
func fingerprintSettings(filter connector.Filter, e *extract.Extractor, pipeline []byte) []byte {
	var b []byte
	for _, part := range [][]byte{filter.AdvancedRules, e.Identity(), pipeline} {
		b = append(append(b, part...), 0)
	}
	return b
}

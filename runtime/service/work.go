package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
)

// work is one job that runs here.
type work struct {
	*Service
	sources *sources
	clients *clients
	kind    connector.Kind
	job     protocol.Job       // as it was claimed
	conn    protocol.Connector // as it was before that
	keeper  *keeper
	redact  connector.Redactor // of the job's configuration
	log     *slog.Logger

	index  *elastic.Index // that the job writes, once it is known
	runner atomic.Pointer[job.Runner]
	past   atomic.Pointer[job.Counters] // of a runner before: changes that ended in a full sync
	total  atomic.Int64                 // documents in the index
	set    *rules.Set                   // set before the runner

	mu    sync.Mutex
	notes map[string]any // of the metadata
}

// work claims a job, runs it and stores how it ended.
func (l *loop) work(ctx context.Context, j protocol.Job) ended {
	log := l.Log.With("connector_id", j.ConnectorID, "job_id", j.ID)
	conn, lease, err := l.take(ctx, j)
	if err != nil {
		return notTaken(ctx, j, err)
	}
	name, _ := l.serviceType(conn)
	kind, _ := l.kind(name)
	w := &work{
		Service: l.Service, sources: l.sources, clients: l.clients, kind: kind, job: lease.Job(), conn: conn, log: log,
		notes: map[string]any{},
	}
	w.redact = kind.Redactor(w.job.Configuration)
	w.log = w.redact.Logger(log)
	log.Info("job started", "job_type", j.Type, "service_type", kind.ServiceType, "index", w.job.IndexName)
	started := time.Now()
	status, cursor, err := w.run(ctx, lease)
	return ended{job: j, failed: w.finish(ctx, lease, status, cursor, err, time.Since(started))}
}

// take claims a job. The connector is as it was before.
func (l *loop) take(ctx context.Context, j protocol.Job) (protocol.Connector, *protocol.Lease, error) {
	conn, err := l.Leases.Connector(ctx, j.ConnectorID)
	if err != nil {
		return conn, nil, err
	}
	lease, err := l.Leases.Claim(ctx, conn, j)
	return conn, lease, err
}

// notTaken is the report of a job that could not be claimed.
func notTaken(ctx context.Context, j protocol.Job, err error) ended {
	switch {
	case errors.Is(err, protocol.ErrTaken):
		return ended{job: j, taken: true}
	case errors.Is(err, protocol.ErrNotFound), errors.Is(err, protocol.ErrNotReady), ctx.Err() != nil:
		return ended{job: j}
	}
	return ended{job: j, err: fmt.Errorf("connector %s, job %s: %w", j.ConnectorID, j.ID, err)}
}

// run runs the job while its lease is kept.
func (w *work) run(ctx context.Context, lease *protocol.Lease) (job.Status, json.RawMessage, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	w.keeper = newKeeper(lease, w.Leases, time.Duration(w.Settings.Service.Lease))
	w.keeper.stats, w.keeper.end, w.keeper.log, w.keeper.metrics = w.stats, end, w.log, w.Metrics
	kept, release := context.WithCancel(context.WithoutCancel(ctx))
	var keeping sync.WaitGroup
	keeping.Go(func() { w.keeper.run(kept) })
	var cursor json.RawMessage
	err := guarded(w.log, w.kind, func() (err error) {
		cursor, err = w.do(ctx)
		return err
	})
	release()
	keeping.Wait()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if ctx.Err() == nil && w.resumes(err) {
		return job.Suspended, nil, err
	}
	return job.Outcome(ctx, err), cursor, err
}

// resumes reports whether a job that failed is to go on by itself: when
// Elasticsearch was started again meanwhile, as often as a job may be resumed.
func (w *work) resumes(err error) bool {
	if !errors.Is(err, elastic.ErrSnapshotLost) || w.job.Requeued >= w.Settings.Service.MaxRequeues {
		return false
	}
	w.log.Info("the job is suspended, to go on anew", "because", err)
	w.note("requeued", w.job.Requeued+1)
	return true
}

// do is the job itself.
func (w *work) do(ctx context.Context) (json.RawMessage, error) {
	if problems := w.kind.CheckConfig(w.job.Configuration); problems.Err() != nil {
		return nil, fmt.Errorf("the configuration is not valid: %w", problems.Err())
	}
	source, done, err := w.sources.get(ctx, w.conn.ID, w.kind, w.job.Configuration)
	if err != nil {
		return nil, err
	}
	defer done()
	started := time.Now()
	if err := Check(ctx, source); err != nil && !w.deleted(err) {
		return nil, fmt.Errorf("the source can't be used: %w", err)
	}
	w.Metrics.Source(w.kind.ServiceType, "ping", time.Since(started))
	if w.job.Type == protocol.AccessControl {
		return nil, w.access(ctx, source)
	}
	return w.content(ctx, source)
}

// deleted reports whether a check has failed only because what was synced before
// is not there any more. Then a sync says so and the guard decides.
func (w *work) deleted(err error) bool {
	_, before := job.ParsePosition(w.conn.SyncCursor)
	if !before || !errors.Is(err, connector.ErrGone) {
		return false
	}
	w.log.Warn("the sync goes on, as the connector has synced before", "but", err)
	return true
}

// client is the client that the connector's index is written with; it logs the
// job's id.
func (w *work) client() (*elastic.Client, error) {
	client, err := w.clients.get(w.listed(w.conn.ID).APIKey)
	if err != nil {
		return nil, err
	}
	return client.Logging(w.log), nil
}

// drive runs a sync and ends what it wrote with. A write waits for the lease as
// long as the sync runs.
func (w *work) drive(ctx context.Context, p parts, begin func(parts) (job.Runner, func(context.Context) error, func() error)) error {
	ctx, end := context.WithCancelCause(ctx)
	p.Fence, p.Observe = w.keeper.fence(ctx), w.Metrics.Bulk
	w.index = p.index
	p.keepFailed(ctx)
	runner, run, done := begin(p)
	w.runner.Store(&runner)
	err := guarded(w.log, w.kind, func() error { return run(ctx) })
	if err != nil {
		end(err)
	}
	closed := done()
	p.finishFailed(ctx, runner, err == nil)
	end(nil)
	if f := p.Failed; f != nil && (f.Summary.Waiting > 0 || f.Summary.Unkept > 0) {
		w.note("dead_letters", f.Summary)
	}
	for _, f := range p.budget.Failures() {
		w.log.Info("a document failed", "document", f.ID, "reason", f.Reason)
	}
	if failures := p.budget.Failures(); len(failures) > 0 {
		w.note("failures", failures)
	}
	if err == nil {
		err = closed
	}
	return err
}

// note puts something into the job's metadata.
func (w *work) note(name string, value any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes[name] = value
}

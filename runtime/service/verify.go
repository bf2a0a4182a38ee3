package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
)

// Verify makes a comparison of the index with the source ready to run. Contents
// are not read when the pipeline changes the fields that they are in, unless
// they may have to be sent. Call the function that it returns when the
// comparison is over.
func (c Content) Verify(ctx context.Context, o job.Verification) (*job.Verify, func() error, error) {
	p, err := c.parts(ctx)
	if err != nil {
		return nil, nil, err
	}
	return p.verify(ctx, o)
}

func (p parts) verify(ctx context.Context, o job.Verification) (*job.Verify, func() error, error) {
	if p.Pipeline != "" {
		definition, _, err := p.Client.Pipeline(ctx, p.Pipeline)
		if err != nil {
			return nil, nil, err
		}
		t := touchedBy(definition)
		o.Touches = t.touches
		o.NoContent = o.NoContent || !o.Repair && t.touches("body") && t.touches("_attachment")
		if t.drops {
			p.Log.Warn("the pipeline may drop documents: what is missing in the index may be its work", "pipeline", p.Pipeline)
		}
	}
	s, done := p.sync()
	v, err := job.NewVerify(s, p.index, o)
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return v, done, nil
}

// Verification is the comparison of a connector's index with its source.
type Verification struct {
	*job.Verify
	Index, Pipeline string
	Rules           *rules.Set
	Redact          connector.Redactor

	service *Service
	conn    protocol.Connector // as it was at the start
	opened  []func() error
}

// RunningError says that a sync of a connector runs.
type RunningError struct{ Connector, Job string }

// Error names the job.
func (e *RunningError) Error() string {
	return fmt.Sprintf("a sync of connector %s runs, and changes what would be compared; wait for it: tributary job watch %s", e.Connector, e.Job)
}

// Verify makes ready what a sync of the connector would be made of: its
// configuration, active rules, pipeline and index, with the API key that the
// settings list for it. The error is a [*RunningError] while one runs; a repair
// ends with it when one begins. Close what it returns.
func (s *Service) Verify(ctx context.Context, conn protocol.Connector, kind connector.Kind, allowDeletes bool, o job.Verification) (_ *Verification, err error) {
	s = s.completed()
	v := &Verification{service: s, conn: conn, Redact: kind.Redactor(conn.Configuration)}
	defer func() {
		if err != nil {
			err = v.Redact.Error(errors.Join(err, v.Close()))
		}
	}()
	if err := s.quiet(ctx, conn); err != nil {
		return nil, err
	}
	w, err := v.work(kind, allowDeletes)
	if err != nil {
		return nil, err
	}
	if err := kind.CheckConfig(conn.Configuration).Err(); err != nil {
		return nil, err
	}
	source, done, err := Open(ctx, s.Settings.Service, kind, conn.ID, conn.Configuration, w.log)
	if err != nil {
		return nil, err
	}
	v.opened = append(v.opened, done)
	if err := Check(ctx, source); err != nil {
		return nil, fmt.Errorf("the source can't be used: %w", err)
	}
	filter, set, err := w.rules(ctx, source)
	if err != nil {
		return nil, err
	}
	p, err := w.compose(ctx, source, filter, set)
	if err != nil {
		return nil, err
	}
	p.Fence = s.undisturbed(ctx, conn)
	v.Index, v.Pipeline, v.Rules = p.Index, p.Pipeline, set
	v.Verify, done, err = p.verify(ctx, o)
	if err == nil {
		v.opened = append(v.opened, done)
	}
	return v, err
}

// work is a job that would be made now; nothing of it is stored.
func (v *Verification) work(kind connector.Kind, allowDeletes bool) (*work, error) {
	planned, err := v.service.Protocol.PlanJob(v.conn, protocol.Full, protocol.JobOptions{AllowDeletes: allowDeletes})
	if err != nil {
		return nil, err
	}
	clients := newClients(v.service.Connect)
	v.opened = append(v.opened, func() error { clients.close(); return nil })
	return &work{
		Service: v.service, clients: clients, kind: kind, job: planned, conn: v.conn, redact: v.Redact,
		log: v.Redact.Logger(v.service.Log.With("connector_id", v.conn.ID)), notes: map[string]any{},
	}, nil
}

// Disturbed reports whether a sync of the connector ran meanwhile.
func (v *Verification) Disturbed(ctx context.Context) (bool, error) {
	now, err := v.service.Protocol.Connector(ctx, v.conn.ID)
	if err != nil {
		return false, err
	}
	running := now.SyncStatus(protocol.Full) == job.InProgress
	return running || !now.LastSynced.Equal(v.conn.LastSynced), nil
}

// Close ends what the comparison used, last first.
func (v *Verification) Close() error {
	var errs []error
	for i := len(v.opened) - 1; i >= 0; i-- {
		errs = append(errs, v.opened[i]())
	}
	v.opened = nil
	return errors.Join(errs...)
}

// quiet refuses a connector that is being synced.
func (s *Service) quiet(ctx context.Context, conn protocol.Connector) error {
	live, err := s.Protocol.LiveJobs(ctx, protocol.Selection{IDs: []string{conn.ID}}, []string{conn.ID})
	if err != nil {
		return err
	}
	for _, j := range live {
		if j.Type.Content() && (j.Status == job.InProgress || j.Status == job.Canceling) {
			return &RunningError{conn.ID, j.ID}
		}
	}
	return nil
}

// lookEvery is how often a repair looks whether a sync has begun.
const lookEvery = time.Second

// undisturbed is the fence of a repair.
func (s *Service) undisturbed(ctx context.Context, conn protocol.Connector) func(bool) error {
	turn := make(chan time.Time, 1) // when it was looked last
	turn <- time.Time{}
	return func(bool) error {
		last := <-turn
		defer func() { turn <- last }()
		if time.Since(last) < lookEvery {
			return nil
		}
		last = time.Now()
		return s.quiet(ctx, conn)
	}
}

var _ job.Documents = (*elastic.Index)(nil)

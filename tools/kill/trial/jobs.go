package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// job is a round with the service: documents change, a sync runs, somebody is
// killed and started again, and the sync must come to its end by itself.
func (l *lane) job(ctx context.Context, d draw) error {
	if d.Anew || l.id == "" {
		if err := l.connect(ctx); err != nil {
			return err
		}
	}
	l.change(d.Changes, d.Seed)
	kind := protocol.Full
	if l.filled && l.incremental() && !d.Full {
		kind = protocol.Incremental
	}
	from := len(l.record.All())
	began, err := l.demand(ctx, kind)
	if err != nil {
		return err
	}
	stop := l.writing(d)
	s := l.arm(ctx, d, l.service.Kill)
	amid := s.await(ctx, func(ctx context.Context) bool { return l.ended(ctx, began) })
	stop()
	l.killed(d, kind, amid)
	if err := l.revive(ctx, d); err != nil {
		return err
	}
	last, err := l.await(ctx, began)
	if err == nil && d.During { // it need not have seen the last changes
		if began, err = l.demand(ctx, kind); err == nil {
			last, err = l.await(ctx, began)
		}
	}
	if err != nil {
		return err
	}
	l.filled = true
	return l.compare(ctx, last, from)
}

// connect makes the next connector, with an index of its own.
func (l *lane) connect(ctx context.Context) error {
	var plain map[string]json.RawMessage
	if err := json.Unmarshal(l.World.Config(), &plain); err != nil {
		return err
	}
	values := map[string]any{}
	for name, value := range plain {
		values[name] = map[string]any{"value": value}
	}
	configuration, err := json.Marshal(values)
	if err != nil {
		return err
	}
	l.indices++
	l.id, l.filled = fmt.Sprintf("%s-%d", l.Name, l.indices), false
	_, err = l.protocol.CreateConnector(ctx, protocol.NewConnector{
		ID: l.id, Name: l.id, ServiceType: l.ServiceType, IndexName: ledger.IndexPrefix + l.id, Configuration: configuration,
	})
	return err
}

// demand makes a job.
func (l *lane) demand(ctx context.Context, kind protocol.JobType) (string, error) {
	conn, err := l.protocol.Connector(ctx, l.id)
	if err != nil {
		return "", err
	}
	j, err := l.protocol.CreateJob(ctx, conn, kind, protocol.OnDemand, protocol.JobOptions{})
	return j.ID, err
}

// ended reports whether a job has; a node that is gone does not say.
func (l *lane) ended(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*glance)
	defer cancel()
	j, err := l.protocol.Job(ctx, id)
	return err == nil && j.Ended()
}

// killed notes what happened.
func (l *lane) killed(d draw, kind protocol.JobType, amid bool) {
	what := d.Victim
	if !amid {
		what += " after the sync"
	}
	l.note(func(r *Report) { r.Kills[what]++ })
	l.say("%-18s round %d: %s killed, %s sync, amid %t, during %t", l.Name, d.Round, d.Victim, kind, amid, d.During)
}

// revive starts what was killed.
func (l *lane) revive(ctx context.Context, d draw) error {
	if d.Victim != worker {
		if err := l.node.Start(ctx); err != nil {
			return err
		}
	}
	if d.Victim == server || l.Command {
		return nil
	}
	return l.launch(ctx)
}

// await waits until a job has ended, which it must have done well.
func (l *lane) await(ctx context.Context, id string) (protocol.Job, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("it does not end"))
	defer cancel()
	for {
		j, err := l.protocol.Job(ctx, id)
		switch {
		case ctx.Err() != nil:
			return j, fmt.Errorf("job %s is %s: %w\n%s", id, j.Status, context.Cause(ctx), l.service.Tail())
		case err == nil && j.Ended() && j.Status != job.Completed:
			return j, fmt.Errorf("job %s is %s: %s\n%s", id, j.Status, j.Error, l.service.Tail())
		case err == nil && j.Ended():
			return j, nil
		}
		time.Sleep(glance)
	}
}

// calm makes one more full sync of each kind of index: nothing is left to do.
func (l *lane) calm(ctx context.Context) error {
	id, err := l.demand(ctx, protocol.Full)
	if err != nil {
		return err
	}
	from := len(l.record.All())
	last, err := l.await(ctx, id)
	if err != nil {
		return err
	}
	if last.Indexed > own(last).Failed || last.Deleted > 0 {
		l.violated("%s: a full sync of what did not change indexed %d and deleted %d documents", l.Name, last.Indexed, last.Deleted)
	}
	return l.compare(ctx, last, from)
}

// judge looks at the log of everything that was written.
func (l *lane) judge() {
	for _, v := range ledger.Judge(l.record.All(), nil).Violations {
		if strings.Contains(v, "says that it") {
			l.note(func(r *Report) { r.Counters++ })
		}
		l.violated("%s: %s", l.Name, v)
	}
}

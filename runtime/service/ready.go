package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/cron"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
)

const (
	// checkTime is how long the check of one connector may take.
	checkTime = 2 * time.Minute
	// A check that failed is repeated after a time that doubles up to a limit.
	firstRetry, lastRetry = 10 * time.Second, 5 * time.Minute
)

// checked is how a check ended.
type checked struct {
	id      string
	matters digest // of the connector as the check left it
	err     error  // why the check should be repeated
}

// check starts checks of the connectors that changed in what matters, and of
// those whose last check failed.
func (l *loop) check(ctx context.Context) {
	for id, k := range l.seen {
		if l.checks >= l.Settings.Service.SchedulingTasks {
			return
		}
		again := k.failures > 0 && time.Now().After(k.retryAt)
		if k.deleted || k.checking || k.matters == k.checked && !again {
			continue
		}
		kind, ok := l.kind(k.serviceType)
		if !ok {
			if !k.puzzled && k.serviceType != "" {
				l.Log.Info("a connector is left alone: its service type is unknown here", "connector_id", id, "service_type", k.serviceType)
			}
			k.puzzled, k.checked = true, k.matters
			continue
		}
		k.checking = true
		l.checks++
		before := k.matters
		l.workers.Go(func() {
			after, err := l.examine(ctx, id, kind)
			if after == (digest{}) {
				after = before
			}
			report(l, l.checked, checked{id, after, err})
		})
	}
}

// settle takes the report of a check.
func (l *loop) settle(c checked) {
	l.checks--
	k := l.seen[c.id]
	if k == nil {
		return
	}
	k.checking, k.checked = false, c.matters
	if c.err == nil {
		k.failures = 0
		return
	}
	k.retryAt = time.Now().Add(min(lastRetry, firstRetry<<min(k.failures, 10)))
	k.failures++
}

// examine brings a connector's document up to date, and finds out whether its
// source can be used.
func (l *loop) examine(ctx context.Context, id string, kind connector.Kind) (digest, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, checkTime, errSlow)
	defer cancel()
	conn, err := l.Protocol.Connector(ctx, id)
	if err != nil || conn.Deleted {
		return digest{}, nil // the next look tells
	}
	log := kind.Redactor(conn.Configuration).Logger(l.Log.With("connector_id", id))
	conn, err = l.prepare(ctx, conn, kind, log)
	if err != nil && ctx.Err() == nil {
		log.Warn("a connector could not be checked", "error", err)
	}
	if err == nil && conn.Status == protocol.Errored && ctx.Err() == nil {
		err = errors.New(conn.Error) // look again later
	}
	return matters(conn), err
}

var errSlow = fmt.Errorf("the source did not answer within %s", checkTime)

// prepare does the steps of a check. The error is that of a step which can't
// be done; what is wrong with the connector is stored in it.
func (l *loop) prepare(ctx context.Context, conn protocol.Connector, kind connector.Kind, log *slog.Logger) (protocol.Connector, error) {
	conn, problems, err := l.Protocol.Prepare(ctx, conn, kind)
	if err != nil || !configured(conn) {
		return conn, err
	}
	for _, p := range problems {
		log.Debug("configuration", "problem", p.String())
	}
	if problems.Err() != nil {
		return conn, nil // Prepare has stored them
	}
	if conn, err = l.try(ctx, conn, kind, log); err != nil {
		if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errSlow) {
			return conn, err
		}
		log.Warn("a connector can't sync", "error", err)
		store, cancel := context.WithTimeout(context.WithoutCancel(ctx), glance*5)
		defer cancel()
		return l.Protocol.Errored(store, conn, sentence(kind.Redactor(conn.Configuration).Error(err)))
	}
	return l.Protocol.Connected(ctx, conn)
}

// configured reports whether a person has filled the configuration in.
func configured(c protocol.Connector) bool {
	return c.Status != "" && c.Status != protocol.Created && c.Status != protocol.NeedsConfiguration
}

// try asks the source, and validates rules that somebody has edited.
func (l *loop) try(ctx context.Context, conn protocol.Connector, kind connector.Kind, log *slog.Logger) (protocol.Connector, error) {
	if err := documented(conn); err != nil {
		return conn, err
	}
	if err := kind.CheckConfig(conn.Configuration).Err(); err != nil {
		return conn, err
	}
	source, done, err := l.sources.get(ctx, conn.ID, kind, conn.Configuration)
	if err != nil {
		return conn, err
	}
	defer done()
	started := time.Now()
	if err := guarded(log, kind, func() error { return Check(ctx, source) }); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return conn, err
	}
	l.Metrics.Source(kind.ServiceType, "ping", time.Since(started))
	err = guarded(log, kind, func() (err error) {
		conn, _, _, err = l.Protocol.ValidateDraft(ctx, conn, rules.ValidatorsOf(kind, source))
		return err
	})
	return conn, err
}

// documented checks what can be wrong in the document beside the
// configuration: the name of the index, and the schedules that are switched on.
func documented(conn protocol.Connector) error {
	var problems []string
	if conn.IndexName != "" {
		if err := elastic.CheckContentName(conn.IndexName); err != nil {
			problems = append(problems, err.Error())
		}
	}
	for _, t := range protocol.JobTypes() {
		if s := conn.Scheduling[t]; s.Enabled {
			if _, err := cron.Parse(s.Interval); err != nil {
				problems = append(problems, fmt.Sprintf("schedule of %s syncs: %s", t, err))
			}
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}

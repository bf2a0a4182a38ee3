package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// Changes emits what happened since a position: from the replication slot, or
// by the change column. Where neither is configured it can only tell that
// nothing at all has happened. Advanced rules are queries, which no history can
// follow.
func (s *Source) Changes(ctx context.Context, since connector.Cursor, filter connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	was, err := parseCursor(since)
	if err != nil {
		return nil, err
	}
	if rules, there, err := advancedRules(filter); err != nil || there && len(rules) > 0 {
		return nil, errors.Join(err, lost("advanced rules are queries, of which there is no history"))
	}
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	tables, err := s.tables(ctx, c)
	if err != nil {
		return nil, err
	}
	at, err := now(ctx, c)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	at.Shape = shape(tables)
	snapshot := at.Snapshot
	switch {
	case was.Server != at.Server:
		return nil, lost("it is of another server, database or timeline: the server was restored, or a standby took over")
	case was.Shape != at.Shape:
		return nil, lost("tables or columns are not what they were then")
	case s.cfg.LogicalReplication:
		at, err = s.follow(ctx, c, was, at, tables, emit)
		if slices.ContainsFunc(tables, func(t *table) bool { return !t.traceable() }) {
			snapshot = was.Snapshot
		}
	case was.Snapshot == at.Snapshot:
	case s.cfg.ChangeColumn != "":
		err, snapshot = s.changedRows(ctx, c, was, tables, emit), was.Snapshot
	default:
		err = lost("neither logical replication nor a change column is configured")
	}
	if err != nil {
		return nil, err
	}
	at.Snapshot = snapshot // what was not looked at, a full sync must not take as unchanged
	return at.json(), nil
}

// follow reads the slot from a position to where the log ends now.
func (s *Source) follow(ctx context.Context, c *session, was, at cursor, tables []*table, emit func(connector.Change) error) (cursor, error) {
	end, err := s.ready(ctx, c, was, tables)
	if err != nil {
		return at, err
	}
	a := newApplier(s, c, was, tables, emit)
	defer a.warn()
	var lsn pglogrepl.LSN
	again := func(err error) bool { return a.failed == nil && passes(err) }
	// Once more than configured: a slot is let go of a moment after its reader has gone.
	err = sqldb.Retry(ctx, int(s.cfg.RetryCount)+1, again, func() (err error) {
		lsn, err = s.stream(ctx, a, end)
		return err
	})
	switch {
	case a.failed != nil:
		return at, a.failed
	case ctx.Err() != nil:
		return at, context.Cause(ctx)
	case errors.Is(err, connector.ErrPositionLost):
		return at, err
	case code(err) == codeNoObject:
		return at, lost("%s at that time", reason(err))
	case err != nil:
		return at, s.slotError(ctx, err)
	}
	at.Slot, at.LSN = was.Slot, lsn.String()
	return at, nil
}

// ready makes sure that the slot has everything since a position, and returns
// where the log ends.
func (s *Source) ready(ctx context.Context, c *session, was cursor, tables []*table) (pglogrepl.LSN, error) {
	switch {
	case was.Slot == "" || was.LSN == "":
		return 0, lost("there was no replication slot then")
	case was.Slot != s.slot():
		return 0, lost("it is one of the replication slot %s", was.Slot)
	}
	state, err := s.look(ctx, c)
	switch {
	case err != nil:
		return 0, s.explain(ctx, err)
	case state == nil:
		return 0, lost("the replication slot %s was dropped", s.slot())
	case state.status == "lost":
		return 0, lost("the server has thrown away log that the replication slot %s needed; run incremental syncs more often, or raise max_slot_wal_keep_size", s.slot())
	case state.confirmed > was.lsn():
		return 0, lost("the replication slot %s was read by somebody else; give each connector a replication_slot of its own, or leave the field empty", s.slot())
	}
	s.tellLag(state)
	if err := s.stillPublished(ctx, c, tables); err != nil {
		return 0, err
	}
	end, err := c.one(ctx, flushed)
	if err != nil {
		return 0, s.explain(ctx, err)
	}
	return pglogrepl.ParseLSN(end)
}

func (s *Source) stillPublished(ctx context.Context, c *session, tables []*table) error {
	p, err := s.publication(ctx, c)
	switch {
	case err != nil:
		return s.explain(ctx, err)
	case p == nil:
		return lost("the publication %s was dropped", s.slot())
	}
	var want []string
	for _, t := range tables {
		if t.traceable() {
			want = append(want, t.name)
		}
	}
	if lacking := p.lacks(want); len(lacking) > 0 {
		return lost("the publication %s has no table %s", s.slot(), strings.Join(lacking, ", "))
	}
	return nil
}

// stream reads the slot from the last transaction that was applied as a whole.
func (s *Source) stream(ctx context.Context, a *applier, end pglogrepl.LSN) (pglogrepl.LSN, error) {
	conn, err := s.connectReplication(ctx, a.conn.encoding)
	if err != nil {
		return 0, err
	}
	defer conn.close()
	err = pglogrepl.StartReplication(ctx, conn.conn, quote(s.slot()), a.reached, pglogrepl.StartReplicationOptions{
		Mode:       pglogrepl.LogicalReplication,
		PluginArgs: []string{"proto_version '1'", "publication_names " + literalName(s.slot())},
	})
	if err != nil {
		return 0, err
	}
	a.held = nil
	f := &follower{conn: conn, end: end, from: a.cursor.lsn(), apply: a}
	return f.run(ctx)
}

// literalName is a name within a text, as the list of publications wants it.
func literalName(name string) string { return "'" + quote(name) + "'" }

// follower reads a replication stream up to a position.
type follower struct {
	conn  *session
	from  pglogrepl.LSN // what the index has confirmed
	end   pglogrepl.LSN
	apply *applier
}

const (
	// patience is how often the server says that it stands still before what
	// is left to the end counts as padding.
	patience = 6
	minPause = time.Millisecond
	maxPause = 50 * time.Millisecond
)

// run returns the position that was reached. The server tells where it stands
// only when it is asked, and is asked again after ever longer pauses.
func (f *follower) run(ctx context.Context) (pglogrepl.LSN, error) {
	stop := context.AfterFunc(ctx, func() { _ = f.conn.conn.Conn().SetDeadline(time.Unix(1, 0)) }) // wakes a read
	defer stop()
	if err := f.ask(ctx); err != nil {
		return 0, err
	}
	var last pglogrepl.LSN
	pause, still := minPause, 0
	for {
		data, err := f.receive()
		if err != nil {
			return 0, err
		}
		if data[0] == pglogrepl.XLogDataByteID {
			pause, still = minPause, 0
			if err := f.take(ctx, data[1:]); err != nil {
				return 0, err
			}
			continue
		}
		alive, err := pglogrepl.ParsePrimaryKeepaliveMessage(data[1:])
		if err != nil {
			return 0, err
		}
		at := alive.ServerWALEnd
		if at == last {
			still++
		} else {
			still = 0
		}
		if at >= f.end || still >= patience {
			f.part()
			return max(at, f.from), nil
		}
		last = at
		if err := sleep(ctx, pause); err != nil {
			return 0, err
		}
		pause = min(2*pause, maxPause)
		if err := f.ask(ctx); err != nil {
			return 0, err
		}
	}
}

// part ends the stream in a way that the slot is free when it returns; that
// everything was read does not depend on it.
func (f *follower) part() {
	_ = f.conn.conn.Conn().SetDeadline(time.Now().Add(closeTimeout))
	_, _ = pglogrepl.SendStandbyCopyDone(context.Background(), f.conn.conn)
}

// ask confirms what the index has, so that the server may forget it, and asks
// where the server stands.
func (f *follower) ask(ctx context.Context) error {
	return pglogrepl.SendStandbyStatusUpdate(ctx, f.conn.conn, pglogrepl.StandbyStatusUpdate{WALWritePosition: f.from, ReplyRequested: true})
}

// receive returns the next message of the stream.
func (f *follower) receive() ([]byte, error) {
	for {
		message, err := f.conn.conn.ReceiveMessage(context.Background()) // a deadline of the connection ends it
		if err != nil {
			return nil, err
		}
		switch m := message.(type) {
		case *pgproto3.CopyData:
			if len(m.Data) > 0 {
				return m.Data, nil
			}
		case *pgproto3.ErrorResponse:
			return nil, pgconn.ErrorResponseToPgError(m)
		case *pgproto3.CopyDone:
			return nil, errors.New("the server ended the replication stream")
		}
	}
}

func (f *follower) take(ctx context.Context, data []byte) error {
	x, err := pglogrepl.ParseXLogData(data)
	if err != nil {
		return err
	}
	message, err := pglogrepl.Parse(x.WALData)
	if err != nil {
		return fmt.Errorf("read the replication stream: %w", err)
	}
	return f.apply.take(ctx, message)
}

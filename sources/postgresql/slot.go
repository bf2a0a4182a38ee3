package postgresql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
)

// A replication slot makes the server keep its log from where a reader has got
// to; a publication says of which tables the reader gets changes. Both have one
// name and are made on first use.

// slot is the name of slot and publication. That of a connector is its own, so
// that two which read the same tables don't take each other's changes; where
// there is no connector it is made of what is read.
func (s *Source) slot() string {
	if s.cfg.ReplicationSlot != "" {
		return s.cfg.ReplicationSlot
	}
	parts := []string{"connector", s.deps.Connector, s.cfg.Database}
	if s.deps.Connector == "" {
		parts = append([]string{s.cfg.Database, s.cfg.Schema, fmt.Sprint(s.cfg.IncludeViews)}, s.cfg.Tables...)
	}
	return "tributary_" + digest(parts...)
}

// digest is a short hash of texts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// reader is the name by which the server shows who reads the slot: 63 bytes of
// ASCII at most.
func (s *Source) reader() string {
	name := strings.TrimSpace("tributary " + s.deps.Connector)
	if len(name) > 63 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "tributary " + digest(s.deps.Connector)
	}
	return name
}

// slotState is what the server says of a slot.
type slotState struct {
	confirmed pglogrepl.LSN // the log before is gone
	status    string        // reserved, extended, unreserved, lost; empty before version 13
	active    string        // process that reads it
	retained  int64         // bytes of the log that the server keeps for it
	reader    string        // name of that process
}

const (
	// mostRetained is how much log is kept for a position that nobody reads on
	// from: full syncs give up older positions beyond it.
	mostRetained = 1 << 30
	// slotTimeout bounds the making of a slot, which waits for all transactions
	// that are under way.
	slotTimeout = 30 * time.Second
	// settleTime is how long Position waits for transactions that are about to
	// be committed.
	settleTime = 2 * time.Second
)

const (
	readSlot = `SELECT coalesce(confirmed_flush_lsn, restart_lsn, '0/0')::text, %s, coalesce(active_pid::text, ''), plugin, coalesce(database, ''),
		coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn), 0)::bigint,
		coalesce((SELECT application_name FROM pg_catalog.pg_stat_activity WHERE pid = active_pid), '')
		FROM pg_catalog.pg_replication_slots WHERE slot_name = $1`
	makeSlot    = `SELECT lsn FROM pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput')`
	removeSlot  = `SELECT pg_catalog.pg_drop_replication_slot($1)`
	advanceSlot = `SELECT pg_catalog.pg_replication_slot_advance($1, $2::pg_catalog.pg_lsn)`
	flushed     = `SELECT pg_catalog.pg_current_wal_flush_lsn()`
	// A transaction holds a lock on itself until others see what it did.
	underWay = `SELECT coalesce(array_agg(l.transactionid::text), '{}') FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
		AND (a.datid IS NULL OR a.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))`
	settled = `SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted
		AND transactionid::text = ANY($1::text[]))`
)

// look returns the state of the slot; nil when there is none.
func (s *Source) look(ctx context.Context, c *session) (*slotState, error) {
	status := "''"
	if c.version >= 130000 {
		status = "coalesce(wal_status, 'lost')"
	}
	var state *slotState
	err := c.query(ctx, fmt.Sprintf(readSlot, status), func(r [][]byte) error {
		if plugin, database := string(r[3]), string(r[4]); plugin != "pgoutput" || database != s.cfg.Database {
			return fmt.Errorf("the replication slot %s is somebody else's (plugin %q, database %q); name another with replication_slot", s.slot(), plugin, database)
		}
		confirmed, err := pglogrepl.ParseLSN(string(r[0]))
		state = &slotState{confirmed, string(r[1]), string(r[2]), signed(r[5]), string(r[6])}
		return err
	}, s.slot())
	return state, err
}

// followed makes sure that slot and publication are there, and returns a
// position whose changes a snapshot taken later has all seen.
func (s *Source) followed(ctx context.Context, c *session, tables []*table) (pglogrepl.LSN, error) {
	if err := s.publish(ctx, c, tables); err != nil {
		return 0, err
	}
	state, err := s.look(ctx, c)
	if err != nil {
		return 0, s.explain(ctx, err)
	}
	if state != nil && state.status == "lost" {
		s.deps.Log.Warn("the server has thrown away log that the replication slot needed; the slot is made anew", "slot", s.slot(), "remedy", "run incremental syncs more often, or raise max_slot_wal_keep_size")
		if err := c.exec(ctx, "SELECT pg_catalog.pg_drop_replication_slot("+literal(s.slot())+")"); err != nil {
			return 0, s.slotError(ctx, err)
		}
		state = nil
	}
	if state == nil {
		return s.makeSlot(ctx, c)
	}
	s.tellLag(state)
	lsn, calm, err := settle(ctx, c)
	switch {
	case err != nil:
		return 0, s.explain(ctx, err)
	case !calm: // one that is under way may be committed in the log and not yet be seen
		lsn = state.confirmed
	case state.retained > s.retain && state.active == "":
		return lsn, s.explain(ctx, c.query(ctx, advanceSlot, ignore, s.slot(), lsn.String()))
	}
	return lsn, nil
}

func ignore([][]byte) error { return nil }

func (s *Source) makeSlot(ctx context.Context, c *session) (pglogrepl.LSN, error) {
	if err := c.exec(ctx, fmt.Sprintf("SET statement_timeout = '%dms'", s.patience.Milliseconds())); err != nil {
		return 0, err
	}
	text, err := c.one(ctx, makeSlot, s.slot())
	if code(err) == codeCanceled && ctx.Err() == nil {
		return 0, fmt.Errorf("making a replication slot waits for the end of all transactions, and some have not ended within %s; look for old ones in pg_stat_activity", s.patience)
	}
	if err != nil {
		return 0, s.slotError(ctx, err)
	}
	s.deps.Log.Info("replication slot and publication are made", "name", s.slot())
	if err := c.exec(ctx, "SET statement_timeout = 0"); err != nil {
		return 0, err
	}
	return pglogrepl.ParseLSN(text)
}

// settle returns where the log stands, and whether every transaction that was
// under way then has ended. A transaction is in the log shortly before others
// see it: without the wait, one could be in neither the log from here nor the
// snapshot of a full sync.
func settle(ctx context.Context, c *session) (at pglogrepl.LSN, calm bool, err error) {
	text, err := c.one(ctx, flushed)
	if err != nil {
		return 0, false, err
	}
	if at, err = pglogrepl.ParseLSN(text); err != nil {
		return 0, false, err
	}
	running, err := c.one(ctx, underWay)
	if err != nil {
		return 0, false, err
	}
	for end := time.Now().Add(settleTime); ; {
		done, err := c.one(ctx, settled, running)
		if err != nil || done == "t" || time.Now().After(end) {
			return at, done == "t", err
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return 0, false, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// tellLag shows how much log the slot holds.
func (s *Source) tellLag(state *slotState) {
	if state.retained > s.retain || state.status == "unreserved" {
		s.deps.Log.Warn("the replication slot makes the server keep much of its log", "slot", s.slot(), "bytes", state.retained, "status", state.status,
			"remedy", "run incremental syncs more often, and limit it with max_slot_wal_keep_size")
		return
	}
	s.deps.Log.Debug("replication slot", "slot", s.slot(), "bytes", state.retained, "status", state.status)
}

// slotError says what the server lacks.
func (s *Source) slotError(ctx context.Context, err error) error {
	user := quote(s.cfg.Username)
	switch code(err) {
	case codeNoPrivilege:
		return s.wrap(fmt.Errorf("%s may not use replication slots; run: ALTER ROLE %s REPLICATION;", s.cfg.Username, user))
	case codeNotReady:
		if strings.Contains(reason(err), "wal_level") {
			return s.wrap(errors.New("the server's log holds no row changes; run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server"))
		}
	case codeSlotsFull:
		return s.wrap(errors.New("the server has no replication slot left; drop one, or raise max_replication_slots and restart the server"))
	case codeInUse:
		return s.wrap(fmt.Errorf("the replication slot %s is being read by somebody else; give every connector a replication_slot of its own", s.slot()))
	}
	return s.explain(ctx, err)
}

// dropSlot takes away what logical replication needed before it was switched
// off. What can't be dropped is told: it makes the server keep its log.
func (s *Source) dropSlot(ctx context.Context, c *session) {
	err := c.query(ctx, "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND database = $2", ignore, s.slot(), s.cfg.Database)
	if err == nil {
		var there string
		if there, err = c.one(ctx, "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = $1", s.slot()); err == nil && there != "" {
			err = c.exec(ctx, "DROP PUBLICATION IF EXISTS "+quote(s.slot()))
		}
	}
	if err != nil {
		s.deps.Log.Warn("what logical replication left behind can't be dropped; the server keeps its log for it", "slot and publication", s.slot(), "error", reason(err))
	}
}

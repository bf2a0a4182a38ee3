package postgresql

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pglogrepl"

	"github.com/tributary-search/tributary/runtime/connector"
)

// cursor is a position in the history of a server.
type cursor struct {
	Version int `json:"postgresql"` // of this form
	// Server tells this server, its timeline and the database from others.
	Server string `json:"server"`
	// Snapshot names the transactions whose changes were seen. Two that are
	// equal see the same rows in all tables.
	Snapshot string `json:"snapshot"`
	// Shape is a hash of the tables and their columns.
	Shape string `json:"shape"`
	// Slot and LSN are where reading the slot goes on; empty without one.
	Slot string `json:"slot,omitempty"`
	LSN  string `json:"lsn,omitempty"`
	// Time is the server's clock, for a change column.
	Time time.Time `json:"time,omitzero"`
}

// cursorVersion is the form that this program writes.
const cursorVersion = 1

func parseCursor(raw connector.Cursor) (cursor, error) {
	var at cursor
	if json.Unmarshal(raw, &at) != nil || at.Version != cursorVersion {
		return at, lost("it was stored by another program or version")
	}
	return at, nil
}

func (at cursor) json() connector.Cursor {
	raw, _ := json.Marshal(at) // plain fields
	return raw
}

// lost says why a position is of no use.
func lost(format string, args ...any) error {
	return fmt.Errorf("%w: %s", connector.ErrPositionLost, fmt.Sprintf(format, args...))
}

const (
	readServer = `SELECT s.system_identifier || '.' || c.timeline_id || '.' || (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
		pg_catalog.txid_current_snapshot()::text, pg_catalog.to_char(pg_catalog.clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
		FROM pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c`
)

// now reads where the server stands.
func now(ctx context.Context, c *session) (cursor, error) {
	at := cursor{Version: cursorVersion}
	err := c.query(ctx, readServer, func(r [][]byte) error {
		at.Server, at.Snapshot = string(r[0]), string(r[1])
		var err error
		at.Time, err = time.Parse(time.RFC3339Nano, string(r[2]))
		return err
	})
	return at, err
}

// Position returns where the history stands now. With logical replication it
// makes slot and publication where they are missing; without, it drops those
// that an earlier configuration had made.
func (s *Source) Position(ctx context.Context) (connector.Cursor, error) {
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
	if !s.cfg.LogicalReplication {
		s.dropSlot(ctx, c)
		return at.json(), nil
	}
	lsn, err := s.followed(ctx, c, tables)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		// A full sync needs no slot, so it goes on.
		s.deps.Log.Warn("the next incremental sync will read everything", "because", err)
		return at.json(), nil
	}
	at.Slot, at.LSN = s.slot(), lsn.String()
	return at.json(), nil
}

// Changed reports whether anything was committed on the server since a
// position. Reads, checkpoints and vacuum change nothing. Tables whose rows are
// not all in this server's transactions always count as changed.
func (s *Source) Changed(ctx context.Context, since connector.Cursor) (bool, error) {
	was, err := parseCursor(since)
	if err != nil {
		return true, err
	}
	c, err := s.connect(ctx)
	if err != nil {
		return true, err
	}
	defer c.close()
	tables, err := s.tables(ctx, c)
	if err != nil {
		return true, err
	}
	at, err := now(ctx, c)
	if err != nil {
		return true, s.explain(ctx, err)
	}
	elsewhere := slices.ContainsFunc(tables, func(t *table) bool {
		return t.kind != ordinary && t.kind != partitioned && t.kind != materialized || t.stored != 'p'
	})
	return elsewhere || was.Server != at.Server || was.Snapshot != at.Snapshot || was.Shape != shape(tables), nil
}

// shape is a hash of what decides about documents besides the rows.
func shape(tables []*table) string {
	h := fnv.New128a()
	add := func(parts ...string) {
		for _, p := range parts {
			h.Write(binary.AppendUvarint(nil, uint64(len(p))))
			h.Write([]byte(p))
		}
	}
	for _, t := range tables {
		add(t.name, strconv.FormatUint(uint64(t.oid), 10), string([]byte{t.kind, t.identity}), fmt.Sprint(t.key))
		for _, col := range t.columns {
			add(col.name, col.field, fmt.Sprint(col.oid, col.modifier))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// lsn reads the position in the log.
func (at cursor) lsn() pglogrepl.LSN {
	lsn, err := pglogrepl.ParseLSN(at.LSN)
	if err != nil {
		return 0
	}
	return lsn
}

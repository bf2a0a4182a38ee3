package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

// cursor is a position in the history of the configured tables.
type cursor struct {
	Format int `json:"mysql"` // cursorFormat
	// GTID is the last transactions, in MariaDB's or MySQL's form; it holds on
	// other servers of a replication as well.
	GTID string `json:"gtid,omitempty"`
	// File and Pos are the same place in Server's own binary log.
	File   string `json:"file,omitempty"`
	Pos    uint32 `json:"pos,omitempty"`
	Server string `json:"server,omitempty"`
	// Tables is a hash of the tables, their columns and keys.
	Tables string `json:"tables,omitempty"`
	// Columns is the greatest value of the change column by table, as SQL.
	Columns map[string]string `json:"columns,omitempty"`
	// None says why there is no history.
	None string `json:"none,omitempty"`
}

const cursorFormat = 1

func (c cursor) encode() (connector.Cursor, error) {
	c.Format = cursorFormat
	raw, err := json.Marshal(c)
	if err == nil && len(raw) > connector.MaxCursor {
		return cursor{None: "the positions of so many tables are larger than what is stored"}.encode()
	}
	return raw, err
}

func decodeCursor(raw connector.Cursor) (c cursor, ok bool) {
	if json.Unmarshal(raw, &c) != nil || c.Format != cursorFormat {
		return c, false
	}
	return c, c.None != "" || c.GTID != "" || c.File != "" || c.Columns != nil
}

// lost says why a history can't be followed.
func lost(format string, args ...any) error {
	return fmt.Errorf("%w: %s", connector.ErrPositionLost, fmt.Sprintf(format, args...))
}

// Position returns where the binary log stands or, without one, the greatest
// values of the change column. Without either it is a position that leads to a
// full sync and says why.
func (s *Source) Position(ctx context.Context) (connector.Cursor, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.close() }()
	at, err := s.position(ctx, c)
	if err != nil {
		return nil, s.wrap(s.explain(err))
	}
	return at.encode()
}

func (s *Source) position(ctx context.Context, c *session) (cursor, error) {
	tables, err := s.tables(ctx, c)
	if err != nil {
		return cursor{}, err
	}
	why, err := s.withoutLog(ctx, c)
	switch {
	case err != nil:
		return cursor{}, err
	case why == "":
		at, err := s.logPosition(ctx, c)
		at.Tables = shape(tables)
		return at, err
	case s.cfg.ChangeColumn != "":
		return s.columnPosition(ctx, c, tables)
	}
	return cursor{None: why}, nil
}

// shape is a hash of what the rows of tables look like.
func shape(tables []*table) string {
	h := sha256.New()
	for _, t := range tables {
		fmt.Fprintf(h, "%q %q %v %t\n", t.name, newSelection(t).list, t.key, t.view)
		for _, c := range t.columns {
			fmt.Fprintf(h, "%q %d %s %t %d %q\n", c.name, c.kind, c.charset, c.unsigned, c.length, c.labels)
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// logVariables is read as a list, since no version has all of them.
const logVariables = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin','binlog_format','log_slave_updates','gtid_slave_pos')"

// withoutLog says why the binary log can't be followed; empty: it can.
func (s *Source) withoutLog(ctx context.Context, c *session) (why string, err error) {
	v := map[string]string{"binlog_format": "ROW"} // the only one where there is no choice
	err = c.query(ctx, logVariables, func(r row) error {
		v[strings.ToLower(text(r[0]))] = text(r[1])
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case v["log_bin"] != "ON":
		return "the server writes no binary log; set log_bin there", nil
	case !strings.EqualFold(v["binlog_format"], "ROW"):
		return "the server's binlog_format is " + v["binlog_format"] + ", it must be ROW", nil
	case v["log_slave_updates"] == "OFF" && v["gtid_slave_pos"] != "":
		return "the server is a replica that does not log what it replicates; set log_slave_updates there", nil
	}
	_, why, err = s.status(ctx, c)
	return why, err
}

// status reads where the log ends.
func (s *Source) status(ctx context.Context, c *session) (at cursor, why string, err error) {
	statement := "SHOW MASTER STATUS"
	if !c.mariaDB && !strings.HasPrefix(c.version, "5.") && !strings.HasPrefix(c.version, "8.0.") {
		statement = "SHOW BINARY LOG STATUS"
	}
	err = c.query(ctx, statement, func(r row) error {
		at.File, at.Pos = text(r[0]), uint32(atoi(text(r[1])))
		if only := text(r[2]); only != "" && !inList(only, s.cfg.Database) || inList(text(r[3]), s.cfg.Database) {
			why = "the server's binary log leaves the database out (binlog_do_db, binlog_ignore_db)"
		}
		return nil
	})
	switch {
	case number(err) == errSpecificAccess:
		return at, "user " + s.cfg.User + " may not read the binary log; run: " + s.logGrant(c), nil
	case err == nil && at.File == "":
		why = "the server writes no binary log; set log_bin there"
	}
	return at, why, err
}

func inList(list, name string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if item == name {
			return true
		}
	}
	return false
}

func (s *Source) logGrant(c *session) string {
	if c.mariaDB {
		return s.grant("REPLICATION SLAVE, BINLOG MONITOR", "*.*")
	}
	return s.grant("REPLICATION SLAVE, REPLICATION CLIENT", "*.*")
}

// visible is how long a transaction may take from the binary log of a MySQL
// without GTIDs into its tables.
const visible = time.Second

// logPosition returns a position such that all transactions before it are
// visible to every snapshot from now on.
//
// MariaDB tells the position of a snapshot. With GTIDs MySQL adds a transaction
// to gtid_executed after its tables show it. Only MySQL without GTIDs tells a
// place in a file before the tables show what is there: so it waits.
func (s *Source) logPosition(ctx context.Context, c *session) (cursor, error) {
	if c.mariaDB {
		if err := c.begin(ctx); err != nil {
			return cursor{}, err
		}
		return s.snapshotPosition(ctx, c)
	}
	at, _, err := s.status(ctx, c)
	if err != nil {
		return at, err
	}
	err = c.query(ctx, "SELECT @@server_uuid, IF(@@gtid_mode='ON',@@gtid_executed,'')", func(r row) error {
		at.Server, at.GTID = text(r[0]), strings.ReplaceAll(text(r[1]), "\n", "")
		return nil
	})
	if _, parsed := binlog.ParseGTIDSet(at.GTID); parsed != nil {
		at.GTID = "" // with tags: the place in the file is understood
	}
	if err != nil || at.GTID != "" {
		return at, err
	}
	timer := time.NewTimer(visible)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return at, context.Cause(ctx)
	case <-timer.C:
		return at, nil
	}
}

// snapshotPosition returns the position of a MariaDB session's snapshot.
func (s *Source) snapshotPosition(ctx context.Context, c *session) (at cursor, err error) {
	err = c.query(ctx, "SHOW STATUS LIKE 'binlog_snapshot_%'", func(r row) error {
		switch strings.ToLower(text(r[0])) {
		case "binlog_snapshot_file":
			at.File = text(r[1])
		case "binlog_snapshot_position":
			at.Pos = uint32(atoi(text(r[1])))
		}
		return nil
	})
	if err != nil {
		return at, err
	}
	if at.File == "" {
		return at, errors.New("the server does not tell the position of its snapshot")
	}
	return at, c.query(ctx, "SELECT @@server_id, COALESCE(BINLOG_GTID_POS(?,?),'')", func(r row) error {
		at.Server, at.GTID = text(r[0]), text(r[1])
		return nil
	}, at.File, int64(at.Pos))
}

package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

// follower goes through the binary log from one position to another.
type follower struct {
	database string
	tables   map[string]*selection // by name
	names    map[string]bool       // the same in capitals
	cascades map[string][]cascade
	open     map[uint64]*binlog.Table // by number, as the log last told it
	at       cursor                   // after the last whole transaction
	end      cursor                   // File and Pos where the way ends
	maria    binlog.MariaSet
	set      binlog.GTIDSet
	pending  binlog.MariaGTID
	touched  bool // the current transaction has changed a followed table
	next     gtid

	// changed is told the key of each row that was changed, added or deleted.
	changed func(t *selection, key []keyValue) error
	// settled is told that a transaction has ended.
	settled func(at cursor) error
}

type gtid struct {
	server string
	number int64
}

// follow reads the log from f.at to f.end.
func (s *Source) follow(ctx context.Context, f *follower, mariaDB bool) error {
	if f.at.File == f.end.File && f.at.Pos == f.end.Pos && f.at.GTID == f.end.GTID {
		return nil
	}
	conn, stream, err := s.stream(ctx, f, mariaDB)
	if err != nil {
		return err
	}
	f.at.File, f.at.Pos, f.at.Server = "", 0, f.end.Server // the stream begins with the name of a file
	defer func() { _ = conn.Close() }()
	for {
		e, err := stream.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case binlog.Purged(err):
			return lost("the server no longer has the changes since the last sync: %v; keep the binary log longer (binlog_expire_logs_seconds)", err)
		case err != nil:
			return err
		}
		if err := f.take(e); err != nil {
			return err
		}
		if f.arrived() {
			return nil
		}
	}
}

// stream logs in on a connection that is then taken over for the log.
func (s *Source) stream(ctx context.Context, f *follower, mariaDB bool) (driver.Conn, *binlog.Stream, error) {
	config := s.config()
	var tap *binlog.Tap
	network := config.Net
	config.DialFunc = func(ctx context.Context, _, address string) (net.Conn, error) {
		raw, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		tap = binlog.NewTap(raw, s.tls)
		return tap, nil
	}
	if s.tls != nil { // the Tap encrypts; so the driver may trust the connection as one within this machine
		config.TLS, config.Net = nil, "unix"
	}
	dialer, err := mysql.NewConnector(config)
	if err != nil {
		return nil, nil, err
	}
	conn, err := dialer.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	stream, err := f.begin(ctx, &session{conn: conn}, tap, mariaDB)
	if err != nil {
		_ = tap.Close()
		_ = conn.Close()
		return nil, nil, err
	}
	return conn, stream, nil
}

func (f *follower) begin(ctx context.Context, c *session, tap *binlog.Tap, mariaDB bool) (*binlog.Stream, error) {
	settings := "SET @master_binlog_checksum=@@global.binlog_checksum, @source_binlog_checksum=@@global.binlog_checksum"
	if mariaDB {
		settings = "SET @master_binlog_checksum=@@global.binlog_checksum, @mariadb_slave_capability=4"
	}
	if err := c.exec(ctx, settings); err != nil {
		return nil, err
	}
	switch {
	case f.at.GTID == "":
		return binlog.At(tap, f.at.File, f.at.Pos)
	case mariaDB:
		if err := c.exec(ctx, "SET @slave_connect_state="+literalText(f.at.GTID)+", @slave_gtid_strict_mode=0, @slave_gtid_ignore_duplicates=0"); err != nil {
			return nil, err
		}
		return binlog.At(tap, "", 0)
	}
	return binlog.After(tap, f.set)
}

// arrived reports whether the way ends after the last transaction.
func (f *follower) arrived() bool {
	if f.at.File == "" {
		return false
	}
	if len(f.at.File) != len(f.end.File) { // the number behind the name got longer
		return len(f.at.File) > len(f.end.File)
	}
	return f.at.File > f.end.File || f.at.File == f.end.File && f.at.Pos >= f.end.Pos
}

// take looks at one event.
func (f *follower) take(e binlog.Event) (err error) {
	switch {
	case e.Type == binlog.Rotate:
		return f.rotate(e)
	case e.Type == binlog.Incident:
		return lost("the server's binary log has a gap")
	case e.Type == binlog.TableMap:
		t, err := e.Table()
		if err != nil {
			return err
		}
		f.open[t.Number] = t
		return nil
	case e.Type == binlog.GTID:
		f.next.server, f.next.number, err = e.GTID()
		return err
	case e.Type == binlog.TaggedID:
		f.set, f.at.GTID = nil, ""
		return nil
	case e.Type == binlog.MariaID:
		f.pending, err = e.MariaGTID()
		return err
	case e.Type == binlog.XID, e.Type == binlog.XA:
		return f.settle(e)
	case e.Type == binlog.Query:
		return f.statement(e)
	case e.IsRows():
		return f.rows(e)
	}
	return nil
}

func (f *follower) rotate(e binlog.Event) error {
	file, pos, err := e.NextFile()
	if err == nil && file != f.at.File {
		f.at.File, f.at.Pos = file, uint32(pos)
		clear(f.open)
	}
	return err
}

// statement looks at BEGIN, COMMIT, and what was changed without rows.
func (f *follower) statement(e binlog.Event) error {
	s, err := e.Statement()
	if err != nil {
		return err
	}
	if strings.HasPrefix(s.Text, "XA ") {
		if f.touched {
			return lost("tables were changed in an XA transaction, which the log tells before it is committed")
		}
		return f.settle(e)
	}
	if says := disturbs(s, f.database, f.names); says != "" {
		return lost("%s", says)
	}
	if ends(s) || f.pending.Alone || s.Text != "BEGIN" && f.pending == (binlog.MariaGTID{}) && f.next.server == "" {
		return f.settle(e)
	}
	return nil
}

// settle notes that everything up to an event is whole.
func (f *follower) settle(e binlog.Event) error {
	if e.End > 0 {
		f.at.Pos = e.End
	}
	switch {
	case f.maria != nil && f.pending != (binlog.MariaGTID{}):
		f.maria.Add(f.pending)
		f.at.GTID = f.maria.String()
	case f.set != nil && f.next.server != "":
		f.set.Add(f.next.server, f.next.number)
		f.at.GTID = f.set.String()
	}
	f.pending, f.next, f.touched = binlog.MariaGTID{}, gtid{}, false
	return f.settled(f.at)
}

// rows tells the keys of changed rows.
func (f *follower) rows(e binlog.Event) error {
	rows, err := e.Rows()
	if err != nil {
		return err
	}
	t := f.open[rows.Table]
	if t == nil {
		return fmt.Errorf("read the binary log: rows of the unknown table %d", rows.Table)
	}
	for _, c := range f.cascades[t.Database+"."+t.Name] {
		hit, err := c.hits(t, rows)
		if err != nil {
			return err
		}
		if hit {
			return lost("rows of %s may have been changed by a foreign key when rows of %s were: the log does not tell which", c.child, t.Name)
		}
	}
	s := f.tables[t.Name]
	if s == nil || t.Database != f.database {
		return nil
	}
	return f.keys(s, t, rows)
}

func (f *follower) keys(s *selection, t *binlog.Table, rows binlog.Rows) error {
	if !s.followable() {
		return lost("rows of %s were changed, which has no key that can be followed", s.name)
	}
	if t.Columns() != len(s.columns) {
		return lost("table %s has %d columns, in the log it has %d", s.name, len(s.columns), t.Columns())
	}
	f.touched = true
	return rows.Each(t, s.key, func(before, after []binlog.Value) error {
		if before != nil {
			if err := f.key(s, before, nil); err != nil {
				return err
			}
		}
		if after != nil {
			return f.key(s, after, before)
		}
		return nil
	})
}

// key reads a key from an image of a row; what an image after leaves out is as
// it was before.
func (f *follower) key(s *selection, values, before []binlog.Value) error {
	key := make([]keyValue, len(values))
	for i, v := range values {
		if !v.Held && before != nil {
			v = before[i]
		}
		if !v.Held || v.Null {
			return lost("the log leaves out the key of a row of %s", s.name)
		}
		var err error
		if key[i], err = s.keyed[i].logged(v); err != nil {
			return err
		}
	}
	return f.changed(s, key)
}

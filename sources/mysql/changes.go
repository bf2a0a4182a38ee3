package mysql

import (
	"context"
	"errors"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
	"github.com/tributary-search/tributary/sources/mysql/binlog"
)

// Changes emits what happened since a cursor: the rows that the binary log
// names are read from their tables as they are now, and those that are not
// there any more are deletions.
func (s *Source) Changes(ctx context.Context, since connector.Cursor, filter connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	from, ok := decodeCursor(since)
	rules, err := readRules(filter)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, lost("the position is of another program or another version")
	case rules != nil:
		return nil, lost("with advanced rules only a full sync knows which rows are documents")
	case from.None != "":
		return nil, lost("there was no history to follow: %s", from.None)
	}
	var to cursor
	err = sqldb.Retry(ctx, int(s.cfg.RetryCount), passesHere, func() error {
		if from.Columns != nil {
			to, err = s.columnChanges(ctx, from, emit)
			return err
		}
		to, err = s.logChanges(ctx, from, func(ch connector.Change, at cursor) error {
			if err := emit(ch); err != nil {
				return emitError{err}
			}
			from = at
			return nil
		})
		return err
	})
	if err != nil {
		return nil, s.wrap(s.explain(err))
	}
	return to.encode()
}

// logChanges emits what the binary log holds since a position, with the
// position that is safe after each change.
func (s *Source) logChanges(ctx context.Context, from cursor, emit func(connector.Change, cursor) error) (cursor, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return from, err
	}
	defer func() { _ = c.close() }()
	f, err := s.newFollower(ctx, c, from)
	if err != nil {
		return from, err
	}
	l := newLookup(s, c, emit, from)
	defer func() { l.losses.report(s.deps.Log) }()
	f.changed = func(t *selection, key []keyValue) error { return l.add(ctx, t, key) }
	f.settled = func(at cursor) error {
		l.safe = at
		return nil
	}
	if err := s.follow(ctx, f, c.mariaDB); err != nil {
		return from, err
	}
	if err := l.flush(ctx); err != nil {
		return from, err
	}
	f.end.Tables = from.Tables
	return f.end, nil
}

// newFollower begins at a position. With MariaDB the session gets a snapshot,
// and the way ends exactly where the snapshot is.
func (s *Source) newFollower(ctx context.Context, c *session, from cursor) (*follower, error) {
	why, err := s.withoutLog(ctx, c)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return nil, lost("%s", why)
	}
	f := &follower{
		database: s.cfg.Database, at: from, open: map[uint64]*binlog.Table{},
		tables: map[string]*selection{}, names: map[string]bool{},
	}
	if f.end, err = s.end(ctx, c); err != nil {
		return nil, err
	}
	if err := f.fits(c.mariaDB); err != nil {
		return nil, err
	}
	tables, err := s.tables(ctx, c)
	if err != nil {
		return nil, err
	}
	if shape(tables) != from.Tables {
		return nil, lost("tables were added or dropped, or their columns were changed")
	}
	for _, t := range tables {
		f.tables[t.name] = newSelection(t)
		f.names[upper(t.name)] = true
	}
	f.cascades, err = c.cascades(ctx, s.cfg.Database, f.tables)
	return f, err
}

// end is where the log ends now.
func (s *Source) end(ctx context.Context, c *session) (cursor, error) {
	if c.mariaDB {
		return s.logPosition(ctx, c)
	}
	at, _, err := s.status(ctx, c)
	if err != nil {
		return at, err
	}
	return at, c.query(ctx, "SELECT @@server_uuid, IF(@@gtid_mode='ON',@@gtid_executed,'')", func(r row) error {
		at.Server, at.GTID = text(r[0]), text(r[1])
		return nil
	})
}

// fits reads the GTIDs of the position, or compares the server.
func (f *follower) fits(mariaDB bool) (err error) {
	switch {
	case f.at.GTID == "" && f.at.Server != f.end.Server:
		return lost("the position is of another server, and has no GTID by which this one would know it")
	case f.at.GTID == "":
		return nil
	case mariaDB:
		f.maria, err = binlog.ParseMariaSet(f.at.GTID)
	default:
		f.set, err = binlog.ParseGTIDSet(f.at.GTID)
	}
	if err != nil {
		return lost("%v", err)
	}
	return nil
}

// errFound ends the way through the log when an answer is known.
var errFound = errors.New("found")

// Changed reports whether the binary log holds a change of the tables since a
// position. Without the log, and with views, nobody can tell.
func (s *Source) Changed(ctx context.Context, since connector.Cursor) (bool, error) {
	from, ok := decodeCursor(since)
	if !ok || from.Columns != nil || from.None != "" || s.cfg.IncludeViews {
		return true, nil
	}
	c, err := s.connect(ctx)
	if err != nil {
		return true, err
	}
	defer func() { _ = c.close() }()
	f, err := s.newFollower(ctx, c, from)
	if err != nil {
		return true, s.wrap(s.explain(err))
	}
	for _, t := range f.tables {
		if !logged[t.engine] {
			return true, nil // it may change without a trace
		}
	}
	f.changed = func(*selection, []keyValue) error { return errFound }
	f.settled = func(cursor) error { return nil }
	err = s.follow(ctx, f, c.mariaDB)
	switch {
	case errors.Is(err, errFound):
		return true, nil
	case err != nil:
		return true, s.wrap(s.explain(err))
	}
	return false, nil
}

// logged are engines whose tables change through this server alone.
var logged = map[string]bool{"innodb": true, "myisam": true, "aria": true, "rocksdb": true, "tokudb": true, "archive": true}

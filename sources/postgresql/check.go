package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// ValidateConfig checks that the tables are there and may be read, and that
// incremental syncs will find what they need. It names the statement that
// gives a missing privilege, and warns of replication slots that fill the disk.
func (s *Source) ValidateConfig(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	tables, err := s.tables(ctx, c)
	if err != nil {
		return err
	}
	problems, err := s.readable(ctx, c, tables)
	if err != nil {
		return s.explain(ctx, err)
	}
	if s.cfg.ChangeColumn != "" && !slices.ContainsFunc(tables, func(t *table) bool { return t.dated(s.cfg.ChangeColumn) }) {
		problems = append(problems, connector.Problem{Pointer: "/change_column", Label: "Change column", Message: fmt.Sprintf(
			"no table with a key has a column %s of type timestamp or date; name one that has, or leave the field empty", s.cfg.ChangeColumn)})
	}
	if err := s.tellStale(ctx, c); err != nil {
		return s.explain(ctx, err)
	}
	if s.cfg.LogicalReplication {
		more, err := s.replicable(ctx, c)
		if err != nil {
			return s.explain(ctx, err)
		}
		problems = append(problems, more...)
	}
	return problems.Err()
}

// readable finds tables without the privilege to read them.
func (s *Source) readable(ctx context.Context, c *session, tables []*table) (connector.Problems, error) {
	oids := make([]string, len(tables))
	for i, t := range tables {
		oids[i] = strconv.FormatUint(uint64(t.oid), 10)
	}
	var closed []string
	err := c.query(ctx, `SELECT relname FROM pg_catalog.pg_class WHERE oid = ANY($1::pg_catalog.oid[])
		AND NOT pg_catalog.has_table_privilege(oid, 'SELECT') ORDER BY relname`, func(r [][]byte) error {
		closed = append(closed, string(r[0]))
		return nil
	}, "{"+strings.Join(oids, ",")+"}")
	if err != nil || len(closed) == 0 {
		return nil, err
	}
	remedy := s.grantAll()
	if len(closed) == 1 {
		remedy = s.grant(closed[0])
	}
	return connector.Problems{{Pointer: "/tables", Label: "Comma-separated list of tables", Message: fmt.Sprintf(
		"%s may not read %s; run: %s", s.cfg.Username, strings.Join(closed, ", "), remedy)}}, nil
}

// shared reports a slot that another connector or program is reading just now.
func (s *Source) shared(state *slotState) connector.Problems {
	if state.active == "" || s.deps.Connector == "" || state.reader == s.reader() {
		return nil
	}
	return connector.Problems{{Pointer: "/replication_slot", Label: "Name of slot and publication", Message: fmt.Sprintf(
		"the replication slot %s is being read by somebody else (%q, process %s), and each would miss what the other has read; "+
			"give this connector another name, or leave the field empty for one that is its own, or give the other one another name", s.slot(), state.reader, state.active)}}
}

// replicable checks what a replication slot needs, and changes nothing.
func (s *Source) replicable(ctx context.Context, c *session) (problems connector.Problems, err error) {
	var level, role string
	err = c.query(ctx, `SELECT pg_catalog.current_setting('wal_level'), rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user`, func(r [][]byte) error {
		level, role = string(r[0]), string(r[1])
		return nil
	})
	report := func(message string) {
		problems = append(problems, connector.Problem{Pointer: "/logical_replication", Label: "Read changes by logical replication", Message: message})
	}
	if err == nil && level != "logical" {
		report("the server's log holds no row changes (wal_level is " + level + "); run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server")
	}
	if err == nil && role != "t" {
		report(fmt.Sprintf("%s may not use replication slots; run: ALTER ROLE %s REPLICATION;", s.cfg.Username, quote(s.cfg.Username)))
	}
	if err == nil {
		var state *slotState
		if state, err = s.look(ctx, c); state != nil {
			s.tellLag(state)
			problems = append(problems, s.shared(state)...)
		}
		if err != nil && code(err) == "" && !passes(err) { // the slot is somebody else's
			report(err.Error())
			err = nil
		}
	}
	if err == nil {
		var may string
		may, err = c.one(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = $1)
			OR pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')`, s.slot())
		if err == nil && may != "t" {
			report(fmt.Sprintf("there is no publication %s, and %s may not make one; the owner of the tables must run: CREATE PUBLICATION %s FOR TABLE …;",
				s.slot(), s.cfg.Username, quote(s.slot())))
		}
	}
	return problems, err
}

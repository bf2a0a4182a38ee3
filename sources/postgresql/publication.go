package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// published is what a publication holds.
type published struct {
	viaRoot, updates, everything bool
	tables                       []string
}

// lacks returns those of the tables that are not published.
func (p *published) lacks(tables []string) []string {
	return slices.DeleteFunc(tables, func(name string) bool { return p.everything || slices.Contains(p.tables, name) })
}

// publish makes the publication, or adds tables that it lacks.
func (s *Source) publish(ctx context.Context, c *session, tables []*table) error {
	var want []string
	for _, t := range tables {
		if t.traceable() {
			want = append(want, t.name)
		} else {
			s.tellUntraced(t)
		}
	}
	p, err := s.publication(ctx, c)
	if err != nil {
		return s.explain(ctx, err)
	}
	if p == nil {
		return s.makePublication(ctx, c, want)
	}
	if !p.updates {
		return s.wrap(fmt.Errorf("the publication %s leaves changes out; run: ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate');", s.slot(), quote(s.slot())))
	}
	if !p.viaRoot && slices.ContainsFunc(tables, func(t *table) bool { return t.kind == partitioned }) {
		return s.wrap(fmt.Errorf("the publication %s names partitions in place of their tables; run: ALTER PUBLICATION %s SET (publish_via_partition_root = true);", s.slot(), quote(s.slot())))
	}
	lacking := p.lacks(want)
	if len(lacking) == 0 {
		return nil
	}
	statement := "ALTER PUBLICATION " + quote(s.slot()) + " ADD TABLE " + s.names(lacking)
	return s.publicationError(ctx, statement, c.exec(ctx, statement))
}

func (s *Source) makePublication(ctx context.Context, c *session, want []string) error {
	statement := "CREATE PUBLICATION " + quote(s.slot())
	if len(want) > 0 {
		statement += " FOR TABLE " + s.names(want)
	}
	if c.version >= 130000 {
		statement += " WITH (publish_via_partition_root = true)"
	}
	return s.publicationError(ctx, statement, c.exec(ctx, statement))
}

func (s *Source) names(tables []string) string {
	qualified := make([]string, len(tables))
	for i, t := range tables {
		qualified[i] = s.qualified(t)
	}
	return strings.Join(qualified, ", ")
}

// publicationError hands the statement to somebody who may run it.
func (s *Source) publicationError(ctx context.Context, statement string, err error) error {
	if code(err) == codeNoPrivilege {
		return s.wrap(fmt.Errorf("%s; publications are made by the owner of the tables, who must run: %s;", reason(err), statement))
	}
	return s.explain(ctx, err)
}

// publication reads it; nil when there is none.
func (s *Source) publication(ctx context.Context, c *session) (*published, error) {
	viaRoot := "false"
	if c.version >= 130000 {
		viaRoot = "pubviaroot"
	}
	var p *published
	err := c.query(ctx, "SELECT "+viaRoot+", pubinsert AND pubupdate AND pubdelete AND pubtruncate, puballtables FROM pg_catalog.pg_publication WHERE pubname = $1", func(r [][]byte) error {
		p = &published{viaRoot: r[0][0] == 't', updates: r[1][0] == 't', everything: r[2][0] == 't'}
		return nil
	}, s.slot())
	if err != nil || p == nil {
		return nil, err
	}
	err = c.query(ctx, "SELECT tablename FROM pg_catalog.pg_publication_tables WHERE pubname = $1 AND schemaname = $2", func(r [][]byte) error {
		p.tables = append(p.tables, string(r[0]))
		return nil
	}, s.slot(), s.cfg.Schema)
	return p, err
}

// traceable reports whether the log tells which row was changed or deleted. To
// publish another table would make the server refuse its updates.
func (t *table) traceable() bool {
	if t.kind != ordinary && t.kind != partitioned || t.stored != 'p' {
		return false
	}
	for i, col := range t.columns {
		if col.computed && (len(t.key) == 0 || slices.Contains(t.key, i)) {
			return false
		}
	}
	return t.identity == 'f' || t.identity == 'd' && t.primary
}

func (s *Source) tellUntraced(t *table) {
	remedy := "full syncs alone see its changes"
	if t.stored == 'p' && (t.kind == ordinary || t.kind == partitioned) {
		remedy = "give it a primary key, or run: ALTER TABLE " + s.qualified(t.name) + " REPLICA IDENTITY FULL;"
	}
	s.deps.Log.Warn("incremental syncs don't see the changes of a table", "table", t.name, "remedy", remedy)
}

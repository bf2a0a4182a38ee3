// Package postgresql is the source of PostgreSQL: every row of the tables of
// one schema is a document. Source and its methods are in this file:
//
//   - session.go    one connection: settings, statements, rows as the server sent them
//   - errors.go     what passes, and what to do about what does not
//   - catalog.go    tables, columns and keys
//   - types.go      how values of a type become JSON; text.go, nested.go
//   - row.go        a row becomes a document
//   - read.go       a full sync, in one snapshot, by a cursor
//   - rules.go, rules_check.go   advanced rules: queries in place of tables
//   - check.go      checks of a configuration on the server
//   - position.go   where the history stands, and whether anything changed
//   - slot.go, publication.go, changes.go, apply.go   logical replication
//   - column_changes.go   a change column instead of it
package postgresql

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// Source reads the tables of one schema. It holds no connection: each of its
// methods opens what it needs and closes it at its end.
type Source struct {
	cfg  Config
	tls  *tls.Config // nil when the server's certificate is not verified
	deps connector.Deps
	// retain is how many bytes of its log the server may keep without a warning.
	retain int64
	// patience bounds the making of a replication slot.
	patience time.Duration
}

// Open makes a source. It makes no request; the error is [connector.Problems]
// when the certificate can't be read.
func Open(_ context.Context, cfg Config, deps connector.Deps) (*Source, error) {
	s := &Source{cfg: cfg, deps: deps, retain: mostRetained, patience: slotTimeout}
	if !cfg.SSLEnabled {
		return s, nil
	}
	var err error
	if s.tls, err = sqldb.TLS(cfg.SSLCA, cfg.Host); err != nil {
		return nil, connector.Problems{{Pointer: "/ssl_ca", Label: "SSL certificate", Message: err.Error()}}
	}
	return s, nil
}

// Ping logs in and asks for nothing.
func (s *Source) Ping(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	return s.explain(ctx, c.exec(ctx, "SELECT 1"))
}

// GetDocs emits the rows of all tables as they were at one moment, or those of
// the advanced rules' queries. A table that can't be read costs the others
// nothing, but GetDocs then ends with an error, so that nothing is deleted.
func (s *Source) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	rules, there, err := advancedRules(filter)
	if err != nil {
		return err
	}
	if there && len(rules) > 0 {
		return s.readQueries(ctx, rules, emit)
	}
	return s.readTables(ctx, emit)
}

// Fields returns the types of all columns, each decided by its SQL type. Where
// two tables have a field of one name and disagree, it is a text.
func (s *Source) Fields(ctx context.Context) (map[string]connector.FieldType, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	tables, err := s.tables(ctx, c)
	if err != nil {
		return nil, err
	}
	types := map[string]connector.FieldType{}
	for _, t := range tables {
		for _, field := range []string{"database", "schema", "table"} {
			types[field] = connector.Text
		}
		for _, col := range t.columns {
			if other, there := types[col.field]; there && other != col.typ.field {
				types[col.field] = connector.Text // takes every value
			} else if col.typ.field != "" {
				types[col.field] = col.typ.field
			}
		}
	}
	return types, nil
}

// wrap names the database.
func (s *Source) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("database %s on %s: %w", s.cfg.Database, s.address(), err)
}

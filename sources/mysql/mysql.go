// Package mysql is the source of MySQL and MariaDB: every row of the tables of
// one database is a document. Source and its methods are in this file:
//
//   - session.go    one connection: statements, rows as the server sent them
//   - catalog.go    tables, columns and keys
//   - column.go     how a column's values become JSON
//   - read.go       a full sync, in one snapshot, page by page
//   - rules.go      advanced rules: queries in place of tables
//   - position.go, changes.go, follow.go   the binary log
//   - column_changes.go   a change column instead of it
package mysql

import (
	"context"
	"crypto/tls"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// Source reads the tables of one database. It holds no connection: each of its
// methods opens one and closes it at its end.
type Source struct {
	cfg  Config
	tls  *tls.Config // nil without encryption
	deps connector.Deps
}

// Open makes a source. It makes no request; the error is [connector.Problems]
// when the certificate can't be read.
func Open(_ context.Context, cfg Config, deps connector.Deps) (*Source, error) {
	s := &Source{cfg: cfg, deps: deps}
	if !cfg.SSLEnabled {
		return s, nil
	}
	var err error
	if s.tls, err = sqldb.TLS(cfg.SSLCA, cfg.Host); err != nil {
		return nil, connector.Problems{{Pointer: "/ssl_ca", Label: "SSL certificate", Message: err.Error()}}
	}
	return s, nil
}

// Ping logs in and asks for the server's version.
func (s *Source) Ping(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return c.close()
}

// GetDocs emits the rows of all tables as they were at one moment, or those of
// the advanced rules' queries. A table that can't be read ends it with an
// error, so that nothing of it is deleted.
func (s *Source) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	rules, err := readRules(filter)
	if err != nil {
		return err
	}
	if rules != nil {
		return s.readQueries(ctx, rules, emit)
	}
	return s.readTables(ctx, emit)
}

// Fields returns the types of all columns, each decided by its SQL type. Where
// two tables disagree, the field is a text, which takes all.
func (s *Source) Fields(ctx context.Context) (map[string]connector.FieldType, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.close() }()
	tables, err := s.tables(ctx, c)
	if err != nil {
		return nil, err
	}
	types := map[string]connector.FieldType{}
	for _, t := range tables {
		types[tableField] = connector.Keyword
		t.fieldTypes(types)
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

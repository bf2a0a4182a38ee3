package main

import "fmt"

// postgresql measures a first sync of rows of 300 bytes from a genuine
// PostgreSQL, which is started for it on this machine, and a second one that
// finds nothing to do.
func (b *bench) postgresql() (rows []row, err error) {
	n := 1_000_000 / b.scale
	s, err := b.startServer("postgresql")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	statements := fmt.Sprintf(`CREATE ROLE bench LOGIN PASSWORD 'bench';
		CREATE TABLE items (number bigint PRIMARY KEY, title varchar(80) NOT NULL, state text NOT NULL,
			price numeric(10,2), weight double precision, created timestamp NOT NULL, changed timestamptz NOT NULL, body text);
		GRANT SELECT ON items TO bench;
		INSERT INTO items SELECT i, 'Item number '||i, (ARRAY['new','open','done'])[i%%3+1], i%%1000+0.25, i+0.5, timestamp '2026-01-01 12:00:00' + i * interval '1 second',
			'2026-01-01 00:00:00+00', 'Item '||i||'. '||repeat('Water finds its way. ',8) FROM generate_series(1,%d) i;
		VACUUM ANALYZE items;`, n)
	if err := fill(statements, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--host="+s.dir, "--port="+s.port, "--username=postgres"); err != nil {
		return nil, err
	}
	f, err := b.firstSync(n, "postgresql", "host=127.0.0.1", "port="+s.port, "username=bench", "password=bench", "database=postgres", "schema=public")
	if err != nil {
		return nil, err
	}
	return f.table("PostgreSQL"), nil
}

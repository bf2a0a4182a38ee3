package main

import (
	"fmt"
	"path/filepath"
)

// mysql measures a first sync of rows of 300 bytes from a genuine MariaDB, which
// is started for it on this machine, and a second one that finds nothing to do.
func (b *bench) mysql() (rows []row, err error) {
	n := 1_000_000 / b.scale
	s, err := b.startServer("mariadb")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	statements := fmt.Sprintf(`CREATE DATABASE bench; USE bench; SET SESSION sql_log_bin=0;
		CREATE USER bench@'%%'; GRANT SELECT ON bench.* TO bench@'%%';
		CREATE TABLE items (number BIGINT PRIMARY KEY, title VARCHAR(80) NOT NULL, state ENUM('new','open','done') NOT NULL,
			price DECIMAL(10,2), weight DOUBLE, created DATETIME NOT NULL, changed TIMESTAMP NOT NULL, body TEXT);
		INSERT INTO items SELECT seq, CONCAT('Item number ',seq), seq%%3+1, seq%%1000+0.25, seq+0.5, '2026-01-01 12:00:00' + INTERVAL seq SECOND,
			'2026-01-01 00:00:00', CONCAT('Item ',seq,'. ',REPEAT('Water finds its way. ',8)) FROM seq_1_to_%d;
		ANALYZE TABLE items;`, n)
	if err := fill(statements, "mariadb", "--socket="+filepath.Join(s.dir, "s"), "--user=root"); err != nil {
		return nil, err
	}
	f, err := b.firstSync(n, "mysql", "host=127.0.0.1", "port="+s.port, "user=bench", "database=bench")
	if err != nil {
		return nil, err
	}
	return f.table("MySQL"), nil
}

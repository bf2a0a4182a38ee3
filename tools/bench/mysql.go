package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mysql measures a first sync of rows of 300 bytes from a genuine MariaDB, which
// is started for it on this machine, and a second one that finds nothing to do.
func (b *bench) mysql() (rows []row, err error) {
	n := 1_000_000 / b.scale
	dir, err := os.MkdirTemp("", "bench-mariadb")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tool := func(name string, args ...string) error {
		out, err := exec.Command(filepath.Join(b.root, "tools", "mariadb", name), args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return nil
	}
	if err := tool("start.sh", "0", dir); err != nil {
		return nil, err
	}
	defer func() { _ = tool("stop.sh", dir) }()
	if err := fillTable(dir, n); err != nil {
		return nil, err
	}
	port, err := os.ReadFile(filepath.Join(dir, "port"))
	if err != nil {
		return nil, err
	}
	words := []string{"sync", "mysql", "host=127.0.0.1", "port=" + strings.TrimSpace(string(port)), "user=bench", "database=bench", "--index", "bench"}
	var first, speed, again, peaks []float64
	for range b.runs {
		s, err := newSink(true)
		if err != nil {
			return nil, err
		}
		defer s.close()
		a, out, err := b.exec([]string{"ELASTICSEARCH_URL=" + s.url}, b.child, words...)
		if got := s.taken(); err == nil && got != n {
			err = fmt.Errorf("%d rows arrived, not %d: %s", got, n, out)
		}
		if err != nil {
			return nil, err
		}
		second, out, err := b.exec([]string{"ELASTICSEARCH_URL=" + s.url}, b.child, words...)
		if got := s.taken(); err == nil && got != 0 {
			err = fmt.Errorf("%d unchanged rows were sent: %s", got, out)
		}
		if err != nil {
			return nil, err
		}
		first, speed = append(first, micros(a.CPU, n)), append(speed, float64(n)/a.Wall.Seconds())
		again, peaks = append(again, float64(second.Peak)/(1<<20)), append(peaks, float64(a.Peak)/(1<<20))
	}
	return []row{
		{
			what: fmt.Sprintf("MySQL, %d rows of 300 bytes, first sync, CPU per row", n), target: "≤ 4 µs",
			measured: fmt.Sprintf("%.1f µs", median(first)), met: median(first) <= 4,
			notes: []string{spread(first, "%.1f") + "; the whole program, the server's CPU not counted"},
		},
		{
			what: "the same, rows a second, the server and the sink on the same cores", target: "≥ 200,000",
			measured: fmt.Sprintf("%.0f", median(speed)), met: median(speed) >= 200_000, notes: []string{spread(speed, "%.0f")},
		},
		{
			what: "the same, peak memory", target: "≤ 64 MiB",
			measured: fmt.Sprintf("%.0f MiB", median(peaks)), met: median(peaks) <= 64,
		},
		{
			what: fmt.Sprintf("MySQL, %d unchanged rows, peak memory", n), target: "≤ 96 MiB",
			measured: fmt.Sprintf("%.0f MiB", median(again)), met: median(again) <= 96,
		},
	}, nil
}

// fillTable makes rows of about 300 bytes with the server's own client.
func fillTable(dir string, n int) error {
	client, err := exec.LookPath("mariadb")
	if err != nil {
		return fmt.Errorf("%w; install it (Debian: apt-get install mariadb-client)", err)
	}
	cmd := exec.Command(client, "--socket="+filepath.Join(dir, "s"), "--user=root")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`CREATE DATABASE bench; USE bench; SET SESSION sql_log_bin=0;
		CREATE USER bench@'%%'; GRANT SELECT ON bench.* TO bench@'%%';
		CREATE TABLE items (number BIGINT PRIMARY KEY, title VARCHAR(80) NOT NULL, state ENUM('new','open','done') NOT NULL,
			price DECIMAL(10,2), weight DOUBLE, created DATETIME NOT NULL, changed TIMESTAMP NOT NULL, body TEXT);
		INSERT INTO items SELECT seq, CONCAT('Item number ',seq), seq%%3+1, seq%%1000+0.25, seq+0.5, '2026-01-01 12:00:00' + INTERVAL seq SECOND,
			'2026-01-01 00:00:00', CONCAT('Item ',seq,'. ',REPEAT('Water finds its way. ',8)) FROM seq_1_to_%d;
		ANALYZE TABLE items;`, n))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fill the table: %w: %s", err, out)
	}
	return nil
}

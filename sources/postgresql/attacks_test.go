package postgresql_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// attacks are queries of rules that write, wait, lock, read files or get out of
// their place, in every disguise. DIR is a folder that the server may write to.
var attacks = []string{
	// plain statements that write, or are none of a cursor
	"DELETE FROM orders", "INSERT INTO orders VALUES (99)", "UPDATE orders SET total = 0", "TRUNCATE orders", "DROP TABLE orders", "ALTER TABLE orders ADD x int", "CREATE TABLE x (a int)",
	"CREATE TABLE x AS SELECT 1", "GRANT ALL ON orders TO public", "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "RESET ALL", "SET transaction_read_only = off", "SET LOCAL statement_timeout = 0",
	"CALL p()", "DO $$ BEGIN DELETE FROM orders; END $$", "COPY orders TO 'DIR/a'", "COPY orders TO PROGRAM 'touch DIR/a'", "COPY (SELECT 1) TO 'DIR/a'", "COPY orders FROM '/etc/passwd'", "LOCK TABLE orders",
	"VACUUM", "ANALYZE orders", "COMMIT", "ROLLBACK", "BEGIN READ WRITE", "SAVEPOINT a", "PREPARE a AS DELETE FROM orders", "EXECUTE a", "DEALLOCATE ALL", "DISCARD ALL", "LISTEN a", "NOTIFY a", "LOAD 'x'",
	"ALTER SYSTEM SET work_mem = '1GB'", "EXPLAIN ANALYZE DELETE FROM orders", "EXPLAIN SELECT 1", "ANALYZE DELETE FROM orders", "REFRESH MATERIALIZED VIEW v", "REINDEX TABLE orders", "CLUSTER", "CHECKPOINT",
	"SECURITY LABEL ON TABLE orders IS 'x'", "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z", "DECLARE b CURSOR FOR SELECT 1", "FETCH ALL FROM tributary", "CLOSE tributary", "MERGE INTO orders USING customers ON true WHEN MATCHED THEN DELETE",
	"SHOW ALL",
	// behind comments, blanks and brackets
	"/* a */ DELETE FROM orders", "/* /* nested */ */ DELETE FROM orders", "-- a\nDELETE FROM orders", "\t\nDELETE/**/FROM orders", "(DELETE FROM orders)", "\ufeffDELETE FROM orders", "\x00DELETE FROM orders",
	// second statements
	"SELECT id FROM orders; DELETE FROM orders", "SELECT id FROM orders;DELETE FROM orders--", "SELECT id, ';' FROM orders; DELETE FROM orders", `SELECT id, E'\'' FROM orders; DELETE FROM orders; --'`, "SELECT id, $$'$$ FROM orders; DELETE FROM orders",
	"SELECT id, $a$ $$ $a$ FROM orders; COMMIT; DELETE FROM orders", "SELECT id FROM orders -- \n; DELETE FROM orders", "SELECT id FROM orders /* /* */ */; DELETE FROM orders", "SELECT id FROM orders\x00; DELETE FROM orders", `SELECT id FROM orders \; DELETE FROM orders`,
	// within a SELECT
	"WITH a AS (DELETE FROM orders RETURNING id) SELECT * FROM a", "WITH a AS (INSERT INTO orders VALUES (99) RETURNING id) SELECT * FROM a", "WITH a AS (UPDATE orders SET total = 0 RETURNING id) SELECT * FROM a",
	"WITH a AS (SELECT 1) DELETE FROM orders RETURNING id", "WITH a AS (SELECT 1) INSERT INTO orders SELECT 99 RETURNING id", "SELECT * FROM (DELETE FROM orders RETURNING id) a", "SELECT (WITH a AS (DELETE FROM orders RETURNING id) SELECT id FROM a) AS id",
	"SELECT id INTO x FROM orders", "SELECT id INTO TEMP x FROM orders", "SELECT id INTO/**/UNLOGGED/**/x FROM orders", "WITH a AS (SELECT 1) SELECT id INTO x FROM orders",
	"SELECT id FROM orders FOR UPDATE", "SELECT id FROM orders FOR NO KEY UPDATE", "SELECT id FROM orders FOR SHARE", "SELECT id FROM orders FOR KEY/**/SHARE", "SELECT id FROM orders FOR UPDATE SKIP LOCKED", "SELECT * FROM (SELECT id FROM orders FOR UPDATE) a",
	// functions, in plain sight and hidden
	"SELECT pg_sleep(99) AS id", "SELECT pg_sleep/**/(99) AS id", "SELECT pg_sleep -- a\n(99) AS id", `SELECT "pg_sleep"(99) AS id`, `SELECT "pg_sleep"/**/(99) AS id`, `SELECT pg_catalog . /* a */ "pg_sleep" /* b */ (99) AS id`, `SELECT U&"\0070g_sleep"(99) AS id`,
	`SELECT U&"!0070g_sleep" UESCAPE '!' (99) AS id`, "SELECT PG_SLEEP_FOR/**/('99s') AS id", "SELECT id FROM orders WHERE pg_sleep/**/(99) IS NULL", "SELECT id FROM orders ORDER BY pg_sleep/**/(99)", "SELECT id FROM orders, pg_sleep/**/(99) s",
	"SELECT id FROM orders, LATERAL pg_sleep/**/(id) s", "SELECT (SELECT pg_sleep/**/(99)) AS id", "SELECT id FROM orders GROUP BY id HAVING pg_sleep/**/(99) IS NULL",
	"SELECT pg_read_file('/etc/passwd') AS id", "SELECT pg_read_file/**/('/etc/passwd') AS id", "SELECT pg_read_binary_file/**/('/etc/passwd') AS id", "SELECT * FROM pg_ls_dir/**/('/etc') AS id", "SELECT id FROM pg_stat_file/**/('/etc/passwd') AS id",
	"SELECT lo_import('/etc/passwd') AS id", "SELECT lo_import/**/('/etc/passwd') AS id", "SELECT lo_create/**/(0) AS id", "SELECT lo_from_bytea/**/(0, 'x') AS id", "SELECT lo_export/**/(1, 'DIR/a') AS id", `SELECT U&"lo\005fexport"(1, 'DIR/a') AS id`, "SELECT lo_put/**/(1, 0, 'x') AS id",
	"SELECT lo_unlink/**/(1) AS id", "SELECT nextval('counter') AS id", "SELECT nextval/**/('counter') AS id", "SELECT setval/**/('counter', 99) AS id", "SELECT set_config('transaction_read_only', 'off', false) AS id", "SELECT set_config/**/('statement_timeout', '0', false) AS id",
	"SELECT dblink('', 'DELETE FROM orders') AS id", "SELECT query_to_xml/**/('DELETE FROM orders', true, true, '') AS id", "SELECT query_to_xml/**/('SELECT pg_s'||'leep(99)', true, true, '') AS id", "SELECT word AS id FROM ts_stat/**/('SELECT to_tsvector(pg_s'||'leep(99)::text)')",
	"SELECT pg_terminate_backend/**/(pid) AS id FROM pg_stat_activity", "SELECT pg_cancel_backend/**/(pid) AS id FROM pg_stat_activity", "SELECT pg_advisory_lock/**/(1) AS id", "SELECT pg_try_advisory_lock/**/(1) AS id", "SELECT pg_reload_conf/**/() AS id",
	"SELECT pg_switch_wal/**/() AS id", "SELECT pg_create_restore_point/**/('a') AS id", "SELECT pg_logical_emit_message/**/(false, 'a', 'b') AS id", "SELECT pg_create_logical_replication_slot/**/('a', 'pgoutput') AS id", "SELECT pg_create_physical_replication_slot/**/('a') AS id",
	"SELECT pg_drop_replication_slot/**/('kept') AS id", "SELECT pg_replication_slot_advance/**/('kept', '0/1') AS id", "SELECT pg_replication_origin_create/**/('a') AS id", "SELECT pg_stat_reset/**/() AS id", "SELECT pg_notify/**/('a', 'b') AS id", "SELECT pg_export_snapshot/**/() AS id",
	"SELECT pg_promote/**/() AS id", "SELECT pg_rotate_logfile/**/() AS id",
	// without any end
	"SELECT 'open", "SELECT $$open", "SELECT /* open", `SELECT "open`, "", ";", "--", "\x00", "SELECT id FROM orders WHERE id = $1", strings.Repeat("(", 20000), "SELECT " + strings.Repeat("(", 20000) + "1" + strings.Repeat(")", 20000),
}

// mayRun are queries that the server may run, since they change nothing: the
// transaction can't write, is rolled back, and ends in time.
var mayRun = []string{
	"SELECT deletes() AS id", "SELECT id FROM orders WHERE deletes() = 1", "SELECT id FROM orders ORDER BY deletes()", "SELECT * FROM deletes() AS id", "WITH a AS (SELECT deletes() AS id) SELECT * FROM a", "SELECT id FROM hidden",
	"SELECT naps() AS id", "SELECT locks() AS id", "SELECT makes() AS id", "SELECT temporary() AS id", "SELECT sequence() AS id", "SELECT undo() AS id", "SELECT commits() AS id", "SELECT unlimited() AS id",
	"SELECT count(*) AS id FROM generate_series(1, 100000) a, generate_series(1, 100000) b", "WITH RECURSIVE r AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM r) SELECT id FROM r LIMIT 10", "SELECT repeat('x', 10000000) AS id",
	"SELECT id FROM orders -- ; DELETE FROM orders", "SELECT id FROM orders /* ; DELETE FROM orders */", "SELECT 'DELETE; COMMIT' AS id", "SELECT txid_current() AS id", "SELECT rolname AS id FROM pg_roles", "SELECT current_setting('port') AS id",
	"VALUES (1)", "TABLE customers", "SELECT table_to_xml('orders', true, true, '') AS id", "SELECT id FROM orders WHERE note ~ repeat('(a*)*', 50)",
}

// state is everything that an attack could have changed.
func state(t testing.TB, db *fixture.Database, dir string) string {
	t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT md5(string_agg(o::text, '|' ORDER BY id)) FROM orders o`, `SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM customers c`, "SELECT last_value, is_called FROM counter",
		"SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1", "SELECT oid FROM pg_largeobject_metadata ORDER BY 1", "SELECT datname FROM pg_database ORDER BY 1",
		"SELECT slot_name, restart_lsn FROM pg_replication_slots ORDER BY 1", "SELECT roname FROM pg_replication_origin ORDER BY 1", "SELECT rolname, rolsuper FROM pg_roles ORDER BY 1", "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
		"SELECT name, setting FROM pg_settings WHERE source NOT IN ('client', 'session') ORDER BY 1", "SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
	} {
		all = append(all, "(SELECT string_agg(x::text, '|') FROM ("+query+") x)")
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	return fmt.Sprint(db.Query(t, "SELECT "+strings.Join(all, ", ")), files)
}

// TestAttacks runs hostile rules as a superuser: what is to be refused is, in the
// check and by a sync, and nothing is changed.
func TestAttacks(t *testing.T) {
	t.Parallel()
	server, err := fixture.Launch() // of its own: others change what all databases of a server share
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := server.NewDatabase(t)
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o777))
	db.Exec(t, "CREATE TABLE orders (id integer PRIMARY KEY, total numeric DEFAULT 1, note text)", "INSERT INTO orders VALUES (1), (2)", "CREATE TABLE customers (id integer PRIMARY KEY)", "CREATE SEQUENCE counter",
		"SELECT pg_create_physical_replication_slot('kept', true)", "SELECT lo_create(1)", "CREATE ROLE hostile LOGIN SUPERUSER PASSWORD 'x'")
	for name, body := range map[string]string{
		"deletes": "DELETE FROM orders", "naps": "PERFORM pg_sleep(99)", "locks": "PERFORM 1 FROM orders FOR UPDATE", "makes": "CREATE TABLE made (a int)", "temporary": "CREATE TEMP TABLE made (a int)", "sequence": "PERFORM nextval('counter')",
		"undo": "EXECUTE 'SET transaction_read_only = off'; DELETE FROM orders", "commits": "COMMIT; DELETE FROM orders", "unlimited": "PERFORM set_config('statement_timeout', '0', true); PERFORM pg_sleep(99)",
	} {
		db.Exec(t, "CREATE FUNCTION "+name+"() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN "+body+"; RETURN 1; END $$")
	}
	db.Exec(t, "CREATE VIEW hidden AS SELECT deletes() AS id")
	s, _ := open(t, db, values{"username": "hostile", "password": "x", "query_timeout": 1})
	before := state(t, db, dir)
	attack := func(query string, refused bool) {
		text := rule(t, strings.ReplaceAll(query, "DIR", dir), []string{"orders"}, "id")
		problems := check(t, s, text)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := tryRead(ctx, s, text)
		require.NoError(t, ctx.Err(), query)
		if refused {
			require.NotEmpty(t, problems, query)
			require.Error(t, err, query)
		}
	}
	for some := range slices.Chunk(attacks, 8) {
		for _, query := range some {
			attack(query, true)
		}
		require.Equal(t, before, state(t, db, dir), "%q", some)
	}
	for _, query := range mayRun {
		attack(query, false)
		require.Equal(t, before, state(t, db, dir), query)
	}
	t.Logf("%d hostile queries, %d that may run", len(attacks), len(mayRun))
	require.Greater(t, len(attacks), 100)
}

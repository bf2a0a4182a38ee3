package mysql_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// attacks are queries of rules that write, wait, lock, read files or get out of
// their place, in every disguise. DIR is a folder that the server may write to,
// FN a function that deletes, NAP one that waits.
var attacks = []string{
	// plain statements that write
	"DELETE FROM orders", "INSERT INTO orders VALUES (9,'x')", "UPDATE orders SET state='x'", "REPLACE INTO orders VALUES (1,'x')", "TRUNCATE TABLE orders", "DROP TABLE orders",
	"ALTER TABLE orders ADD x INT", "CREATE TABLE x (a INT)", "CREATE TABLE x AS SELECT * FROM orders", "RENAME TABLE orders TO x", "GRANT ALL ON *.* TO root", "SET GLOBAL max_connections=1",
	"SET PASSWORD = ''", "CALL p()", "DO SLEEP(5)", "HANDLER orders OPEN", "LOAD DATA INFILE '/etc/passwd' INTO TABLE orders", "LOCK TABLES orders WRITE", "FLUSH TABLES WITH READ LOCK",
	"KILL 1", "SHUTDOWN", "COMMIT", "ROLLBACK", "START TRANSACTION READ WRITE", "BEGIN NOT ATOMIC DELETE FROM orders; END", "EXECUTE IMMEDIATE 'DELETE FROM orders'",
	"PREPARE s FROM 'DELETE FROM orders'", "ANALYZE TABLE orders", "OPTIMIZE TABLE orders", "EXPLAIN DELETE FROM orders", "ANALYZE DELETE FROM orders", "SET STATEMENT max_statement_time=0 FOR SELECT 1 AS id",
	"TABLE orders", "VALUES (1)", "USE mysql", "INSTALL SONAME 'x'", "CHANGE MASTER TO MASTER_HOST='x'", "RESET MASTER", "PURGE BINARY LOGS TO 'x'", "BACKUP STAGE START",
	// behind comments, blanks and brackets
	"/* a */ DELETE FROM orders", "-- a\nDELETE FROM orders", "# a\nDELETE FROM orders", "\t\n DELETE/**/FROM orders", "((DELETE FROM orders))", "\x00DELETE FROM orders", "\ufeffDELETE FROM orders",
	"\u00a0DELETE FROM orders", "/*!DELETE FROM orders*/", "/*!99999 SELECT 1*/ DELETE FROM orders", "/*M!100000 DELETE FROM orders */", "SELECT 1 AS id /*!; DELETE FROM orders*/", "SELECT 1 AS id /*!50000INTO OUTFILE 'DIR/a'*/",
	// second statements
	"SELECT 1 AS id; DELETE FROM orders", "SELECT 1 AS id;DELETE FROM orders;--", "SELECT ';' AS id; DELETE FROM orders", `SELECT '\'' AS id; DELETE FROM orders; -- '`, `SELECT "\"" AS id; DELETE FROM orders; -- "`,
	"SELECT '''' AS id; DELETE FROM orders; -- '", "SELECT 1 AS `;`, 2 AS id; DELETE FROM orders", "SELECT 1 AS id -- \n; DELETE FROM orders", "SELECT 1 AS id --x\n; DELETE FROM orders", "SELECT 1 AS id\x00; DELETE FROM orders",
	"SELECT 1 AS id) AS q; DELETE FROM orders; SELECT * FROM (SELECT 1", "SELECT 1 AS id) AS q INTO OUTFILE 'DIR/a' -- ", "SELECT 1 AS id\\G DELETE FROM orders",
	// within a SELECT
	"WITH a AS (DELETE FROM orders RETURNING id) SELECT * FROM a", "WITH a AS (INSERT INTO orders VALUES (9,'x') RETURNING id) SELECT * FROM a", "WITH a AS (SELECT 1) INSERT orders VALUES (9,'x')",
	"WITH a AS (SELECT 1) REPLACE orders VALUES (1,'x')", "WITH a AS (SELECT 1) UPDATE orders SET state='x'", "SELECT * FROM (DELETE FROM orders RETURNING id) d", "SELECT (UPDATE orders SET state='x') AS id",
	// files
	"SELECT * FROM orders INTO OUTFILE 'DIR/a'", "SELECT * INTO OUTFILE 'DIR/a' FROM orders", "SELECT 'x' INTO DUMPFILE 'DIR/a'", "SELECT * FROM orders INTO/**/OUTFILE/**/'DIR/a'", "SELECT * FROM orders iNtO\nOuTfIlE 'DIR/a'",
	"SELECT id FROM orders UNION SELECT 1 INTO OUTFILE 'DIR/a'", "(SELECT id FROM orders) INTO OUTFILE 'DIR/a'", "SELECT LOAD_FILE('/etc/passwd') AS id", "SELECT load_file(0x2f6574632f706173737764) AS id",
	"SELECT `load_file` ('/etc/passwd') AS id", "SELECT Load_File/* */('/etc/passwd') AS id", "SELECT id FROM orders WHERE id=(SELECT LENGTH(LOAD_FILE('/etc/passwd')))",
	// variables
	"SELECT id INTO @a FROM orders", "SELECT 1 INTO @@global.max_connections", "SELECT @@global.max_connections := 1 AS id",
	// locks and sequences
	"SELECT * FROM orders FOR UPDATE", "SELECT * FROM orders FOR/**/UPDATE", "SELECT * FROM orders FOR UPDATE NOWAIT", "SELECT * FROM orders FOR SHARE", "SELECT * FROM orders LOCK IN SHARE MODE", "SELECT * FROM orders LOCK/**/IN/**/SHARE/**/MODE",
	"SELECT * FROM (SELECT * FROM orders FOR UPDATE) x", "SELECT GET_LOCK('a',9) AS id", "SELECT RELEASE_ALL_LOCKS() AS id", "SELECT NEXT VALUE FOR seq AS id", "SELECT NEXTVAL(seq) AS id", "SELECT SETVAL(seq,99) AS id", "SELECT nextval/**/(seq) AS id",
	"SELECT NEXT/**/VALUE FOR seq AS id", "SELECT seq.nextval AS id",
	// waiting and burning
	"SELECT SLEEP(9) AS id", "SELECT sleep (9) AS id", "SELECT SLEEP/**/(9) AS id", "SELECT `sleep`(9) AS id", "SELECT id FROM orders WHERE SLEEP(9)", "SELECT id FROM orders ORDER BY SLEEP(9)", "SELECT BENCHMARK(999999999,SHA2('a',512)) AS id",
	"SELECT MASTER_POS_WAIT('a',1,9) AS id", "SELECT MASTER_GTID_WAIT('0-1-999999',9) AS id", "SELECT sys_exec('touch DIR/a') AS id", "SELECT sys_eval('touch DIR/a') AS id",
	"SELECT /*+ MAX_EXECUTION_TIME(0) */ id FROM orders", "SELECT /*+ SET_VAR(max_execution_time=0) */ id FROM orders", "SELECT /*+ RESOURCE_GROUP(x) */ id FROM orders",
	// without any end
	"SELECT 'open", "SELECT /* open", "SELECT `open", `SELECT "open`, "SELECT '\\'", strings.Repeat("(", 5000), "SELECT " + strings.Repeat("(", 3000) + "1" + strings.Repeat(")", 3000),
	"", ";", ";;;", "\x00", "--", "SELECT ?", "SELECT * FROM orders WHERE id=?",
}

// mayRun are queries that the server may run, since they change nothing: the
// transaction can't write, and ends in time.
var mayRun = []string{
	"SELECT FN() AS id", "SELECT id FROM orders WHERE FN()=1", "SELECT id FROM orders ORDER BY FN()", "SELECT * FROM (SELECT FN() AS id) x", "SELECT `FN`() AS id", "WITH a AS (SELECT FN() AS id) SELECT * FROM a",
	"SELECT id FROM orders GROUP BY id HAVING FN()=1", "SELECT MYISAM() AS id", "SELECT TEMP() AS id", "SELECT NAP() AS id", "SELECT id FROM deletes", "SELECT COUNT(*) AS id FROM seq_1_to_9999 a, seq_1_to_9999 b, seq_1_to_9999 c",
	"SELECT @a := 9 AS id", "SELECT LASTVAL(seq) AS id", "SELECT REPEAT('x',1000000000) AS id", "SELECT id FROM orders PROCEDURE ANALYSE()", "SELECT id FROM orders WHERE id RLIKE REPEAT('(a*)*',100)",
	"SELECT id FROM orders -- ; DELETE FROM orders", "SELECT id FROM orders /* ; DELETE FROM orders */", "SELECT 'DELETE; INTO OUTFILE SLEEP(9)' AS id", "SELECT id FROM mysql.user", "SELECT User AS id FROM mysql.user",
	"SELECT PASSWORD('x') AS id", "SELECT UUID() AS id", "SELECT CONNECTION_ID() AS id", "SELECT ID AS id FROM information_schema.PROCESSLIST", "WITH RECURSIVE r AS (SELECT 1 AS id UNION ALL SELECT id+1 FROM r) SELECT id FROM r LIMIT 10",
}

// state is everything that an attack could have changed.
func state(t testing.TB, db *fixture.Database, dir string) string {
	t.Helper()
	var b strings.Builder
	rows := func(query string) {
		r, err := db.DB.Query(query)
		require.NoError(t, err)
		defer func() { _ = r.Close() }()
		names, err := r.Columns()
		require.NoError(t, err)
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		for r.Next() {
			require.NoError(t, r.Scan(values...))
			for _, v := range values {
				fmt.Fprintf(&b, "%s|", *v.(*any))
			}
			b.WriteString("\n")
		}
		require.NoError(t, r.Err())
	}
	rows("CHECKSUM TABLE orders, myisam")
	rows("SELECT * FROM seq")
	rows("SHOW FULL TABLES")
	rows("SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=DATABASE()")
	rows("SELECT COUNT(*), MD5(GROUP_CONCAT(User, Host, Priv ORDER BY User, Host)) FROM mysql.global_priv")
	rows("SELECT @@global.max_connections, @@global.read_only, @@global.general_log")
	rows("SHOW DATABASES")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	fmt.Fprint(&b, files)
	return b.String()
}

// TestAttacks runs hostile rules as the most powerful user that there is: what is
// to be refused is, in the check and by a sync, and nothing is changed.
func TestAttacks(t *testing.T) {
	db := fixture.NewDatabase(t)
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o777))
	db.Exec(t, "CREATE TABLE orders (id INT PRIMARY KEY, state VARCHAR(9))", "INSERT INTO orders VALUES (1,'open'),(2,'done')", "CREATE TABLE myisam (a INT) ENGINE=MyISAM", "CREATE SEQUENCE seq",
		"CREATE FUNCTION deletes_all() RETURNS INT DETERMINISTIC BEGIN DELETE FROM orders; RETURN 1; END", "CREATE FUNCTION writes_myisam() RETURNS INT DETERMINISTIC BEGIN INSERT INTO myisam VALUES (1); RETURN 1; END",
		"CREATE FUNCTION writes_temporary() RETURNS INT DETERMINISTIC BEGIN CREATE TEMPORARY TABLE IF NOT EXISTS x (a INT); INSERT INTO x VALUES (1); RETURN 1; END", "CREATE FUNCTION naps() RETURNS INT DETERMINISTIC BEGIN RETURN SLEEP(9); END",
		"CREATE PROCEDURE p() DELETE FROM orders", "CREATE VIEW deletes AS SELECT id, deletes_all() AS n FROM orders")
	s, _ := open(t, db, map[string]any{"user": "root", "password": "", "query_timeout": 1})
	names := strings.NewReplacer("DIR", dir, "FN", "deletes_all", "MYISAM", "writes_myisam", "TEMP", "writes_temporary", "NAP", "naps")
	before := state(t, db, dir)
	attack := func(query string, refused bool) {
		raw, err := json.Marshal([]map[string]any{{"tables": []string{"orders"}, "query": names.Replace(query), "id_columns": []string{"id"}}})
		require.NoError(t, err)
		problems := check(t, s, string(raw))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = tryRead(ctx, s, string(raw))
		require.NoError(t, ctx.Err(), query)
		if refused {
			require.NotEmpty(t, problems, query)
			require.Error(t, err, query)
		}
		require.Equal(t, before, state(t, db, dir), query)
	}
	for _, query := range attacks {
		attack(query, true)
	}
	for _, query := range mayRun {
		attack(query, false)
	}
	t.Logf("%d hostile queries, %d that may run", len(attacks), len(mayRun))
	require.Greater(t, len(attacks), 100)
}

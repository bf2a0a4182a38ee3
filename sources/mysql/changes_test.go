package mysql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/mariadbtest"
	"github.com/tributary-search/tributary/sources/mysql"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// follow is an index that is kept up to date by incremental syncs.
type follow struct {
	*testing.T
	source *mysql.Source
	index  index
	at     connector.Cursor
	count  int // changes of the last sync

}

// start makes a full sync after it has asked for the position.
func start(t *testing.T, s *mysql.Source) *follow {
	t.Helper()
	f := &follow{T: t, source: s}
	var err error
	f.at, err = s.Position(t.Context())
	require.NoError(t, err)
	f.index = read(t, s, "")
	return f
}

// sync applies the changes.
func (f *follow) sync() error {
	f.count = 0
	next, err := f.source.Changes(f.Context(), f.at, connector.Filter{}, func(c connector.Change) error {
		f.count++
		if c.Deleted {
			delete(f.index, c.ID)
			return nil
		}
		return f.index.put(c.Document)
	})
	if err == nil {
		f.at = next
	}
	return err
}

// same syncs and compares with a full sync.
func (f *follow) same() {
	f.Helper()
	require.NoError(f, f.sync())
	require.Equal(f, read(f, f.source, ""), f.index)
}

func TestChanges(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 3000)
	db.Exec(t, "CREATE TABLE other (a INT, b VARCHAR(20), n INT, PRIMARY KEY (a,b))", "INSERT INTO other VALUES (1,'x',1),(1,'y_z',2),(2,'x',3)")
	s, _ := open(t, db, nil)
	f := start(t, s)
	require.Len(t, f.index, 3003)

	f.same()
	require.Zero(t, f.count)

	db.Exec(t, "UPDATE items SET title='changed' WHERE number < 800", "DELETE FROM items WHERE number BETWEEN 1000 AND 1199",
		"INSERT INTO items (number,title,state,created) VALUES (-5,'new',1,'2026-01-01')",
		"UPDATE other SET b='moved' WHERE a=2", "DELETE FROM other WHERE b='y_z'", "INSERT INTO other VALUES (3,'%',4)")
	f.same()
	require.Equal(t, 800+200+1+2+1+1, f.count)
	require.Contains(t, f.index, "other_2_moved")
	require.NotContains(t, f.index, "other_1_y%5Fz")
	require.Contains(t, f.index, "other_3_%25")

	// rolled back, undone, many times: the end counts
	db.Exec(t, "START TRANSACTION; UPDATE items SET title='gone'; ROLLBACK", "DELETE FROM items WHERE number=3; INSERT INTO items (number,title,state,created) VALUES (3,'again',2,'2026-01-02')")
	for i := range 30 {
		db.Exec(t, fmt.Sprintf("UPDATE items SET title='t%d' WHERE number=4", i))
	}
	f.same()
	require.Equal(t, 2, f.count)

	// another database does not matter
	db.Exec(t, "CREATE DATABASE "+db.Name+"_x; CREATE TABLE "+db.Name+"_x.items (number INT PRIMARY KEY); INSERT INTO "+db.Name+"_x.items VALUES (1); DROP DATABASE "+db.Name+"_x")
	require.Zero(t, func() int { f.same(); return f.count }())
}

func TestChangesByPlaceInFile(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 10)
	s, _ := open(t, db, nil)
	f := start(t, s)
	var at map[string]any
	require.NoError(t, json.Unmarshal(f.at, &at))
	require.NotEmpty(t, at["gtid"])
	delete(at, "gtid")
	f.at, _ = json.Marshal(at)
	db.Exec(t, "UPDATE items SET title='changed' WHERE number=1", "FLUSH BINARY LOGS", "DELETE FROM items WHERE number=2")
	f.same()
	require.Equal(t, 2, f.count)

	at["server"] = "another"
	raw, _ := json.Marshal(at)
	_, err := s.Changes(t.Context(), raw, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "the position is of another server")
}

func TestChanged(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 10)
	db.Exec(t, "CREATE TABLE hidden (a INT PRIMARY KEY)")
	s, _ := open(t, db, map[string]any{"tables": []string{"items"}})
	at, err := s.Position(t.Context())
	require.NoError(t, err)
	changed := func(since connector.Cursor) bool {
		yes, err := s.Changed(t.Context(), since)
		require.NoError(t, err)
		return yes
	}
	require.False(t, changed(at))
	db.Exec(t, "INSERT INTO hidden VALUES (1)", "UPDATE items SET title=title")
	require.False(t, changed(at), "another table, and an update that changes nothing")
	db.Exec(t, "UPDATE items SET title='x' WHERE number=1")
	require.True(t, changed(at))
	views, _ := open(t, db, map[string]any{"include_views": true})
	at, err = views.Position(t.Context())
	require.NoError(t, err)
	yes, err := views.Changed(t.Context(), at)
	require.NoError(t, err)
	require.True(t, yes, "nobody can tell of views")
	db.Exec(t, "CREATE TABLE m (a INT PRIMARY KEY) ENGINE=MEMORY")
	s, _ = open(t, db, nil)
	at, err = s.Position(t.Context())
	require.NoError(t, err)
	require.True(t, changed(at), "a table in memory may lose its rows")
}

// TestKeys follows tables whose keys are of every type that a key may have.
func TestKeys(t *testing.T) {
	types := map[string]struct {
		column string
		values []string // as SQL; the first is changed, the second deleted, the third moved to the fourth
	}{
		"tinyint":     {"TINYINT", []string{"-128", "0", "127", "5"}},
		"utinyint":    {"TINYINT UNSIGNED", []string{"255", "0", "127", "5"}},
		"smallint":    {"SMALLINT", []string{"-32768", "0", "32767", "5"}},
		"mediumint":   {"MEDIUMINT", []string{"-8388608", "0", "8388607", "5"}},
		"umediumint":  {"MEDIUMINT UNSIGNED", []string{"16777215", "0", "1", "5"}},
		"int":         {"INT ZEROFILL", []string{"7", "0", "4294967295", "5"}},
		"bigint":      {"BIGINT", []string{"-9223372036854775808", "0", "9223372036854775807", "5"}},
		"ubigint":     {"BIGINT UNSIGNED", []string{"18446744073709551615", "0", "9223372036854775808", "5"}},
		"decimal":     {"DECIMAL(30,11)", []string{"-1234567890123456789.12345678901", "0", "0.00000000001", "-0.5"}},
		"decimal5":    {"DECIMAL(5,0)", []string{"-12345", "0", "99999", "7"}},
		"float":       {"FLOAT", []string{"0.1", "-1e30", "16777217", "3.4e38"}},
		"double":      {"DOUBLE", []string{"0.1", "-1e300", "1e-300", "1.7976931348623157e308"}},
		"bit1":        {"BIT(1)", []string{"0", "1", "NULL", "NULL"}},
		"bit":         {"BIT(33)", []string{"0", "8589934591", "1", "5"}},
		"char":        {"CHAR(20)", []string{"'a_b%'", "''", "'Ä 🙂'", "'quote '''"}},
		"varchar":     {"VARCHAR(400)", []string{"'a'", "'B'", "CONCAT(REPEAT('x',300),'1')", "CONCAT(REPEAT('x',300),'2')"}},
		"latin1":      {"VARCHAR(20) CHARACTER SET latin1", []string{"'Ärger'", "'€'", "'z'", "'ß'"}},
		"utf16":       {"CHAR(20) CHARACTER SET utf16", []string{"'Ärger'", "'🙂'", "'z'", "'ß'"}},
		"binary":      {"BINARY(16)", []string{"X'00FF27'", "X'00'", "X'5C0A'", "X'31'"}},
		"varbinary":   {"VARBINARY(300)", []string{"X'00FF2700'", "X''", "X'5C0A'", "X'31'"}},
		"date":        {"DATE", []string{"'2026-01-31'", "'0001-01-01'", "'9999-12-31'", "'1969-07-20'"}},
		"datetime":    {"DATETIME", []string{"'2026-01-31 23:59:59'", "'0001-01-01'", "'9999-12-31'", "'1969-07-20'"}},
		"datetime3":   {"DATETIME(3)", []string{"'2026-01-31 23:59:59.123'", "'0001-01-01 00:00:00.001'", "'9999-12-31'", "'1969-07-20'"}},
		"datetime6":   {"DATETIME(6)", []string{"'2026-01-31 23:59:59.000001'", "'0001-01-01 00:00:00.100000'", "'9999-12-31'", "'1969-07-20'"}},
		"timestamp":   {"TIMESTAMP NOT NULL", []string{"'2026-01-31 23:59:59'", "'1970-01-02'", "'2038-01-18'", "'1999-07-20'"}},
		"timestamp2":  {"TIMESTAMP(2) NOT NULL", []string{"'2026-01-31 23:59:59.25'", "'1970-01-02'", "'2038-01-18'", "'1999-07-20'"}},
		"timestamp5":  {"TIMESTAMP(5) NOT NULL", []string{"'2026-01-31 23:59:59.00001'", "'1970-01-02'", "'2038-01-18'", "'1999-07-20'"}},
		"time":        {"TIME", []string{"'-838:59:59'", "'0:0:0'", "'838:59:59'", "'-00:00:01'"}},
		"time1":       {"TIME(1)", []string{"'-838:59:59.1'", "'0:0:0'", "'00:00:00.5'", "'-00:00:00.5'"}},
		"time4":       {"TIME(4)", []string{"'-12:34:56.7891'", "'0:0:0'", "'00:00:00.5'", "'-00:00:00.0001'"}},
		"time6":       {"TIME(6)", []string{"'-12:34:56.789123'", "'0:0:0'", "'00:00:00.5'", "'-00:00:00.000001'"}},
		"year":        {"YEAR", []string{"1901", "0", "2155", "2026"}},
		"enum":        {"ENUM('z','it''s','a,b','ä')", []string{"'z'", "'it''s'", "'a,b'", "'ä'"}},
		"set":         {"SET('z','y','x')", []string{"'z'", "''", "'z,x'", "'x,y'"}},
		"after-blobs": {"INT", []string{"1", "2", "3", "4"}},
	}
	db := fixture.NewDatabase(t)
	more := ""
	for name, c := range types {
		db.Exec(t, fmt.Sprintf("CREATE TABLE `%s` (b TINYBLOB, x LONGTEXT, g GEOMETRY, j JSON, v BIGINT AS (n+1) VIRTUAL, n INT, `key` %s, s INT AS (n+2) STORED, PRIMARY KEY (`key`))", name, c.column))
		for i, v := range c.values[:3] {
			if v != "NULL" {
				db.Exec(t, fmt.Sprintf("INSERT INTO `%s` (b,x,g,j,n,`key`) VALUES (REPEAT('b',%d),REPEAT('x',%d),ST_GeomFromText('POINT(%d 2)'),'{\"a\":%d}',%d,%s)", name, i*100, i*1000, i, i, i, v))
			}
		}
		more += fmt.Sprintf("UPDATE `%s` SET n=n+10 WHERE n=0; DELETE FROM `%s` WHERE n=1;", name, name)
		if c.values[2] != "NULL" {
			more += fmt.Sprintf("UPDATE `%s` SET `key`=%s WHERE n=2;", name, c.values[3])
		}
	}
	for _, image := range []string{"FULL", "MINIMAL", "NOBLOB"} {
		t.Run(image, func(t *testing.T) {
			s, _ := open(t, db, map[string]any{"fetch_size": 1})
			f := start(t, s)
			tx, err := db.DB.Conn(t.Context())
			require.NoError(t, err)
			defer func() { _ = tx.Close() }()
			_, err = tx.ExecContext(t.Context(), "SET SESSION binlog_row_image="+image+"; SET SESSION time_zone='+00:00'")
			require.NoError(t, err)
			if image == "FULL" {
				require.Len(t, f.index, 3*len(types)-1)
				_, err = tx.ExecContext(t.Context(), more)
				require.NoError(t, err)
				f.same()
				require.Len(t, f.index, 2*len(types)-1)
			} else {
				for name := range types {
					_, err = tx.ExecContext(t.Context(), fmt.Sprintf("UPDATE `%s` SET x='%s'", name, image))
					require.NoError(t, err)
				}
				f.same()
			}
			require.Equal(t, f.count >= len(types), true)
		})
	}
}

func TestLost(t *testing.T) {
	for name, c := range map[string]struct {
		before, change, says string
	}{
		"column added":     {"", "ALTER TABLE items ADD c INT", "tables were added or dropped, or their columns were changed"},
		"index added":      {"", "ALTER TABLE items ADD INDEX (title)", "a table was changed: ALTER TABLE items ADD INDEX"},
		"table truncated":  {"", "TRUNCATE TABLE items", "a table was changed: TRUNCATE TABLE items"},
		"table added":      {"", "CREATE TABLE more (a INT PRIMARY KEY)", "tables were added or dropped"},
		"dropped and made": {"", "CREATE TABLE c LIKE items; DROP TABLE items; RENAME TABLE c TO items", "a table was changed: CREATE TABLE c LIKE items"},
		"statements":       {"", "SET SESSION binlog_format=STATEMENT; UPDATE items SET title='x'", "rows were changed by a statement and not by rows"},
		"no key":           {"CREATE TABLE bare (a INT)", "INSERT INTO bare VALUES (1)", "rows of bare were changed, which has no key that can be followed"},
		"uuid key":         {"CREATE TABLE u (a UUID PRIMARY KEY)", "INSERT INTO u VALUES (UUID())", "rows of u were changed, which has no key that can be followed"},
		"xa":               {"", "XA START 'a'; UPDATE items SET title='x'; XA END 'a'; XA PREPARE 'a'; XA COMMIT 'a'", "XA transaction"},
		"cascade of a delete": {
			"CREATE TABLE child (a INT PRIMARY KEY, p BIGINT, FOREIGN KEY (p) REFERENCES items (number) ON DELETE CASCADE); INSERT INTO child VALUES (1,1)",
			"DELETE FROM items WHERE number=1", "rows of child may have been changed by a foreign key when rows of items were",
		},
		"cascade of an update": {
			"CREATE TABLE child (a INT PRIMARY KEY, p BIGINT, FOREIGN KEY (p) REFERENCES items (number) ON UPDATE CASCADE); INSERT INTO child VALUES (1,1)",
			"UPDATE items SET number=77 WHERE number=1", "rows of child may have been changed by a foreign key when rows of items were",
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := fixture.NewDatabase(t)
			db.Fill(t, "items", 5)
			if c.before != "" {
				db.Exec(t, c.before)
			}
			s, _ := open(t, db, nil)
			f := start(t, s)
			db.Exec(t, c.change)
			err := f.sync()
			require.ErrorIs(t, err, connector.ErrPositionLost)
			require.ErrorContains(t, err, c.says)
			if changed, err := s.Changed(t.Context(), f.at); err != nil {
				require.ErrorIs(t, err, connector.ErrPositionLost)
			} else {
				require.True(t, changed)
			}
		})
	}
}

// TestHarmless are changes that do not disturb.
func TestHarmless(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 5)
	db.Exec(t, "CREATE TABLE child (a INT PRIMARY KEY, p BIGINT, FOREIGN KEY (p) REFERENCES items (number) ON UPDATE CASCADE ON DELETE SET NULL)", "CREATE TABLE unread (a INT PRIMARY KEY)")
	s, _ := open(t, db, map[string]any{"tables": []string{"items", "child"}})
	f := start(t, s)
	db.Exec(t, "UPDATE items SET title='x' WHERE number=2", "ANALYZE TABLE items", "TRUNCATE TABLE unread", "ALTER TABLE unread ADD b INT", "DROP TABLE unread",
		"CREATE TABLE unread2 (a INT)", "SET STATEMENT binlog_format=STATEMENT FOR GRANT SELECT ON items TO "+mariadbtest.User+"@'%'", "OPTIMIZE TABLE items",
		"CREATE DATABASE IF NOT EXISTS "+db.Name+"_y", "DROP DATABASE "+db.Name+"_y", "CREATE USER `items`@`%`", "DROP USER `items`@`%`")
	f.same()
	require.Equal(t, 1, f.count)
}

// TestCompressed reads a log that the server compresses.
func TestCompressed(t *testing.T) {
	server, err := mariadbtest.Launch("--log-bin-compress=1", "--log-bin-compress-min-len=10")
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := fixture.On(t, server)
	db.Fill(t, "items", 5)
	s, _ := open(t, db, nil)
	f := start(t, s)
	db.Exec(t, "UPDATE items SET body=REPEAT('long ',1000)", "DELETE FROM items WHERE number=1", "INSERT INTO items (number,title,state,created,body) VALUES (9,'n',1,'2026-01-01',REPEAT('long ',1000))")
	f.same()
	require.Equal(t, 6, f.count)
}

func TestWithoutLog(t *testing.T) {
	server, err := mariadbtest.Launch("--skip-log-bin")
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := fixture.On(t, server)
	db.Fill(t, "items", 5)
	s, _ := open(t, db, nil)
	f := start(t, s)
	err = f.sync()
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "the server writes no binary log; set log_bin there")
	yes, err := s.Changed(t.Context(), f.at)
	require.True(t, yes)
	require.NoError(t, err)

	t.Run("change column", func(t *testing.T) {
		db.Exec(t, "CREATE TABLE versions (a INT PRIMARY KEY, changed BIGINT UNSIGNED)", "INSERT INTO versions VALUES (1,1)", "CREATE TABLE without (a INT PRIMARY KEY)", "CREATE TABLE nothing (a INT PRIMARY KEY, changed DATETIME)")
		s, _ := open(t, db, map[string]any{"change_column": "changed"})
		require.NoError(t, s.ValidateConfig(t.Context()))
		f := start(t, s)
		db.Exec(t, "UPDATE items SET title='x', changed='2026-02-01 00:00:00' WHERE number=2", "UPDATE versions SET changed=18446744073709551615", "INSERT INTO nothing VALUES (1,'2026-01-01 00:00:00')")
		f.same()
		require.Equal(t, 7, f.count, "those that have the same time as the last one, too")
		require.NoError(t, f.sync())
		require.Equal(t, 3, f.count, "those of the last minute again")
		db.Exec(t, "DROP TABLE without")
		require.ErrorIs(t, f.sync(), connector.ErrPositionLost)
		none, _ := open(t, db, map[string]any{"change_column": "nowhere"})
		require.ErrorContains(t, none.ValidateConfig(t.Context()), "no table has a column nowhere")
		yes, err := s.Changed(t.Context(), f.at)
		require.NoError(t, err)
		require.True(t, yes)
	})
}

// TestLogsThatTellLess are servers whose log can't be followed.
func TestLogsThatTellLess(t *testing.T) {
	for says, options := range map[string][]string{
		"the server's binlog_format is STATEMENT, it must be ROW":      {"--binlog-format=STATEMENT"},
		"the server's binary log leaves the database out":              {"--binlog-ignore-db=a,test_1"},
		"the server is a replica that does not log what it replicates": {"--sql-mode=ANSI,STRICT_ALL_TABLES"},
	} {
		t.Run(says, func(t *testing.T) {
			server, err := mariadbtest.Launch(options...)
			require.NoError(t, err)
			t.Cleanup(server.Stop)
			db := fixture.On(t, server)
			db.Fill(t, "items", 5)
			if strings.Contains(says, "replica") {
				_, err := db.Server.Root.Exec("SET GLOBAL gtid_slave_pos='0-1-1000,5-5-5'")
				require.NoError(t, err)
			}
			s, _ := open(t, db, nil)
			f := start(t, s)
			require.Len(t, f.index, 5)
			err = f.sync()
			require.ErrorIs(t, err, connector.ErrPositionLost)
			require.ErrorContains(t, err, says)
		})
	}
}

// TestPrivileges asks for a position without the privilege to read the log.
func TestPrivileges(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 5)
	db.Exec(t, "CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'secret'", "GRANT SELECT ON "+db.Name+".* TO reader@'%'")
	t.Cleanup(func() { db.Exec(t, "DROP USER reader@'%'") })
	s, _ := open(t, db, map[string]any{"user": "reader", "password": "secret"})
	require.NoError(t, s.ValidateConfig(t.Context()))
	f := start(t, s)
	err := f.sync()
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'reader'@'%';")
}

func TestManyTablesForOneCursor(t *testing.T) {
	db := fixture.NewDatabase(t)
	s, _ := open(t, db, map[string]any{"change_column": strings.Repeat("c", 10)})
	at, err := s.Position(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(at), "gtid", "the log is there, so the column is not needed")
}

package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mysql"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// oddNames are names of tables and columns that break what they are pasted in.
var oddNames = []string{
	"quote'it", `double"quote`, "back`tick", "back``ticks`", "dots.in.it", "emoji🙂", "space in it", "semi;colon", `back\slash`,
	"per%cent", "under_score", "star*", "question?", "-- comment", "select", "Ärger", "水", "a/b",
}

func TestOddNames(t *testing.T) {
	db := fixture.NewDatabase(t)
	// Outside of the three-byte characters MySQL has no names.
	names := []string{}
	for _, name := range oddNames {
		if !strings.Contains(name, "🙂") {
			names = append(names, name)
		}
	}
	for _, name := range names {
		q := "`" + strings.ReplaceAll(name, "`", "``") + "`"
		db.Exec(t, "CREATE TABLE "+q+" ("+q+" VARCHAR(50) PRIMARY KEY, n INT)", "INSERT INTO "+q+" VALUES ('1_"+strings.ReplaceAll(strings.ReplaceAll(name, `\`, `\\`), "'", "''")+"🙂',1),('2',2)")
	}
	s, _ := open(t, db, map[string]any{"fetch_size": 1})
	require.NoError(t, s.ValidateConfig(t.Context()))
	f := start(t, s)
	require.Len(t, f.index, 2*len(names))
	for _, name := range names {
		require.Equal(t, map[string]any{"Table": name, name: "1_" + name + "🙂", "n": 1.0}, f.index[name+"_1_"+name+"🙂"], name)
		q := "`" + strings.ReplaceAll(name, "`", "``") + "`"
		db.Exec(t, "UPDATE "+q+" SET n=3 WHERE n=1", "DELETE FROM "+q+" WHERE n=2")
		one, _ := open(t, db, map[string]any{"tables": []string{name}})
		require.Len(t, read(t, one, ""), 1, name)
		require.Len(t, read(t, s, list(t, name, "SELECT * FROM "+q)), 1, name)
	}
	f.same()
	require.Equal(t, 2*len(names), f.count)
	_, err := db.DB.Exec("CREATE TABLE `emoji🙂` (a INT)")
	require.Error(t, err, "the server has no such names")
	missing, _ := open(t, db, map[string]any{"tables": []string{"emoji🙂"}})
	require.ErrorContains(t, missing.ValidateConfig(t.Context()), "has no table emoji🙂")
}

func TestOddColumns(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE t (`id` INT PRIMARY KEY, `_id` INT, `_timestamp` INT, `id_` INT, `Table` INT, `Table_` INT, `a.b` INT, `.` INT)", "INSERT INTO t VALUES (1,2,3,4,5,6,7,8)")
	s, _ := open(t, db, nil)
	require.Equal(t, index{"t_1": {
		"Table": "t", "id_": 1.0, "_id_": 2.0, "_timestamp_": 3.0, "id__": 4.0, "Table__": 5.0, "Table_": 6.0, "a.b": 7.0, "_": 8.0,
	}}, read(t, s, ""))
}

func TestIDsOfNeighbours(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE orders (k VARCHAR(20) PRIMARY KEY)", "INSERT INTO orders VALUES ('items_5'),('5'),('it')",
		"CREATE TABLE orders_items (k INT PRIMARY KEY)", "INSERT INTO orders_items VALUES (5)")
	s, _ := open(t, db, nil)
	x := read(t, s, "")
	require.Len(t, x, 4)
	require.Equal(t, "orders", x["orders%5Fitems_5"]["Table"])
	require.Equal(t, "orders_items", x["orders_items_5"]["Table"])
}

func TestThousandTables(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "CREATE TABLE t%d (id INT PRIMARY KEY) ENGINE=%s; INSERT INTO t%d VALUES (%d);", i, map[bool]string{true: "InnoDB", false: "MyISAM"}[i%10 == 0], i, i)
	}
	db.Exec(t, b.String())
	s, _ := open(t, db, nil)
	require.NoError(t, s.ValidateConfig(t.Context()))
	f := start(t, s)
	require.Len(t, f.index, 1000)
	require.Less(t, len(f.at), 500)
	db.Exec(t, "UPDATE t500 SET id=id+1; DELETE FROM t501")
	f.same()
	require.Equal(t, 3, f.count)
}

func TestEmptyDatabase(t *testing.T) {
	db := fixture.NewDatabase(t)
	s, l := open(t, db, nil)
	require.NoError(t, s.ValidateConfig(t.Context()))
	require.Empty(t, read(t, s, ""))
	require.Contains(t, l.String(), "the database has no table that the user may read")
	named, _ := open(t, db, map[string]any{"tables": []string{"a", "b*"}})
	for _, err := range []error{named.ValidateConfig(t.Context()), second(tryRead(t.Context(), named, ""))} {
		require.ErrorContains(t, err, "database "+db.Name+" has no table a, b* that tributary may read; check the names and their case, or run: GRANT SELECT ON `"+db.Name+"`.* TO 'tributary'@'%';")
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestDroppedWhileRead(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 3)
	db.Fill(t, "b", 3)
	s, _ := open(t, db, nil)
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		if d.ID == "a_0" {
			db.Exec(t, "DROP TABLE b")
		}
		d.Release()
		return nil
	})
	require.ErrorContains(t, err, "table b was dropped or renamed while the sync ran; nothing is deleted, the next sync goes on without it")
	require.Len(t, read(t, s, ""), 3)
}

func TestChangedWhileRead(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 3)
	db.Fill(t, "b", 3)
	s, _ := open(t, db, map[string]any{"retry_count": 2})
	x := index{}
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		if d.ID == "a_0" {
			db.Exec(t, "ALTER TABLE b ADD c INT DEFAULT 7, ALGORITHM=COPY")
		}
		return x.put(d)
	})
	require.NoError(t, err)
	require.Equal(t, 7.0, x["b_0"]["c"])
}

func TestLostPrivilege(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 3)
	db.Fill(t, "b", 3)
	db.Exec(t, "CREATE OR REPLACE USER part@'%' IDENTIFIED BY 'secret'", "GRANT SELECT ON "+db.Name+".a TO part@'%'", "GRANT SELECT, INSERT ON "+db.Name+".b TO part@'%'")
	t.Cleanup(func() { db.Exec(t, "DROP USER part@'%'") })
	s, _ := open(t, db, map[string]any{"user": "part", "password": "secret"})
	require.NoError(t, s.ValidateConfig(t.Context()))
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		if d.ID == "a_0" {
			db.Exec(t, "REVOKE SELECT ON "+db.Name+".b FROM part@'%'")
		}
		d.Release()
		return nil
	})
	grant := "run: GRANT SELECT ON `" + db.Name + "`.* TO 'part'@'%';"
	require.ErrorContains(t, err, "read table b: Error 1142")
	require.ErrorContains(t, err, grant)
	err = s.ValidateConfig(t.Context())
	require.ErrorContains(t, err, "b may not be read by part; "+grant)
	var problems connector.Problems
	require.ErrorAs(t, err, &problems)
	require.Equal(t, "/tables", problems[0].Pointer)

	nothing, _ := open(t, db, map[string]any{"user": "part", "password": "secret", "database": "mysql"})
	require.ErrorContains(t, nothing.Ping(t.Context()), "run: GRANT SELECT ON `mysql`.* TO 'part'@'%';")
	wrong, _ := open(t, db, map[string]any{"user": "part", "password": "wrong-canary"})
	err = wrong.Ping(t.Context())
	require.ErrorContains(t, err, "check user and password")
	require.NotContains(t, err.Error(), "wrong-canary")
	none, _ := open(t, db, map[string]any{"database": "no`where"})
	require.ErrorContains(t, none.Ping(t.Context()), "check the name of the database")
	closed, _ := open(t, db, map[string]any{"port": 1})
	require.ErrorContains(t, closed.Ping(t.Context()), "check host and port")
	socket, _ := open(t, db, map[string]any{"host": db.Server.Dir + "/s"})
	require.NoError(t, socket.Ping(t.Context()))
}

func TestHugeRow(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE big (id INT PRIMARY KEY, t LONGTEXT)", "INSERT INTO big SELECT 1, REPEAT('x',15728640)", "INSERT INTO big VALUES (2,'small')")
	s, _ := open(t, db, nil)
	f := start(t, s)
	require.Len(t, f.index["big_1"]["t"], 15<<20)
	db.Exec(t, "UPDATE big SET t=CONCAT(t,'y')")
	f.same()
	require.Len(t, f.index["big_1"]["t"], 15<<20+1)
}

func TestTablesWithoutKey(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE bare (a INT, b VARCHAR(9))", "INSERT INTO bare VALUES (1,'x'),(1,'x'),(2,'y'),(NULL,NULL)",
		"CREATE TABLE nulls (a INT NULL UNIQUE)", "INSERT INTO nulls VALUES (NULL),(NULL),(1)",
		"CREATE TABLE uniq (a INT NOT NULL, b INT NOT NULL, c INT NOT NULL, UNIQUE z (c), UNIQUE a (a,b))", "INSERT INTO uniq VALUES (1,2,3),(1,3,4)",
		"CREATE TABLE prefix (t TEXT NOT NULL, n INT, UNIQUE (t(3)))", "INSERT INTO prefix VALUES ('abcdef',1),('b',2)",
		"CREATE TABLE hidden (k INT INVISIBLE PRIMARY KEY AUTO_INCREMENT, a INT)", "INSERT INTO hidden (a) VALUES (7)",
		"CREATE VIEW seen AS SELECT * FROM uniq")
	s, l := open(t, db, map[string]any{"fetch_size": 1})
	x := read(t, s, "")
	require.Len(t, x, 3+2+2+2+1)
	require.Contains(t, x, "uniq_3")
	require.Contains(t, x, "prefix_abcdef")
	require.Equal(t, map[string]any{"Table": "hidden", "a": 7.0}, x["hidden_1"])
	require.Equal(t, x, read(t, s, ""))
	require.Contains(t, l.String(), `ids are hashes of whole rows, and equal rows are one document" table=bare`)
	views, _ := open(t, db, map[string]any{"include_views": true})
	require.Len(t, read(t, views, ""), 12)
	named, _ := open(t, db, map[string]any{"tables": []string{"seen"}})
	require.ErrorContains(t, named.ValidateConfig(t.Context()), "seen: views are read only with include_views")
	db.Exec(t, "DROP TABLE uniq")
	require.ErrorContains(t, views.ValidateConfig(t.Context()), "can't be read: seen: Error 1356")
}

func TestErrorsOfEmit(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 3)
	s, _ := open(t, db, map[string]any{"retry_count": 5})
	n := 0
	err := s.GetDocs(t.Context(), connector.Filter{}, func(connector.Document) error {
		n++
		return context.DeadlineExceeded // a network error by its type
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, n, "an error of the index is not tried again here")
	f := start(t, s)
	db.Exec(t, "UPDATE a SET title='x'")
	refused := errors.New("refused")
	_, err = s.Changes(t.Context(), f.at, connector.Filter{}, func(connector.Change) error { return refused })
	require.ErrorIs(t, err, refused)
}

func TestCertificate(t *testing.T) {
	_, err := mysql.Kind().Open(t.Context(), []byte(`{"host":"a","user":"u","database":"d","ssl_enabled":true,"ssl_ca":"nonsense"}`), connector.Deps{})
	require.ErrorContains(t, err, "it holds no certificate")
}

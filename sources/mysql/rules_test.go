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

func TestRules(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE orders (id INT PRIMARY KEY, customer INT, state VARCHAR(9))", "INSERT INTO orders VALUES (1,7,'open'),(2,7,'done'),(3,8,'open')",
		"CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))", "INSERT INTO customers VALUES (7,'Ada'),(8,'Bob')",
		"CREATE TABLE parts (`order` INT, n VARCHAR(9), PRIMARY KEY (`order`,n))", "INSERT INTO parts VALUES (1,'a_b'),(1,'c')",
		"CREATE TABLE bare (a INT)", "INSERT INTO bare VALUES (1),(2)")
	s, _ := open(t, db, nil)
	for name, c := range map[string]struct {
		rules string
		want  string
	}{
		"list": {
			`[{"tables":["orders"],"query":"SELECT * FROM orders WHERE state='open';  "}]`,
			`{"orders_1":{"Table":"orders","id_":1,"customer":7,"state":"open"},"orders_3":{"Table":"orders","id_":3,"customer":8,"state":"open"}}`,
		},
		"map": {
			`{"` + db.Name + `":{"orders":"SELECT id, state FROM orders WHERE id > 2","customers":"SELECT id FROM customers WHERE name='Bob'"}}`,
			`{"customers_8":{"Table":"customers","id_":8},"orders_3":{"Table":"orders","id_":3,"state":"open"}}`,
		},
		"join": {
			`[{"tables":["orders","customers"],"query":"SELECT o.id AS number, c.name FROM orders o JOIN customers c ON o.customer=c.id ORDER BY 1 DESC LIMIT 1","id_columns":["number"]}]`,
			`{"customers_orders_3":{"Table":["customers","orders"],"number":3,"name":"Bob"}}`,
		},
		"union": {
			`[{"tables":["orders"],"query":"(SELECT id FROM orders WHERE id=1) UNION SELECT 9 -- a comment; with a semicolon","id_columns":["ID"]}]`,
			`{"orders_1":{"Table":"orders","id_":1},"orders_9":{"Table":"orders","id_":9}}`,
		},
		"with": {
			`[{"tables":["orders"],"query":"WITH o AS (SELECT DISTINCT customer FROM orders) SELECT customer, COUNT(*) AS n FROM orders JOIN o USING (customer) GROUP BY customer","id_columns":["customer"]}]`,
			`{"orders_7":{"Table":"orders","customer":7,"n":2},"orders_8":{"Table":"orders","customer":8,"n":1}}`,
		},
		"composite": {
			`[{"tables":["parts"],"query":"SELECT * FROM parts"}]`,
			`{"parts_1_a%5Fb":{"Table":"parts","order":1,"n":"a_b"},"parts_1_c":{"Table":"parts","order":1,"n":"c"}}`,
		},
		"half an id": {
			`[{"tables":["bare"],"query":"SELECT a, IF(a=1,NULL,a) AS b FROM bare","id_columns":["a","b"]}]`,
			`{"bare_1_":{"Table":"bare","a":1,"b":null},"bare_2_2":{"Table":"bare","a":2,"b":2}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, mysql.Kind().CheckRules(json.RawMessage(c.rules)))
			require.Empty(t, check(t, s, c.rules))
			got, err := json.Marshal(read(t, s, c.rules))
			require.NoError(t, err)
			require.JSONEq(t, c.want, string(got))
		})
	}
	_, err := s.Changes(t.Context(), must(s.Position(t.Context())), connector.Filter{AdvancedRules: json.RawMessage(`[{"tables":["bare"],"query":"SELECT 1"}]`)}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "with advanced rules only a full sync knows")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestRulesAreRefused shows the sentence for each rule that can't be run, and
// that GetDocs does not run it either.
func TestRulesAreRefused(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE orders (id INT PRIMARY KEY, state VARCHAR(9), place POINT, flags BIT(3))", "INSERT INTO orders VALUES (1,'open',NULL,NULL)",
		"CREATE TABLE bare (a INT)", "CREATE FUNCTION writes() RETURNS INT DETERMINISTIC BEGIN DELETE FROM orders; RETURN 1; END")
	db.Exec(t, "GRANT EXECUTE ON "+db.Name+".* TO "+mariadbtest.User+"@'%'")
	s, _ := open(t, db, nil)
	for query, says := range map[string]string{
		"":                                       "the query is empty",
		";":                                      "the query is empty",
		"-- nothing":                             "the query is empty",
		"DELETE FROM orders":                     "begins with DELETE: only SELECT is allowed",
		"UPDATE orders SET id=2":                 "begins with UPDATE",
		"CALL p()":                               "begins with CALL",
		"SHOW TABLES":                            "begins with SHOW",
		"SELECT 1; DELETE FROM orders":           "holds a second statement",
		"SELECT * FROM orders INTO OUTFILE '/x'": "has INTO, which writes",
		"SELECT id INTO @a FROM orders":          "has INTO, which writes",
		"SELECT LOAD_FILE('/etc/passwd') AS id":  "calls LOAD_FILE, which reads files of the server",
		"SELECT `LOAD_FILE`('/etc/passwd') AS id":  "calls LOAD_FILE",
		`SELECT "SLEEP"(1) AS id FROM orders`:      "calls SLEEP",
		"SELECT sleep (100) AS id FROM orders":     "calls SLEEP, which waits",
		"SELECT sleep/**/(100) AS id FROM orders":  "calls SLEEP, which waits",
		"SELECT benchmark(1e9,MD5('a')) AS id":     "calls BENCHMARK, which burns",
		"SELECT GET_LOCK('a',1) AS id":             "calls GET_LOCK, which takes locks",
		"SELECT * FROM orders FOR UPDATE":          "has FOR UPDATE, which locks rows",
		"SELECT * FROM orders LOCK IN SHARE MODE":  "has LOCK IN SHARE MODE",
		"SELECT /*!50000 SLEEP(1) */ id":           "has a comment that the server runs",
		"SELECT /*M! 1 */ id":                      "has a comment that the server runs",
		"SELECT NEXT VALUE FOR s AS id":            "has NEXT VALUE FOR, which changes a sequence",
		"SELECT * FROM orders WHERE id = ?":        "holds a ?, for which there is no value",
		"SELECT 'open":                             "has a ' without its other one",
		"SELECT /* open":                           "has a comment without end",
		"WITH a AS (SELECT 1) DELETE FROM orders":  "has DELETE, which writes",
		"SELECT * FROM":                            "You have an error in your SQL syntax",
		"SELEC * FROM orders":                      "begins with SELEC",
		"SELECT nope FROM orders":                  "Unknown column 'nope'",
		"SELECT * FROM nowhere":                    "doesn't exist",
		"SELECT state FROM orders":                 "the result has no column id, which tells its rows apart",
		"SELECT o.*, p.id FROM orders o, orders p": "Duplicate column name 'id'",
		"SELECT id, place FROM orders":             "column place of the result is a geometry: select ST_AsText(place) AS place",
		"SELECT id, flags AS f FROM orders":        "column f of the result is a BIT of unknown length: select f+0 AS f",
	} {
		rules := list(t, "orders", query)
		problems := check(t, s, rules)
		require.Contains(t, problems, says, query)
		require.Contains(t, problems, "rule 1 (orders): ", query)
		_, err := tryRead(t.Context(), s, rules)
		require.Error(t, err, query)
	}
	for rules, says := range map[string]string{
		`[{"tables":["gone"],"query":"SELECT 1 AS id"}]`:          "rule 1 (gone): database " + db.Name + " has no table gone that tributary may read; check the names and their case, or run: GRANT SELECT ON `" + db.Name + "`.* TO 'tributary'@'%';",
		`[{"tables":["bare"],"query":"SELECT a FROM bare"}]`:      "rule 1 (bare): bare has no key that tells its rows apart: name columns of the result in id_columns",
		`{"nowhere":{"orders":"SELECT * FROM orders"}}`:           "/nowhere/orders: the rule of nowhere.orders: database nowhere: Error 1049",
		`{"` + db.Name + `":{"a/b~":"SELECT 1 AS id"}}`:           "/" + db.Name + "/a~1b~0: the rule of " + db.Name + ".a/b~",
		`[{"tables":["orders"],"query":"SELECT writes() AS id"}]`: "",
	} {
		require.Contains(t, check(t, s, rules), says)
		_, err := tryRead(t.Context(), s, rules)
		require.Error(t, err, rules)
	}
	_, err := tryRead(t.Context(), s, `[{"tables":["orders"],"query":"SELECT writes() AS id FROM orders"}]`)
	require.ErrorContains(t, err, "READ ONLY transaction")
	require.Len(t, read(t, s, list(t, "orders", "SELECT id FROM orders")), 1, "nothing was deleted")
	_, err = tryRead(t.Context(), s, `[{"tables":["orders"],"query":"SELECT NULL AS id FROM orders"}]`)
	require.ErrorContains(t, err, "a row has no value in the columns that tell rows apart")
	_, err = tryRead(t.Context(), s, `[5]`)
	require.ErrorContains(t, err, "advanced rules")
	_, err = tryRead(t.Context(), s, `{"a":5}`)
	require.ErrorContains(t, err, "advanced rules are a list")
}

// TestTextsOfRules are queries that only look like what is refused.
func TestTextsOfRules(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE orders (id INT PRIMARY KEY, `into` INT, sleep INT, `for update` INT)", "INSERT INTO orders VALUES (1,2,3,4)")
	s, _ := open(t, db, nil)
	for _, query := range []string{
		"SELECT id, 'INTO; SLEEP(1) FOR UPDATE' AS t FROM orders", `SELECT id, "it\"s ; here" AS t FROM orders`, "SELECT id, `into`, sleep, `for update` FROM orders",
		"SELECT id /* ; INTO */ FROM orders # ; INTO", "SELECT id, REPLACE('a','b','c') AS r, INSERT('a',1,1,'b') AS i FROM orders", "(SELECT id FROM orders)", "SELECT id, 'it''s' AS t, @@version AS v FROM orders",
	} {
		rules := list(t, "orders", query)
		require.Empty(t, check(t, s, rules), query)
		require.Len(t, read(t, s, rules), 1, query)
	}
}

// list is one rule in the form of a list.
func list(t *testing.T, table, query string) string {
	t.Helper()
	raw, err := json.Marshal([]map[string]any{{"tables": []string{table}, "query": query}})
	require.NoError(t, err)
	return string(raw)
}

func TestRulesHaveATimeLimit(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE n (a INT PRIMARY KEY)", "INSERT INTO n SELECT seq FROM seq_1_to_3000")
	s, _ := open(t, db, map[string]any{"query_timeout": 1})
	_, err := tryRead(t.Context(), s, list(t, "n", "SELECT COUNT(*) AS a FROM n x, n y, n z"))
	require.ErrorContains(t, err, "rule 1 (n): Error 1969")
	require.ErrorContains(t, err, "make the query faster, or raise query_timeout")
}

// TestRulesAreStreamed reads more than memory should hold.
func TestRulesAreStreamed(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE n (a INT PRIMARY KEY)", "INSERT INTO n SELECT seq FROM seq_1_to_2000")
	s, _ := open(t, db, nil)
	n, size := 0, 0
	err := s.GetDocs(t.Context(), connector.Filter{AdvancedRules: json.RawMessage(list(t, "n", "SELECT a, REPEAT('x',20000) AS t FROM n"))}, func(d connector.Document) error {
		n, size = n+1, size+len(d.Fields())
		d.Release()
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2000, n)
	require.Greater(t, size, 40_000_000)
	require.Empty(t, check(t, s, "[]"))
	require.Contains(t, check(t, s, `{"x":{"y":"SELECT 1","z":"`+strings.Repeat("(", 3)+`"}}`), fmt.Sprintf("database %s", "x"))
}

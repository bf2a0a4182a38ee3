package postgresql_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

func shop(t testing.TB) *fixture.Database {
	t.Helper()
	db := fixture.NewDatabase(t)
	db.Own(t, `CREATE TABLE orders (id integer PRIMARY KEY, customer integer, total numeric(8,2), "Note" text)`,
		`CREATE TABLE customers (id integer PRIMARY KEY, name text)`, `CREATE TABLE log (line text)`, `CREATE TABLE "odd ""name""" (k integer PRIMARY KEY)`,
		`INSERT INTO orders SELECT i, i % 3, i * 1.5, 'n' FROM generate_series(1, 10) i`, `INSERT INTO customers VALUES (0, 'Ada'), (1, 'Bo'), (2, 'Cy')`,
		`INSERT INTO log VALUES ('a'), (NULL)`, `INSERT INTO "odd ""name""" VALUES (1)`, `CREATE SEQUENCE counter`)
	return db
}

// rule is one rule as JSON.
func rule(t testing.TB, query string, tables []string, ids ...string) string {
	t.Helper()
	r := map[string]any{"tables": tables, "query": query}
	if ids != nil {
		r["id_columns"] = ids
	}
	raw, err := json.Marshal([]any{r})
	require.NoError(t, err)
	return string(raw)
}

// check runs all checks of advanced rules.
func check(t testing.TB, s *postgresql.Source, rules string) connector.Problems {
	t.Helper()
	problems := postgresql.Kind().CheckRules(json.RawMessage(rules))
	for _, validate := range s.AdvancedRulesValidators() {
		problems = append(problems, validate(t.Context(), json.RawMessage(rules))...)
	}
	return problems
}

func TestRules(t *testing.T) {
	db := shop(t)
	for name, c := range map[string]struct {
		rule string
		ids  []string
		has  map[string]any // fields of the first
	}{
		"a key": {rule(t, "SELECT * FROM orders WHERE id < 3", []string{"orders"}), named(db, "orders_1", "orders_2"),
			map[string]any{"public_orders_id": 1.0, "public_orders_total": 1.5, "public_orders_note": "n", "table": []any{"orders"}}},
		"a semicolon and a comment": {rule(t, "SELECT * FROM orders WHERE id < 2 -- the first\n;", []string{"orders"}), named(db, "orders_1"), nil},
		"columns of its own":        {rule(t, "SELECT id, total * 2 AS double FROM orders WHERE id = 4", []string{"orders"}, "id"), named(db, "orders_4"), map[string]any{"public_orders_double": "12.00"}},
		"a join": {rule(t, "SELECT o.id, c.name, c.id AS who FROM orders o JOIN customers c ON c.id = o.customer WHERE o.id = 1", []string{"orders", "customers"}, "id", "who"),
			named(db, "customers_orders_1_1"), map[string]any{"public_customers_orders_name": "Bo", "table": []any{"orders", "customers"}}},
		"one column twice": {rule(t, "SELECT o.id, o.total, c.name, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE o.id = 1", []string{"orders"}), named(db, "orders_1"),
			map[string]any{"public_orders_name": "Bo", "public_orders_name_": "Bo"}},
		"a group":                 {rule(t, "SELECT customer, count(*) FROM orders GROUP BY customer HAVING customer > 0", []string{"orders"}, "customer"), named(db, "orders_1", "orders_2"), nil},
		"a union with a limit":    {rule(t, "(SELECT id FROM orders ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM orders ORDER BY id DESC LIMIT 1)", []string{"orders"}), named(db, "orders_1", "orders_10"), nil},
		"a common table":          {rule(t, "WITH big AS (SELECT * FROM orders WHERE total > 14) SELECT id FROM big", []string{"orders"}), named(db, "orders_10"), nil},
		"an id with a null":       {rule(t, "SELECT id, NULL::text AS part FROM orders WHERE id = 1", []string{"orders"}, "id", "part"), named(db, "orders_1_"), nil},
		"a table without a key":   {rule(t, "SELECT line FROM log WHERE line IS NOT NULL", []string{"log"}, "line"), named(db, "log_a"), nil},
		"a name with quotes":      {rule(t, `SELECT * FROM "odd ""name"""`, []string{`odd "name"`}), named(db, `odd "name"_1`), nil},
		"other schemas by name":   {rule(t, "SELECT oid AS id FROM pg_catalog.pg_class WHERE relname = 'pg_class'", []string{"orders"}, "id"), named(db, "orders_1259"), nil},
		"rows that are made up":   {rule(t, "VALUES (1), (2)", []string{"orders"}, "column1"), named(db, "orders_1", "orders_2"), nil},
		"a function that is pure": {rule(t, "SELECT id, upper('lo_ pg_sleep') AS u FROM orders WHERE id = 1", []string{"orders"}), named(db, "orders_1"), nil},
		"no rows":                 {rule(t, "SELECT * FROM orders WHERE false", []string{"orders"}), nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, db, nil)
			require.Empty(t, check(t, s, c.rule))
			x := read(t, s, c.rule)
			require.Equal(t, c.ids, x.ids())
			for field, want := range c.has {
				require.Equal(t, want, x.field(t, c.ids[0], field), field)
			}
		})
	}
}

// TestRefusedRules: what is wrong is found before a sync, and where it is.
func TestRefusedRules(t *testing.T) {
	t.Parallel()
	db := shop(t)
	db.Exec(t, "CREATE TABLE secret (k integer PRIMARY KEY)")
	for name, c := range map[string]struct {
		rule, pointer, want string
	}{
		"no such table":             {rule(t, "SELECT 1", []string{"orders", "oders"}), "/0/tables/1", "has no table oders"},
		"a syntax error":            {rule(t, "SELECT *\nFORM orders", []string{"orders"}), "/0/query", `syntax error at or near "FORM" (line 2, column 1 of the query)`},
		"no such column":            {rule(t, "SELECT id, 💧, nme FROM customers", []string{"customers"}), "/0/query", "column"},
		"the place behind emoji":    {rule(t, "SELECT '💧', nme FROM customers", []string{"customers"}), "/0/query", `column "nme" does not exist (line 1, column 13 of the query)`},
		"a table that may not":      {rule(t, "SELECT * FROM secret", []string{"secret"}), "/0/query", "permission denied for table secret; run: GRANT"},
		"two statements":            {rule(t, "SELECT id FROM orders; DELETE FROM orders", []string{"orders"}), "/0/query", "cannot insert multiple commands"},
		"an update":                 {rule(t, "UPDATE orders SET total = 0 RETURNING id", []string{"orders"}), "/0/query", "syntax error"},
		"a write in a common table": {rule(t, "WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone", []string{"orders"}), "/0/query", "must not contain data-modifying statements"},
		"select into":               {rule(t, "SELECT id INTO copy FROM orders", []string{"orders"}), "/0/query", "SELECT ... INTO is not allowed here"},
		"locks":                     {rule(t, "SELECT id FROM orders FOR UPDATE", []string{"orders"}), "/0/query", "cannot execute SELECT FOR UPDATE in a read-only transaction; rules may only read"},
		"copy":                      {rule(t, "COPY orders TO PROGRAM 'id'", []string{"orders"}), "/0/query", "syntax error"},
		"sleeping":                  {rule(t, "SELECT id, pg_sleep(100) FROM orders", []string{"orders"}), "/0/query", "function pg_sleep"},
		"sleeping in quotes":        {rule(t, `SELECT id, pg_catalog."pg_sleep" (100) FROM orders`, []string{"orders"}), "/0/query", "function pg_sleep"},
		"files":                     {rule(t, "SELECT pg_read_file('/etc/passwd') AS id", []string{"orders"}, "id"), "/0/query", "function pg_read_file"},
		"large objects":             {rule(t, "SELECT lo_create(0) AS id", []string{"orders"}, "id"), "/0/query", "function lo_create"},
		"other servers":             {rule(t, "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(id int)", []string{"orders"}), "/0/query", "function dblink"},
		"sequences":                 {rule(t, "SELECT nextval('counter') AS id", []string{"orders"}, "id"), "/0/query", "function nextval"},
		"settings":                  {rule(t, "SELECT set_config('transaction_read_only', 'off', false) AS id", []string{"orders"}, "id"), "/0/query", "function set_config"},
		"a parameter":               {rule(t, "SELECT id FROM orders WHERE id = $1", []string{"orders"}), "/0/query", "parameter"},
		"nothing":                   {rule(t, "  ", []string{"orders"}), "/0/query", "syntax error"},
		"no id in the result":       {rule(t, "SELECT total FROM orders", []string{"orders"}), "/0/query", "the result has no column id"},
		"no such id column":         {rule(t, "SELECT total FROM orders", []string{"orders"}, "nr"), "/0/id_columns", "the result has no column nr"},
		"an id column twice":        {rule(t, "SELECT o.id, c.id FROM orders o, customers c", []string{"orders"}), "/0/query", "two columns id"},
		"no key":                    {rule(t, "SELECT line FROM log", []string{"log"}), "/0/query", "no primary key"},
		"no columns":                {rule(t, "SELECT FROM orders", []string{"orders"}), "/0/query", "no SELECT"},
		"a member that is unknown":  {`[{"tables": ["orders"], "query": "SELECT 1", "id_column": ["id"]}]`, "/0", "id_column"},
		"an error while it is read": {rule(t, "SELECT id, 1 / (id - 5) FROM orders", []string{"orders"}), "", "division by zero"},
		"an id without any value":   {rule(t, "SELECT line FROM log", []string{"log"}, "line"), "", "a row has no value in line"},
		"a function that writes":    {rule(t, "SELECT id, writes() FROM orders", []string{"orders"}), "", "read-only transaction"},
		"sleeping by a detour":      {rule(t, "SELECT id, sleeps() FROM orders", []string{"orders"}), "", "ran longer than 1 s; make it faster, or raise query_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			db.Own(t, "CREATE OR REPLACE FUNCTION writes() RETURNS void LANGUAGE sql AS 'DELETE FROM orders'",
				"CREATE OR REPLACE FUNCTION sleeps() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); END'")
			s, _ := open(t, db, values{"query_timeout": 1, "fetch_size": 2})
			problems := check(t, s, c.rule)
			if c.pointer != "" {
				require.NotEmpty(t, problems)
				require.Contains(t, problems[0].Pointer, c.pointer)
				require.Contains(t, problems.Error(), c.want)
			} else {
				require.Empty(t, problems)
			}
			if strings.HasPrefix(c.pointer, "/0/") || c.pointer == "" { // a job refuses them as well
				_, err := tryRead(t.Context(), s, c.rule)
				require.ErrorContains(t, err, c.want)
			}
			require.Equal(t, [][]string{{"10"}}, db.Query(t, "SELECT count(*) FROM orders"))
			require.Equal(t, [][]string{{"0"}}, db.Query(t, "SELECT count(*) FROM pg_largeobject_metadata"))
		})
	}
}

// TestAllProblems: every rule is looked at.
func TestAllProblems(t *testing.T) {
	db := shop(t)
	s, _ := open(t, db, nil)
	problems := check(t, s, `[{"tables": ["orders"], "query": "SELEKT"}, {"tables": ["orders"], "query": "SELECT * FROM orders"},
		{"tables": ["nope"], "query": "SELECT 1"}, {"tables": ["orders"], "query": "SELECT 1 AS x", "id_columns": ["y"]}, {"tables": ["orders"], "query": "SELECT id FROM orders"}]`)
	var pointers []string
	for _, p := range problems {
		pointers = append(pointers, p.Pointer)
	}
	require.Equal(t, []string{"/0/query", "/2/tables/0", "/3/id_columns"}, pointers)
	require.Empty(t, check(t, s, `[]`))
}

// TestRulesCanNotBeChecked: when the server can't be asked, that is said.
func TestRulesCanNotBeChecked(t *testing.T) {
	db := shop(t)
	s, _ := open(t, db, values{"password": "wrong"})
	problems := check(t, s, rule(t, "SELECT * FROM orders", []string{"orders"}))
	require.Len(t, problems, 1)
	require.Contains(t, problems.Error(), "password authentication failed")
	s, _ = open(t, db, values{"schema": "nope"})
	problems = check(t, s, rule(t, "SELECT * FROM orders", []string{"orders"}))
	require.Equal(t, "/schema", problems[0].Pointer)
	_, err := tryRead(t.Context(), s, rule(t, "SELECT * FROM orders", []string{"orders"}))
	require.ErrorContains(t, err, "has no schema nope")
}

// TestASlowIndexIsNotASlowQuery: the time limit is for the server.
func TestASlowIndexIsNotASlowQuery(t *testing.T) {
	db := shop(t)
	s, _ := open(t, db, values{"query_timeout": 1, "fetch_size": 2})
	err := s.GetDocs(t.Context(), connector.Filter{AdvancedRules: json.RawMessage(rule(t, "SELECT * FROM orders", []string{"orders"}))}, func(d connector.Document) error {
		d.Release()
		time.Sleep(150 * time.Millisecond)
		return nil
	})
	require.NoError(t, err)
}

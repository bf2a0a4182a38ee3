package postgresql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// role makes a user with a password, who may connect and nothing else.
func role(t testing.TB, db *fixture.Database, name, more string) values {
	t.Helper()
	db.Exec(t, fmt.Sprintf(`CREATE ROLE %q LOGIN PASSWORD 'x' %s`, name, more))
	t.Cleanup(func() {
		db.Exec(t, fmt.Sprintf(`REASSIGN OWNED BY %q TO postgres; DROP OWNED BY %q; DROP ROLE %q`, name, name, name))
	})
	return values{"username": name, "password": "x"}
}

// TestOddNames: tables and columns may have any name.
func TestOddNames(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	for _, name := range []string{`"`, `'`, "`", `a.b`, `a..b`, "💧", `a b`, ` `, `\`, `%s`, `$1`, `select`, `*`, `a?b`, `x'; DROP TABLE y; --`, `Ä`, strings.Repeat("n", 63)} {
		t.Run(name, func(t *testing.T) {
			quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			db.Own(t, "CREATE TABLE "+quoted+" (k integer PRIMARY KEY, "+quoted+" text)", "INSERT INTO "+quoted+" VALUES (1, 'v')")
			defer db.Own(t, "DROP TABLE "+quoted)
			s, _ := open(t, db, replicated(values{"tables": []string{name}}))
			at := position(t, s)
			x := read(t, s, "")
			require.Equal(t, named(db, name+"_1"), x.ids())
			field := strings.ToLower(strings.ReplaceAll("public_"+name+"_"+name, ".", "_"))
			require.Equal(t, "v", x.field(t, x.ids()[0], field))
			require.NoError(t, s.ValidateConfig(t.Context()))
			db.Own(t, "UPDATE "+quoted+" SET "+quoted+" = 'w'", "INSERT INTO "+quoted+" VALUES (2, 'x')")
			follow(t, s, at, x)
			same(t, db, values{"tables": []string{name}}, x)
			rule := rule(t, "SELECT * FROM "+quoted, []string{name})
			require.Empty(t, check(t, s, rule))
			require.Equal(t, named(db, name+"_1", name+"_2"), read(t, s, rule).ids())
			s, _ = open(t, db, nil) // without the slot
			position(t, s)
		})
	}
}

// TestReservedColumns: names that the runtime or Elasticsearch keeps for itself,
// and names that are alike in lower case.
func TestReservedColumns(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, `CREATE TABLE t (id integer PRIMARY KEY, _id text, _timestamp text, "database" text, "table" text, "Name" text, "NAME" text, name text, "a.b" text, a text, "a_b" text)`,
		`INSERT INTO t VALUES (1, 'i', 't', 'd', 'tb', 'N1', 'N2', 'n3', 'ab', 'a', 'a_b')`)
	s, _ := open(t, db, nil)
	var doc connector.Document
	require.NoError(t, s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		doc = d
		return nil
	}))
	require.Empty(t, doc.Renamed())
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte("{"+string(doc.Fields())+"}"), &fields))
	require.Equal(t, values{
		"public_t_id": 1.0, "public_t__id": "i", "public_t__timestamp": "t", "public_t_database": "d", "public_t_table": "tb",
		"public_t_name": "N1", "public_t_name_": "N2", "public_t_name__": "n3", "public_t_a_b": "ab", "public_t_a": "a", "public_t_a_b_": "a_b",
		"database": db.Name, "schema": "public", "table": "t",
	}, values(fields))
	types, err := s.Fields(t.Context())
	require.NoError(t, err)
	for name := range fields {
		require.Contains(t, types, name)
	}
}

// TestIDsOfSeveralTables: rows of different tables never share an id.
func TestIDsOfSeveralTables(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE a (k text PRIMARY KEY)", "CREATE TABLE a_b (k text PRIMARY KEY)", "INSERT INTO a VALUES ('b_1'), ('c_1')", "INSERT INTO a_b VALUES ('1')")
	s, _ := open(t, db, nil)
	require.Equal(t, named(db, "a%5Fb_1", "a_c_1", "a_b_1"), read(t, s, "").ids())
}

func TestAThousandTables(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Own(t, "DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t%s (k integer PRIMARY KEY, v text); INSERT INTO t%s VALUES (1, %L)', i, i, 'x'); END LOOP; END $$")
	s, _ := open(t, db, replicated())
	at := position(t, s)
	require.Less(t, len(at), connector.MaxCursor)
	x := read(t, s, "")
	require.Len(t, x, 1000)
	types, err := s.Fields(t.Context())
	require.NoError(t, err)
	require.Len(t, types, 2003)
	db.Own(t, "UPDATE t999 SET v = 'y'", "DELETE FROM t5")
	follow(t, s, at, x)
	same(t, db, nil, x)
}

func TestAnEmptyDatabase(t *testing.T) {
	db := fixture.NewDatabase(t)
	s, _ := open(t, db, replicated())
	require.NoError(t, s.ValidateConfig(t.Context()))
	at := position(t, s)
	require.Empty(t, read(t, s, ""))
	require.Empty(t, changesSince(t, s, at))
	types, err := s.Fields(t.Context())
	require.NoError(t, err)
	require.Empty(t, types)
	changed, err := s.Changed(t.Context(), at)
	require.NoError(t, err)
	require.True(t, changed || !changed)
}

// TestALargeRow reads a row of 15 MB, and follows its changes.
func TestALargeRow(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, v text, large text, raw bytea)", "INSERT INTO t VALUES (1, 'old', repeat('water ', 2500000), decode(repeat('00ff', 1000000), 'hex'))")
	s, _ := open(t, db, replicated())
	at := position(t, s)
	x := read(t, s, "")
	require.Len(t, x.field(t, db.Name+"_public_t_1", "public_t_large"), 15000000)
	db.Own(t, "UPDATE t SET v = 'new'", "INSERT INTO t SELECT 2, v, large, raw FROM t")
	follow(t, s, at, x)
	require.Equal(t, "new", x.field(t, db.Name+"_public_t_1", "public_t_v"))
	same(t, db, nil, x)
}

// TestALostPrivilege: the other tables are read, but the sync fails and says
// which statement is needed.
func TestALostPrivilege(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE a (k integer PRIMARY KEY)", `CREATE TABLE "b ""x""" (k integer PRIMARY KEY)`, "CREATE TABLE c (k integer PRIMARY KEY)", "INSERT INTO a VALUES (1)", "INSERT INTO c VALUES (1)")
	user := role(t, db, "reader", "")
	db.Exec(t, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`)
	s, _ := open(t, db, user)
	require.NoError(t, s.ValidateConfig(t.Context()))
	require.Len(t, read(t, s, ""), 2)
	db.Exec(t, `REVOKE SELECT ON "b ""x""" FROM reader`)
	x, err := tryRead(t.Context(), s, "")
	require.Len(t, x, 2)
	require.ErrorContains(t, err, `table b "x" may not be read by reader; run: GRANT SELECT ON "public"."b ""x""" TO "reader";`)
	err = s.ValidateConfig(t.Context())
	require.ErrorContains(t, err, `reader may not read b "x"; run: GRANT SELECT ON "public"."b ""x""" TO "reader";`)
	db.Exec(t, `REVOKE ALL ON a FROM reader`)
	require.ErrorContains(t, s.ValidateConfig(t.Context()), `run: GRANT USAGE ON SCHEMA "public" TO "reader"; GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "reader";`)
	db.Exec(t, "CREATE SCHEMA closed")
	s, _ = open(t, db, values{"username": "reader", "password": "x", "schema": "closed"})
	require.ErrorContains(t, s.ValidateConfig(t.Context()), "reader may not use the schema closed; run: GRANT USAGE")
}

// TestUndecodableText: a database that takes any bytes for text.
func TestUndecodableText(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE DATABASE "+db.Name+"_ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' OWNER "+fixture.User)
	ascii := &fixture.Database{Server: db.Server, Name: db.Name + "_ascii"}
	t.Cleanup(func() { db.Exec(t, "DROP DATABASE "+ascii.Name+" WITH (FORCE)") })
	ascii.Exec(t, "ALTER SCHEMA public OWNER TO "+fixture.User)
	ascii.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, v text)", `INSERT INTO t VALUES (1, E'a\xff')`)
	t.Cleanup(func() {
		ascii.Exec(t, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()")
	})
	s, _ := open(t, ascii, replicated())
	at := position(t, s)
	x := read(t, s, "")
	require.Equal(t, "a\ufffd", x.field(t, ascii.Name+"_public_t_1", "public_t_v"))
	ascii.Own(t, `INSERT INTO t VALUES (2, E'\xfe\xff'), (3, 'ä')`)
	follow(t, s, at, x)
	require.Equal(t, "\ufffd\ufffd", x.field(t, ascii.Name+"_public_t_2", "public_t_v"))
	require.Equal(t, "ä", x.field(t, ascii.Name+"_public_t_3", "public_t_v"))
}

// TestUnknownTables and schemas are named.
func TestUnknownTables(t *testing.T) {
	db := fixture.NewDatabase(t)
	for want, more := range map[string]values{
		"schema public has no table nope, no*": {"tables": []string{"*", "nope", "no*"}},
		"has no schema nope":                   {"schema": "nope"},
	} {
		s, _ := open(t, db, more)
		require.ErrorContains(t, s.ValidateConfig(t.Context()), want)
		_, err := tryRead(t.Context(), s, "")
		require.ErrorContains(t, err, want)
		_, err = s.Position(t.Context())
		require.ErrorContains(t, err, want)
		_, err = s.Fields(t.Context())
		require.ErrorContains(t, err, want)
		changed, err := s.Changed(t.Context(), []byte(`{"postgresql":1}`))
		require.ErrorContains(t, err, want)
		require.True(t, changed)
		_, err = s.Changes(t.Context(), []byte(`{"postgresql":1}`), connector.Filter{}, nil)
		require.ErrorContains(t, err, want)
	}
}

// TestKindIsComplete: what stored connectors hold is read.
func TestKindIsComplete(t *testing.T) {
	require.Empty(t, postgresql.Kind().CheckConfig([]byte(`{"host":{"value":"h"},"port":{"value":"5432"},"username":{"value":"u"},"password":{"value":"p"},
		"database":{"value":"d"},"schema":{"value":"s"},"tables":{"value":"*"},"fetch_size":{"value":"50"},"retry_count":{"value":""},"ssl_enabled":{"value":false},"ssl_ca":{"value":""}}`)))
}

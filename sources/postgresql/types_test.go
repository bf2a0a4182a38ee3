package postgresql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// typeCase is a value of a type, and what becomes of it.
type typeCase struct {
	sqlType, value, json string
	field                connector.FieldType
}

// typeCases has every built-in type, and those that are made of them.
var typeCases = []typeCase{
	{"boolean", "true", `true`, connector.Boolean},
	{"boolean", "false", `false`, connector.Boolean},
	{"smallint", "-32768", `-32768`, connector.Long},
	{"integer", "2147483647", `2147483647`, connector.Long},
	{"bigint", "-9223372036854775808", `-9223372036854775808`, connector.Long},
	{"oid", "4294967295", `4294967295`, connector.Long},
	{"xid", "'4294967295'", `4294967295`, connector.Long},
	{"cid", "'7'", `7`, connector.Long},
	{"xid8", "'18446744073709551615'", `"18446744073709551615"`, connector.Keyword},
	{"real", "0.1", `0.1`, connector.Double},
	{"double precision", "0.1", `0.1`, connector.Double},
	{"double precision", "1e300", `1e+300`, connector.Double},
	{"double precision", "5e-324", `5e-324`, connector.Double},
	{"double precision", "'-0'", `-0`, connector.Double},
	{"double precision", "'NaN'", `null`, connector.Double},
	{"double precision", "'Infinity'", `null`, connector.Double},
	{"real", "'-Infinity'", `null`, connector.Double},
	{"numeric", "123456789012345678901234567890.123456789", `"123456789012345678901234567890.123456789"`, connector.Keyword},
	{"numeric", "'NaN'", `null`, connector.Keyword},
	{"numeric", "'Infinity'", `null`, connector.Keyword},
	{"numeric(15,2)", "1234567890123.45", `1234567890123.45`, connector.Double},
	{"numeric(16,2)", "12345678901234.56", `"12345678901234.56"`, connector.Keyword},
	{"numeric(10,2)", "-0.5", `-0.50`, connector.Double},
	{"numeric(10,2)", "'NaN'", `null`, connector.Double},
	{"numeric(5,-3)", "12345678", `12346000`, connector.Double},
	{"numeric(15,-3)", "123456789012345678", `"123456789012346000"`, connector.Keyword},
	{"numeric(3,6)", "0.000123", `0.000123`, connector.Double},
	{"money", "'-1234567.89'", `"-1234567.89"`, connector.Keyword},
	{"money", "'0.05'", `"0.05"`, connector.Keyword},
	{"text", `E'a "quoted" \\ text\nwith ä and 💧'`, `"a \"quoted\" \\ text\nwith ä and 💧"`, connector.Text},
	{"text", "''", `""`, connector.Text},
	{"text", "null", `null`, connector.Text},
	{"varchar(10)", "'abc'", `"abc"`, connector.Text},
	{"char(5)", "'abc'", `"abc  "`, connector.Text},
	{`"char"`, "'x'", `"x"`, connector.Text},
	{"name", "'pg'", `"pg"`, connector.Text},
	{"citext", "'Abc'", `"Abc"`, connector.Text},
	{"bytea", `'\x00ff10'`, `"AP8Q"`, connector.Binary},
	{"bytea", `''`, `""`, connector.Binary},
	{"date", "'2026-02-28'", `"2026-02-28"`, connector.Date},
	{"date", "'0044-03-15 BC'", `null`, connector.Date},
	{"date", "'infinity'", `null`, connector.Date},
	{"date", "'-infinity'", `null`, connector.Date},
	{"date", "'10000-01-01'", `null`, connector.Date},
	{"date", "'0001-01-01'", `"0001-01-01"`, connector.Date},
	{"timestamp", "'2026-02-28 23:59:59.999999'", `"2026-02-28T23:59:59.999999"`, connector.Date},
	{"timestamp", "'2026-02-28'", `"2026-02-28T00:00:00"`, connector.Date},
	{"timestamp", "'0044-03-15 10:00:00 BC'", `null`, connector.Date},
	{"timestamp", "'-infinity'", `null`, connector.Date},
	{"timestamptz", "'2026-02-28 12:00:00+02'", `"2026-02-28T10:00:00Z"`, connector.Date},
	{"timestamptz", "'2026-02-28 12:00:00.5 Europe/Berlin'", `"2026-02-28T11:00:00.5Z"`, connector.Date},
	{"timestamptz", "'infinity'", `null`, connector.Date},
	{"timestamptz", "'12026-02-28 12:00:00+00'", `null`, connector.Date},
	{"time", "'24:00:00'", `"24:00:00"`, connector.Keyword},
	{"time", "'12:30:00.25'", `"12:30:00.25"`, connector.Keyword},
	{"timetz", "'12:30:00+05:30'", `"12:30:00+05:30"`, connector.Keyword},
	{"interval", "'1 year 2 months -3 days 04:05:06.7'", `"P1Y2M-3DT4H5M6.7S"`, connector.Keyword},
	{"interval", "'0'", `"PT0S"`, connector.Keyword},
	{"uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, connector.Keyword},
	{"inet", "'192.168.0.1/24'", `"192.168.0.1/24"`, connector.Keyword},
	{"inet", "'::1'", `"::1"`, connector.Keyword},
	{"cidr", "'10.0.0.0/8'", `"10.0.0.0/8"`, connector.Keyword},
	{"macaddr", "'08-00-2b-01-02-03'", `"08:00:2b:01:02:03"`, connector.Keyword},
	{"macaddr8", "'08:00:2b:01:02:03:04:05'", `"08:00:2b:01:02:03:04:05"`, connector.Keyword},
	{"bit(4)", "B'1010'", `"1010"`, connector.Text},
	{"bit varying", "B'10'", `"10"`, connector.Text},
	{"json", `'{"a":  [1, null], "b": "x"}'`, `"{\"a\":  [1, null], \"b\": \"x\"}"`, connector.Text},
	{"jsonb", `'{"b": 1, "a": {"c": true}}'`, `"{\"a\": {\"c\": true}, \"b\": 1}"`, connector.Text},
	{"jsonpath", `'$.a'`, `"$.\"a\""`, connector.Text},
	{"xml", "'<a>1</a>'", `"<a>1</a>"`, connector.Text},
	{"hstore", `'a=>1, b=>NULL'`, `"\"a\"=>\"1\", \"b\"=>NULL"`, connector.Text},
	{"tsvector", "'fat:2 cat:3'", `"'cat':3 'fat':2"`, connector.Text},
	{"tsquery", "'fat & cat'", `"'fat' & 'cat'"`, connector.Text},
	{"point", "'(1,2.5)'", `"(1,2.5)"`, connector.Text},
	{"line", "'{1,2,3}'", `"{1,2,3}"`, connector.Text},
	{"lseg", "'[(0,0),(1,1)]'", `"[(0,0),(1,1)]"`, connector.Text},
	{"box", "'(1,1),(0,0)'", `"(1,1),(0,0)"`, connector.Text},
	{"path", "'((0,0),(1,1))'", `"((0,0),(1,1))"`, connector.Text},
	{"polygon", "'((0,0),(1,1),(1,0))'", `"((0,0),(1,1),(1,0))"`, connector.Text},
	{"circle", "'<(1,2),3>'", `"<(1,2),3>"`, connector.Text},
	{"pg_lsn", "'16/B374D848'", `"16/B374D848"`, connector.Keyword},
	{"tid", "'(1,2)'", `"(1,2)"`, connector.Keyword},
	{"pg_snapshot", "'10:20:10,14'", `"10:20:10,14"`, connector.Text},
	{"regclass", "'pg_class'", `"pg_class"`, connector.Text},
	{"mood", "'so so'", `"so so"`, connector.Keyword},
	{"positive", "7", `7`, connector.Long},
	{"amount", "1.5", `1.50`, connector.Double},
	{"tags", `'{a,"b c"}'`, `["a","b c"]`, connector.Text},
	{"place", `ROW('a "b", (c)', 1.50, '{1,2}', NULL, '2026-01-01 00:00:00+00')`, `{"na me":"a \"b\", (c)","price":1.50,"list":[1,2],"none":null,"at":"2026-01-01T00:00:00Z"}`, ""},
	{"place", `ROW('', NULL, '{}', '\"', NULL)`, `{"na me":"","price":null,"list":[],"none":"\\\"","at":null}`, ""},
	{"integer[]", "'{1,NULL,3}'", `[1,null,3]`, connector.Long},
	{"integer[]", "'{}'", `[]`, connector.Long},
	{"integer[]", "'[0:1]={1,2}'", `[1,2]`, connector.Long},
	{"integer[]", "'{{1,2},{3,4}}'", `[[1,2],[3,4]]`, connector.Long},
	{"text[]", `ARRAY['NULL', NULL, '', 'a"b\c', 'd,e', '{f}']`, `["NULL",null,"","a\"b\\c","d,e","{f}"]`, connector.Text},
	{"numeric(10,1)[]", "'{1.5,NaN}'", `[1.5,null]`, connector.Double},
	{"timestamptz[]", "ARRAY['2026-01-01 00:00:00+00'::timestamptz]", `["2026-01-01T00:00:00Z"]`, connector.Date},
	{"bytea[]", `ARRAY['\x00ff'::bytea]`, `["AP8="]`, connector.Binary},
	{"box[]", `'{(1,1),(0,0);(2,2),(1,1)}'`, `["(1,1),(0,0)","(2,2),(1,1)"]`, connector.Text},
	{"mood[]", `'{sad,"so so"}'`, `["sad","so so"]`, connector.Keyword},
	{"place[]", `ARRAY[ROW('a',1,NULL,NULL,NULL)::place]`, `[{"na me":"a","price":1.00,"list":null,"none":null,"at":null}]`, ""},
	{"int4range", "'[1,5)'", `{"gte":1,"lt":5}`, ""},
	{"int8range", "'(,5]'", `{"lt":6}`, ""},
	{"numrange", "'(1.5,2.5]'", `{"gt":"1.5","lte":"2.5"}`, ""},
	{"tsrange", "'[2026-01-01,2026-01-02 12:00)'", `{"gte":"2026-01-01T00:00:00","lt":"2026-01-02T12:00:00"}`, ""},
	{"tstzrange", "'[2026-01-01 00:00:00+00,infinity)'", `{"gte":"2026-01-01T00:00:00Z","lt":null}`, ""},
	{"daterange", "'empty'", `null`, ""},
	{"daterange", "'(,)'", `{}`, ""},
	{"textrange", `'["a,b","c\"d")'`, `{"gte":"a,b","lt":"c\"d"}`, ""},
	{"int4range[]", `'{"[1,2)","(,3)"}'`, `[{"gte":1,"lt":2},{"lt":3}]`, ""},
	{"int4multirange", "'{[1,3),[5,7)}'", `[{"gte":1,"lt":3},{"gte":5,"lt":7}]`, ""},
	{"int4multirange", "'{}'", `[]`, ""},
	{"datemultirange", "'{[2026-01-01,2026-01-05)}'", `[{"gte":"2026-01-01","lt":"2026-01-05"}]`, ""},
}

const typeDefinitions = `CREATE EXTENSION citext; CREATE EXTENSION hstore;
	CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy');
	CREATE DOMAIN positive AS integer CHECK (value > 0);
	CREATE DOMAIN amount AS numeric(10,2);
	CREATE DOMAIN tags AS text[];
	CREATE TYPE textrange AS RANGE (subtype = text);
	CREATE TYPE place AS ("na me" text, price numeric(10,2), list integer[], none text, at timestamptz)`

// TestTypes reads a value of each type twice: in a full sync, and as a row that
// was inserted later by logical replication.
func TestTypes(t *testing.T) {
	db := fixture.NewDatabase(t)
	var columns, row []string
	for i, c := range typeCases {
		columns = append(columns, fmt.Sprintf("c%d %s", i, c.sqlType))
		row = append(row, c.value)
	}
	db.Exec(t, typeDefinitions, "CREATE TABLE t (k integer PRIMARY KEY, "+strings.Join(columns, ", ")+")", "ALTER TABLE t OWNER TO "+fixture.User)
	db.Exec(t, "INSERT INTO t VALUES (1, "+strings.Join(row, ", ")+")")
	s, logged := open(t, db, replicated())
	types, err := s.Fields(t.Context())
	require.NoError(t, err)
	at := position(t, s)
	x := read(t, s, "")
	require.Contains(t, logged.String(), "are null")
	db.Exec(t, "INSERT INTO t VALUES (2, "+strings.Join(row, ", ")+")")
	follow(t, s, at, x)
	for i, c := range typeCases {
		field := fmt.Sprintf("public_t_c%d", i)
		for _, id := range []string{db.Name + "_public_t_1", db.Name + "_public_t_2"} {
			require.Equal(t, c.json, raw(t, x, id, field), "%s %s of %s", c.sqlType, c.value, id)
		}
		require.Equal(t, c.field, types[field], c.sqlType)
	}
}

// TestMoney reads amounts where the server writes them otherwise.
func TestMoney(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, v money)", "INSERT INTO t VALUES (1, 1234.5), (2, -0.5), (3, 0)")
	s, _ := open(t, db, nil)
	x := read(t, s, "")
	for k, want := range map[string]string{"1": "1234.50", "2": "-0.50", "3": "0.00"} {
		require.Equal(t, want, x.field(t, db.Name+"_public_t_"+k, "public_t_v"))
	}
}

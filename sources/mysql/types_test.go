package mysql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// typeCase is a column, values in SQL and what they become.
type typeCase struct {
	column string
	values map[string]string // SQL to JSON
	field  connector.FieldType
}

func typeCases() map[string]typeCase {
	base64 := `"` + strings.Repeat("eHh4", 100) + `"` // 300 x
	return map[string]typeCase{
		"tinyint":    {"TINYINT", map[string]string{"-128": "-128", "1": "1"}, connector.Long},
		"smallint":   {"SMALLINT UNSIGNED", map[string]string{"65535": "65535"}, connector.Long},
		"mediumint":  {"MEDIUMINT", map[string]string{"-8388608": "-8388608"}, connector.Long},
		"int":        {"INT UNSIGNED ZEROFILL", map[string]string{"4294967295": "4294967295", "7": "7"}, connector.Long},
		"bigint":     {"BIGINT", map[string]string{"-9223372036854775808": "-9223372036854775808", "9007199254740993": "9007199254740993"}, connector.Long},
		"ubigint":    {"BIGINT UNSIGNED", map[string]string{"18446744073709551615": `"18446744073709551615"`, "0": `"0"`}, connector.Keyword},
		"decimal":    {"DECIMAL(15,4)", map[string]string{"-0.5": "-0.5000", "12345678901.2345": "12345678901.2345"}, connector.Double},
		"zerofill":   {"DECIMAL(6,2) ZEROFILL", map[string]string{"1.5": "1.50", "0": "0.00"}, connector.Double},
		"bigdecimal": {"DECIMAL(40,20)", map[string]string{"12345678901234567890.12345678901234567891": `"12345678901234567890.12345678901234567891"`}, connector.Keyword},
		"float":      {"FLOAT", map[string]string{"0.1": "0.1", "16777217": "16777216", "3.4028235e38": "3.4028235e+38", "1e-7": "1e-07"}, connector.Double},
		"double":     {"DOUBLE", map[string]string{"0.1": "0.1", "9007199254740993": "9007199254740992", "1.7976931348623157e308": "1.7976931348623157e+308", "-1e20": "-100000000000000000000"}, connector.Double},
		"bit1":       {"BIT(1)", map[string]string{"1": "true", "0": "false"}, connector.Boolean},
		"bit":        {"BIT(10)", map[string]string{"5": `"0000000101"`, "1023": `"1111111111"`}, connector.Keyword},
		"year":       {"YEAR", map[string]string{"2026": "2026", "0": "null"}, connector.Long},
		"date": {"DATE", map[string]string{"'2026-01-31'": `"2026-01-31"`, "'0000-00-00'": "null", "'2026-00-00'": "null", "'2024-02-29'": `"2024-02-29"`,
			"'2026-02-31'": "null", "'9999-12-31'": `"9999-12-31"`}, connector.Date},
		"datetime":  {"DATETIME(3)", map[string]string{"'2026-01-31 23:59:59.5'": `"2026-01-31T23:59:59.500"`, "'0000-00-00'": "null"}, connector.Date},
		"timestamp": {"TIMESTAMP NULL", map[string]string{"'2026-01-31 23:59:59'": `"2026-01-31T23:59:59Z"`, "0": "null"}, connector.Date},
		"time":      {"TIME(1)", map[string]string{"'-838:59:59'": `"-838:59:59.0"`, "'12:00:00.5'": `"12:00:00.5"`}, connector.Keyword},
		"char":      {"CHAR(20)", map[string]string{"'a  '": `"a"`, "''": `""`}, connector.Text},
		"varchar":   {"VARCHAR(50)", map[string]string{`'quote " and \\ and ☃ and 🙂'`: `"quote \" and \\ and ☃ and 🙂"`, "'line\\nnext'": `"line\nnext"`}, connector.Text},
		"latin1":    {"VARCHAR(50) CHARACTER SET latin1", map[string]string{"'Ärger €'": `"Ärger €"`}, connector.Text},
		"sjis":      {"TEXT CHARACTER SET sjis", map[string]string{"'水'": `"水"`}, connector.Text},
		"longtext":  {"LONGTEXT", map[string]string{"REPEAT('x',300)": `"` + strings.Repeat("x", 300) + `"`}, connector.Text},
		"json":      {"JSON", map[string]string{`'{"a": [1, null]}'`: `"{\"a\": [1, null]}"`}, connector.Text},
		"enum":      {"ENUM('one','it''s','a,b')", map[string]string{"'it''s'": `"it's"`, "'a,b'": `"a,b"`}, connector.Keyword},
		"set":       {"SET('one','two','three')", map[string]string{"'three,one'": `["one","three"]`, "''": "[]"}, connector.Keyword},
		"binary":    {"BINARY(4)", map[string]string{"X'00FF'": `"AP8AAA=="`}, connector.Keyword},
		"varbinary": {"VARBINARY(255)", map[string]string{"X'00FF'": `"AP8="`, "''": `""`}, connector.Keyword},
		"longbin":   {"VARBINARY(300)", map[string]string{"REPEAT('x',300)": base64}, connector.Binary},
		"tinyblob":  {"TINYBLOB", map[string]string{"X'00FF'": `"AP8="`}, connector.Binary},
		"blob":      {"BLOB", map[string]string{"REPEAT('x',300)": base64}, connector.Binary},
		"longblob":  {"LONGBLOB", map[string]string{"X''": `""`}, connector.Binary},
		"point":     {"POINT", map[string]string{"ST_GeomFromText('POINT(1 -2.5)')": `"POINT(1 -2.5)"`}, connector.Text},
		"geometry":  {"GEOMETRY", map[string]string{"ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')": `"POLYGON((0 0,1 0,1 1,0 0))"`}, connector.Text},
		"uuid":      {"UUID", map[string]string{"'123E4567-e89b-12d3-a456-426614174000'": `"123e4567-e89b-12d3-a456-426614174000"`}, connector.Keyword},
		"inet6":     {"INET6", map[string]string{"'2001:DB8::1'": `"2001:db8::1"`}, connector.Keyword},
		"inet4":     {"INET4", map[string]string{"'192.0.2.1'": `"192.0.2.1"`}, connector.Keyword},
		"virtual":   {"INT AS (k*2) VIRTUAL", map[string]string{"DEFAULT": "2"}, connector.Long},
	}
}

func TestTypes(t *testing.T) {
	db := fixture.NewDatabase(t)
	for name, c := range typeCases() {
		t.Run(name, func(t *testing.T) {
			db.Exec(t, "CREATE TABLE "+name+"_t (k INT PRIMARY KEY AUTO_INCREMENT, v "+c.column+")")
			s, l := open(t, db, map[string]any{"tables": []string{name + "_t"}})
			fields, err := s.Fields(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.field, fields["v"])
			for sql, want := range c.values {
				db.Exec(t, "SET SESSION sql_mode='ALLOW_INVALID_DATES', time_zone='+00:00'; DELETE FROM "+name+"_t; ALTER TABLE "+name+"_t AUTO_INCREMENT=1; INSERT INTO "+name+"_t (v) VALUES ("+sql+")")
				var got string
				require.NoError(t, s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
					got = string(d.Fields())
					return nil
				}))
				require.Equal(t, fmt.Sprintf(`"Table":"%s_t","k":1,"v":%s`, name, want), got, sql)
				if want == "null" {
					require.Contains(t, l.String(), "dates that no calendar has")
				}
			}
			if c.column[:3] != "INT" || name == "int" {
				db.Exec(t, "DELETE FROM "+name+"_t; INSERT INTO "+name+"_t VALUES (9,NULL)")
				require.Nil(t, read(t, s, "")[name+"_t_9"]["v"])
			}
		})
	}
	db.Exec(t, "DROP TABLE virtual_t")
}

// TestTypesOfRules reads every type by a rule: the values are the same.
func TestTypesOfRules(t *testing.T) {
	db := fixture.NewDatabase(t)
	for name, c := range typeCases() {
		if name == "point" || name == "geometry" || name == "float" {
			continue // what a rule has to do itself
		}
		t.Run(name, func(t *testing.T) {
			db.Exec(t, "CREATE TABLE "+name+"_t (k INT PRIMARY KEY AUTO_INCREMENT, v "+c.column+")")
			for sql := range c.values {
				db.Exec(t, "SET SESSION sql_mode='ALLOW_INVALID_DATES', time_zone='+00:00'; INSERT INTO "+name+"_t (v) VALUES ("+sql+")")
			}
			s, _ := open(t, db, map[string]any{"tables": []string{name + "_t"}})
			rules := fmt.Sprintf(`[{"tables":["%s_t"],"query":"SELECT * FROM %s_t"}]`, name, name)
			require.Empty(t, check(t, s, rules))
			require.Equal(t, read(t, s, ""), read(t, s, rules))
		})
	}
}

// check returns the problems of advanced rules.
func check(t *testing.T, s connector.AdvancedRulesValidators, rules string) string {
	t.Helper()
	var problems connector.Problems
	for _, v := range s.AdvancedRulesValidators() {
		problems = append(problems, v(t.Context(), json.RawMessage(rules))...)
	}
	return problems.Error()
}

func TestFieldsOfSeveralTables(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE a (id INT PRIMARY KEY, v INT, `Table` INT, w DATE, `x.y` INT, x INT, `_id` INT)", "CREATE TABLE b (id INT PRIMARY KEY, v VARCHAR(9))",
		"INSERT INTO a VALUES (1,2,3,NULL,4,5,6)")
	s, _ := open(t, db, nil)
	fields, err := s.Fields(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]connector.FieldType{
		"Table": connector.Keyword, "Table_": connector.Long, "id_": connector.Long, "v": connector.Text, "w": connector.Date,
		"x_y": connector.Long, "x": connector.Long, "_id_": connector.Long,
	}, fields)
	require.Equal(t, map[string]any{"Table": "a", "Table_": 3.0, "id_": 1.0, "v": 2.0, "w": nil, "x_y": 4.0, "x": 5.0, "_id_": 6.0}, read(t, s, "")["a_1"])
}

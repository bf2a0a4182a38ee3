package mysql

import (
	"database/sql/driver"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// kind is what a column's values become in JSON: one for each SQL type.
type kind uint8

const (
	textKind      kind = iota // a text as it is; also for types of the future
	wordKind                  // a text that is one word: UUID, INET, TIME
	integerKind               // every integer but the next
	unsignedKind              // BIGINT UNSIGNED: a text, as Elasticsearch's long is signed
	numberKind                // DECIMAL of 15 digits at most
	decimalKind               // DECIMAL of more digits: a text
	floatKind                 // FLOAT, with the digits that it can hold
	doubleKind                // DOUBLE
	yearKind                  // YEAR
	dateKind                  // DATE
	datetimeKind              // DATETIME: without a zone
	timestampKind             // TIMESTAMP: in UTC
	enumKind                  // ENUM
	setKind                   // SET: a list of texts
	flagKind                  // BIT(1): true or false
	bitsKind                  // BIT(n): a text of n digits
	bytesKind                 // BINARY, VARBINARY up to 255 bytes: base64
	blobKind                  // longer ones, BLOB: base64
	shapeKind                 // GEOMETRY and its like: well-known text
)

// exactDigits is how many decimal digits a double surely holds.
const exactDigits = 15

// shortBytes is the longest binary value that can be searched for.
const shortBytes = 255

var kinds = map[string]kind{
	"tinyint": integerKind, "smallint": integerKind, "mediumint": integerKind, "int": integerKind, "bigint": integerKind,
	"float": floatKind, "double": doubleKind, "year": yearKind,
	"date": dateKind, "datetime": datetimeKind, "timestamp": timestampKind,
	"time": wordKind, "uuid": wordKind, "inet4": wordKind, "inet6": wordKind,
	"enum": enumKind, "set": setKind,
	"binary": bytesKind, "varbinary": bytesKind,
	"tinyblob": blobKind, "blob": blobKind, "mediumblob": blobKind, "longblob": blobKind, "vector": blobKind,
	"geometry": shapeKind, "point": shapeKind, "linestring": shapeKind, "polygon": shapeKind, "multipoint": shapeKind,
	"multilinestring": shapeKind, "multipolygon": shapeKind, "geometrycollection": shapeKind, "geomcollection": shapeKind,
}

// column is a column of a table or of a query's result.
type column struct {
	name     string
	field    string // the field's name
	dataType string // as information_schema names it, such as "varchar"
	kind     kind
	charset  string   // of texts
	unsigned bool     // of integers
	length   int      // bytes of texts, bits of BIT
	scale    int      // digits behind the point
	fraction int      // digits of a second
	labels   []string // of ENUM and SET
	hidden   bool     // SELECT * leaves it out
}

// newColumn reads a row of listColumns.
func newColumn(r row) column {
	c := column{
		name: text(r[1]), dataType: text(r[2]), charset: text(r[4]),
		unsigned: strings.Contains(text(r[3]), " unsigned"),
		length:   atoi(text(r[5])), scale: atoi(text(r[7])), fraction: atoi(text(r[8])),
		hidden: strings.Contains(strings.ToUpper(text(r[9])), "INVISIBLE"),
	}
	digits := atoi(text(r[6]))
	c.kind = kinds[c.dataType]
	switch {
	case c.dataType == "bigint" && c.unsigned:
		c.kind = unsignedKind
	case c.dataType == "decimal" && digits <= exactDigits:
		c.kind = numberKind
	case c.dataType == "decimal":
		c.kind = decimalKind
	case c.dataType == "bit" && digits == 1:
		c.kind, c.length = flagKind, 1
	case c.dataType == "bit":
		c.kind, c.length = bitsKind, digits
	case c.kind == bytesKind && c.length > shortBytes:
		c.kind = blobKind
	case c.kind == enumKind || c.kind == setKind:
		c.labels = labels(text(r[10]))
	}
	return c
}

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// labels reads the texts of enum('a','it”s').
func labels(columnType string) []string {
	_, list, _ := strings.Cut(columnType, "(")
	var all []string
	var b strings.Builder
	in := false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\'' && in && i+1 < len(list) && list[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			if in {
				all = append(all, b.String())
				b.Reset()
			}
			in = !in
		case in:
			b.WriteByte(c)
		}
	}
	return all
}

// selected is the expression that reads the column.
func (c *column) selected() string {
	switch c.kind {
	case floatKind: // as a double, because the server prints six digits of a float
		return quote(c.name) + "+0e0"
	case shapeKind:
		return "ST_AsText(" + quote(c.name) + ")"
	}
	return quote(c.name)
}

// fieldType is the type of the field in Elasticsearch.
func (c *column) fieldType() connector.FieldType {
	switch c.kind {
	case integerKind, yearKind:
		return connector.Long
	case numberKind, floatKind, doubleKind:
		return connector.Double
	case dateKind, datetimeKind, timestampKind:
		return connector.Date
	case flagKind:
		return connector.Boolean
	case unsignedKind, decimalKind, wordKind, enumKind, setKind, bitsKind, bytesKind:
		return connector.Keyword
	case blobKind:
		return connector.Binary
	}
	return connector.Text
}

// byNumber reports whether the server sorts the column by a number that is not
// the value itself.
func (c *column) byNumber() bool {
	return c.kind == enumKind || c.kind == setKind || c.kind == flagKind || c.kind == bitsKind
}

// literal appends a key's value as SQL. It is compared with the column by the
// server, under the column's own rules.
func (c *column) literal(dst []byte, v driver.Value) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	case []byte:
		switch c.kind {
		case numberKind, decimalKind:
			return append(dst, v...)
		case bytesKind, blobKind:
			return appendHex(append(dst, 'X'), v)
		case textKind:
			return appendHex(append(dst, "_utf8mb4 X"...), v)
		}
		return append(append(append(dst, '\''), v...), '\'') // a date, a time, a UUID
	}
	return append(dst, "NULL"...)
}

// literalText is a text in SQL.
func literalText(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
}

const hexDigits = "0123456789abcdef"

func appendHex(dst, v []byte) []byte {
	dst = append(dst, '\'')
	dst = appendHexDigits(dst, v)
	return append(dst, '\'')
}

func appendHexDigits(dst, v []byte) []byte {
	for _, b := range v {
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

// keyText appends a key's value as it stands in ids.
func (c *column) keyText(dst []byte, v driver.Value) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case float64:
		return appendFloat(dst, v, c.kind)
	case []byte:
		switch c.kind {
		case bytesKind, blobKind:
			return appendHexDigits(dst, v)
		case flagKind, bitsKind:
			return appendBits(dst, v, c.length)
		}
		return append(dst, v...)
	}
	return dst
}

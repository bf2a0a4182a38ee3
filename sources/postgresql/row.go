package postgresql

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// rowForm is what the documents of one table have in common.
type rowForm struct {
	ids                     sqldb.IDs
	database, schema, table []byte // as JSON
}

func (s *Source) rowForm(t *table, ids sqldb.IDs) rowForm {
	return rowForm{
		ids: ids, database: connector.AppendString(nil, s.cfg.Database), schema: connector.AppendString(nil, s.cfg.Schema),
		table: connector.AppendString(nil, t.name),
	}
}

// rows makes documents of one table's rows. It is used by one goroutine.
type rows struct {
	*table
	fields []*connector.Field // of the columns
	origin []origin
	id     []byte
	key    [][]byte
	lost   []int // per column: values that JSON has not
}

// origin is a field that says where rows are from.
type origin struct {
	field *connector.Field
	value []byte // as JSON
}

func newRows(t *table) *rows {
	r := &rows{table: t, key: make([][]byte, len(t.key)), lost: make([]int, len(t.columns))}
	for _, c := range t.columns {
		r.fields = append(r.fields, connector.NewField(c.field))
	}
	r.origin = []origin{
		{connector.NewField("database"), t.row.database}, {connector.NewField("schema"), t.row.schema}, {connector.NewField("table"), t.row.table},
	}
	return r
}

// document makes a document of a row. Further values than columns are not its
// fields.
func (r *rows) document(values [][]byte) connector.Document {
	doc := connector.NewDocument(r.documentID(values))
	for i := range r.columns {
		col, value := &r.columns[i], values[i]
		doc.SetField(r.fields[i], func(dst []byte) ([]byte, error) {
			if value == nil {
				return appendNull(dst), nil
			}
			dst, exact := col.typ.encode(dst, value)
			if !exact {
				r.lost[i]++
			}
			return dst, nil
		})
	}
	for _, o := range r.origin {
		doc.SetField(o.field, func(dst []byte) ([]byte, error) { return append(dst, o.value...), nil })
	}
	return doc
}

// documentID makes the id from the key or, where there is none, from all values.
func (r *rows) documentID(values [][]byte) string {
	r.id = r.id[:0]
	if len(r.table.key) == 0 {
		r.id = r.row.ids.Append(r.id, hash(values[:len(r.columns)]))
		return string(r.id)
	}
	for i, k := range r.table.key {
		r.key[i] = values[k]
	}
	r.id = r.row.ids.Append(r.id, r.key...)
	return string(r.id)
}

// hash identifies a row by all of its values.
func hash(values [][]byte) []byte {
	h := sha256.New()
	var length [8]byte
	for _, v := range values {
		n := uint64(len(v))
		if v == nil {
			n = 1<<64 - 1
		}
		binary.BigEndian.PutUint64(length[:], n)
		h.Write(length[:])
		h.Write(v)
	}
	return hex.AppendEncode(nil, h.Sum(nil)[:16])
}

// warn tells what the documents lack.
func (r *rows) warn(log *slog.Logger) {
	for i, n := range r.lost {
		if n > 0 {
			log.Warn("values that JSON or Elasticsearch have not (NaN, infinities, years before 1 and after 9999) are null",
				"table", r.name, "column", r.columns[i].name, "rows", n)
		}
	}
}

// stamp reads the time of a commit, in the form of a timestamp with time zone.
func stamp(text []byte) time.Time {
	encoded, ok := encodeTimestamp("Z")(nil, text)
	if !ok {
		return time.Time{}
	}
	t, _ := time.Parse(time.RFC3339Nano, string(bytes.Trim(encoded, `"`))) // the server's own
	return t
}

// list is names as JSON.
func list(names []string) json.RawMessage {
	raw, _ := json.Marshal(names) // texts
	return raw
}

package binlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Type is the kind of an event, by its number in the protocol.
type Type byte

// The events that something follows from.
const (
	Query    Type = 2   // a statement: BEGIN, COMMIT, DDL
	Rotate   Type = 4   // the next file
	Format   Type = 15  // the first of a file
	XID      Type = 16  // the commit of a transaction
	TableMap Type = 19  // which table the following rows are of
	Incident Type = 26  // the log has a gap
	GTID     Type = 33  // MySQL: a transaction begins
	XA       Type = 38  // a transaction that another statement will commit
	TaggedID Type = 42  // MySQL: a transaction begins whose GTID has a tag
	MariaID  Type = 162 // MariaDB: a transaction begins

	writeRows1, updateRows1, deleteRows1 Type = 23, 24, 25
	writeRows2, updateRows2, deleteRows2 Type = 30, 31, 32
	partialUpdate                        Type = 39
	transactionPayload                   Type = 40
	queryCompressed                      Type = 165
	writeCompressed, deleteCompressed    Type = 166, 168
)

// Event is one entry of the log.
type Event struct {
	Type   Type
	Server uint32 // that wrote it
	End    uint32 // place in the file after it; 0: of no place
	Body   []byte
}

const headSize = 19

var errShort = errors.New("read the binary log: an event is shorter than it says")

func newEvent(b []byte) (Event, error) {
	if len(b) < headSize {
		return Event{}, errShort
	}
	e := Event{Type: Type(b[4]), Server: binary.LittleEndian.Uint32(b[5:]), End: binary.LittleEndian.Uint32(b[13:]), Body: b[headSize:]}
	switch {
	case e.Type == queryCompressed:
		return e.unpacked(Query, e.queryHead())
	case e.Type >= writeCompressed && e.Type <= deleteCompressed:
		return e.unpacked(e.Type-writeCompressed+writeRows1, e.rowsHead())
	}
	return e, nil
}

// unpacked returns an event whose body is compressed after its head.
func (e Event) unpacked(as Type, head int) (Event, error) {
	if head < 0 || head > len(e.Body) {
		return Event{}, errShort
	}
	rest, err := inflate(e.Body[head:])
	if err != nil {
		return Event{}, err
	}
	e.Type, e.Body = as, append(bytes.Clone(e.Body[:head]), rest...)
	return e, nil
}

// reader takes values off the front of a body. After the end was passed it
// gives zeros, and err is set.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.err, r.b = errShort, nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

// number reads n bytes, the lowest first.
func (r *reader) number(n int) uint64 {
	var v uint64
	for i, c := range r.take(n) {
		v |= uint64(c) << (8 * i)
	}
	return v
}

// packed reads a number of 1 to 9 bytes.
func (r *reader) packed() int {
	switch first := r.number(1); first {
	case 0xfc:
		return int(r.number(2))
	case 0xfd:
		return int(r.number(3))
	case 0xfe:
		n := r.number(8)
		if n > 1<<31 {
			r.err = errShort
			return 0
		}
		return int(n)
	default:
		return int(first)
	}
}

// Statement is a Query event.
type Statement struct{ Database, Text string }

// queryHead is how long the part before the text is; -1: too short.
func (e Event) queryHead() int {
	if len(e.Body) < 13 {
		return -1
	}
	return 13 + int(binary.LittleEndian.Uint16(e.Body[11:])) + int(e.Body[8]) + 1
}

// Statement reads a Query event.
func (e Event) Statement() (Statement, error) {
	head := e.queryHead()
	if head < 0 || head > len(e.Body) {
		return Statement{}, errShort
	}
	name := e.Body[head-1-int(e.Body[8]) : head-1]
	return Statement{Database: string(name), Text: string(e.Body[head:])}, nil
}

// NextFile reads a Rotate event.
func (e Event) NextFile() (file string, pos uint64, err error) {
	r := reader{b: e.Body}
	pos = r.number(8)
	return string(r.b), pos, r.err
}

// Table is what a TableMap event says of a table.
type Table struct {
	Number         uint64 // by which the following rows name it
	Database, Name string
	columns        []columnType
}

// Columns is how many columns the table has.
func (t *Table) Columns() int { return len(t.columns) }

// Table reads a TableMap event.
func (e Event) Table() (*Table, error) {
	r := reader{b: e.Body}
	t := &Table{Number: r.number(6)}
	r.take(2)
	t.Database = string(r.take(int(r.number(1))))
	r.take(1)
	t.Name = string(r.take(int(r.number(1))))
	r.take(1)
	types := r.take(r.packed())
	meta := reader{b: r.take(r.packed())}
	t.columns = make([]columnType, len(types))
	for i, code := range types {
		t.columns[i] = newColumnType(code, &meta)
	}
	if err := errors.Join(r.err, meta.err); err != nil {
		return nil, fmt.Errorf("table %s.%s: %w", t.Database, t.Name, err)
	}
	return t, nil
}

package binlog

import "fmt"

// Rows is an event of changed rows.
type Rows struct {
	Table   uint64 // number of the table
	Deletes bool   // rows were deleted
	Updates bool   // rows were changed; neither: rows were added
	columns int
	before  []byte // which columns the images hold
	after   []byte
	data    []byte
	partial bool
}

// IsRows reports whether the event is of rows.
func (e Event) IsRows() bool {
	return e.Type >= writeRows1 && e.Type <= deleteRows1 || e.Type >= writeRows2 && e.Type <= deleteRows2 || e.Type == partialUpdate
}

func (e Event) second() bool { return e.Type >= writeRows2 }

// Rows reads an event of rows.
func (e Event) Rows() (Rows, error) {
	r := reader{b: e.Body}
	rows := Rows{Table: r.number(6), partial: e.Type == partialUpdate}
	r.take(2)
	if e.second() {
		r.take(int(r.number(2)) - 2)
	}
	rows.columns = r.packed()
	rows.before = r.take((rows.columns + 7) / 8)
	switch e.Type {
	case updateRows1, updateRows2, partialUpdate:
		rows.Updates = true
		rows.after = r.take((rows.columns + 7) / 8)
	case deleteRows1, deleteRows2:
		rows.Deletes = true
	default: // what was added is an image after, but the event holds one only
		rows.before, rows.after = nil, rows.before
	}
	rows.data = r.b
	return rows, r.err
}

// rowsHead is how long the part of an event is that is never compressed.
func (e Event) rowsHead() int {
	r := reader{b: e.Body}
	r.take(8)
	columns := (r.packed() + 7) / 8
	r.take(columns)
	if e.Type == writeCompressed+1 {
		r.take(columns)
	}
	if r.err != nil {
		return -1
	}
	return len(e.Body) - len(r.b)
}

// Value is a column's value as the log holds it.
type Value struct {
	Bytes []byte
	Null  bool
	Held  bool // the image holds the column
	Code  byte // the column's type in the protocol
	Meta  uint16
}

// Each calls each for every row with the values of some columns, by their
// places: before, for rows that were changed or deleted, and after, for those
// that were changed or added. They are valid during the call.
func (rows Rows) Each(t *Table, columns []int, each func(before, after []Value) error) error {
	if rows.columns != len(t.columns) {
		return fmt.Errorf("table %s.%s: rows have %d columns, the table has %d", t.Database, t.Name, rows.columns, len(t.columns))
	}
	r := reader{b: rows.data}
	var before, after []Value
	for len(r.b) > 0 {
		if rows.before != nil {
			before = r.image(t, rows.before, columns, before)
		}
		if rows.after != nil {
			if rows.partial {
				return fmt.Errorf("table %s.%s: parts of JSON values are logged; set binlog_row_value_options to nothing", t.Database, t.Name)
			}
			after = r.image(t, rows.after, columns, after)
		}
		if r.err != nil {
			return fmt.Errorf("table %s.%s: %w", t.Database, t.Name, r.err)
		}
		if err := each(before, after); err != nil {
			return err
		}
	}
	return nil
}

// image reads the columns that are present, and keeps those that are wanted.
func (r *reader) image(t *Table, present []byte, wanted []int, values []Value) []Value {
	held := 0
	for i := range t.columns {
		held += int(bit(present, i))
	}
	nulls := r.take((held + 7) / 8)
	values = append(values[:0], make([]Value, len(wanted))...)
	n := 0
	for i, c := range t.columns {
		if bit(present, i) == 0 {
			continue
		}
		v := Value{Held: true, Code: c.code, Meta: c.meta, Null: len(nulls) > n/8 && bit(nulls, n) == 1}
		n++
		if !v.Null {
			v.Bytes = c.value(r)
		}
		for w, place := range wanted {
			if place == i {
				values[w] = v
			}
		}
	}
	return values
}

func bit(set []byte, i int) byte { return set[i/8] >> (i % 8) & 1 }

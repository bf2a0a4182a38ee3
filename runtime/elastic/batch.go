package elastic

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// op is a bulk action.
type op uint8

const (
	opCreate op = iota
	opIndex
	opUpdate
	opDelete
)

// operation is the op of an action's name.
func operation[T string | []byte](action T) (op, bool) {
	switch string(action) {
	case "create":
		return opCreate, true
	case "index":
		return opIndex, true
	case "update":
		return opUpdate, true
	case "delete":
		return opDelete, true
	}
	return 0, false
}

// heads start an action line; the id follows. Those of create and index are as
// long as each other: see replace.
var heads = [...]string{
	opCreate: `{"create":{"_id":`,
	opIndex:  `{"index": {"_id":`,
	opUpdate: `{"update":{"_id":`,
	opDelete: `{"delete":{"_id":`,
}

// tails stand after the source.
var tails = [...]string{opCreate: "\n", opIndex: "\n", opUpdate: "}\n", opDelete: "\n"}

// entry is a document or a deletion on its way into a batch.
type entry struct {
	op                 op
	id                 string
	source             []byte
	seqNo, primaryTerm int64
	tally              uint16
	taken              bool // the source's memory may become the batch's
}

// size is about what the entry takes in a batch.
func (e *entry) size() int { return len(e.source) + len(e.id) + 80 }

// item is one action of a batch.
type item struct {
	start, end int // its lines in the batch
	tally      uint16
	op         op
	// unsure marks an item that an earlier request may have carried out.
	unsure bool
	state  state
}

// state is what is known of an item.
type state uint8

const (
	open state = iota // to be sent
	done              // carried out
	refused
	moved // in another batch by now
)

// batch is lines of requests and what they are. One request holds the open
// items before upto.
type batch struct {
	buf   []byte
	items []item
	upto  int
	only  int64 // bytes of a request, after a larger one was refused; 0: any
	marks []mark
}

// mark is the end of what was handed over at once.
type mark struct {
	end      int           // its items stand before it
	began    time.Time     // when the first of them was sent
	answered chan struct{} // closed when all of them are settled
}

func (b *batch) reset(most int) {
	if cap(b.buf) > most {
		b.buf = nil // it held one huge document
	}
	b.buf, b.items, b.marks, b.upto, b.only = b.buf[:0], b.items[:0], b.marks[:0], 0, 0
}

// firstBytes is how much memory a batch begins with: most syncs have little to
// send.
const firstBytes = 64 << 10

// grow makes room for an entry: twice as much each time, up to a whole batch.
func (b *batch) grow(size, most int) {
	need := len(b.buf) + size
	if need <= cap(b.buf) {
		return
	}
	room := max(need, min(max(firstBytes, 2*cap(b.buf)), most))
	b.buf = append(make([]byte, 0, room), b.buf...)
}

func (b *batch) add(e *entry) {
	start := len(b.buf)
	b.buf = e.appendHead(b.buf)
	at := len(b.buf)
	b.buf = append(b.buf, e.source...)
	oneLine(b.buf[at:])
	b.buf = append(b.buf, tails[e.op]...)
	b.items = append(b.items, item{start: start, end: len(b.buf), tally: e.tally, op: e.op})
}

// adopt makes the memory of a source the batch's own, which is empty: what
// stands before a document moves it.
func (b *batch) adopt(e *entry) {
	oneLine(e.source)
	b.buf = slices.Insert(e.source, 0, e.appendHead(nil)...)
	b.buf = append(b.buf, tails[e.op]...)
	b.items = append(b.items, item{end: len(b.buf), tally: e.tally, op: e.op})
}

// appendHead appends what stands before the source.
func (e *entry) appendHead(dst []byte) []byte {
	dst = append(dst, heads[e.op]...)
	dst = connector.AppendString(dst, e.id)
	switch e.op {
	case opDelete:
		dst = append(dst, `,"if_seq_no":`...)
		dst = strconv.AppendInt(dst, e.seqNo, 10)
		dst = append(dst, `,"if_primary_term":`...)
		dst = strconv.AppendInt(dst, e.primaryTerm, 10)
		return append(dst, "}}"...)
	case opUpdate:
		return append(dst, "}}\n{\"doc\":"...)
	}
	return append(dst, "}}\n"...)
}

// oneLine makes a document one line. Line breaks end it in a bulk request; in
// JSON they can only be white space, so blanks mean the same.
func oneLine(source []byte) {
	for {
		at := bytes.IndexByte(source, '\n')
		if at < 0 {
			return
		}
		source[at] = ' '
		source = source[at+1:]
	}
}

// id returns the JSON of an item's id between its quotes; equal ids are equal
// here.
func (b *batch) id(it *item) []byte {
	line := b.buf[it.start+len(heads[it.op])+1 : it.end]
	for i := 0; ; i++ {
		switch line[i] {
		case '"':
			return line[:i]
		case '\\':
			i++
		}
	}
}

// name is an item's id for people.
func (b *batch) name(it *item) string { return string(unescape(b.id(it))) }

// print is the fingerprint that an item's document carries; nil when it
// carries none. It is the last field of the name: no other text of a document
// holds the quotes as they are, and nested fields come before it.
func (b *batch) print(it *item) []byte {
	const key = `"` + fingerprintField + `":"`
	line := b.buf[it.start:it.end]
	at := bytes.LastIndex(line, []byte(key))
	if at < 0 {
		return nil
	}
	print, _, _ := bytes.Cut(line[at+len(key):], []byte{'"'})
	return print
}

// replace makes a creation an item that writes the document in any case.
func (b *batch) replace(it *item) {
	it.op = opIndex
	copy(b.buf[it.start:], heads[opIndex])
}

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"sync"
)

// wire serves n documents of about 500 bytes over MongoDB's protocol, faster
// than a database could, so that the client is what is measured. It knows the
// requests of a full sync and refuses all others.
type wire struct {
	n        int
	listener net.Listener
	mu       sync.Mutex
	next     int // of the only cursor
}

func newWire(n int) (*wire, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{n: n, listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(c)
		}
	}()
	return w, nil
}

func (w *wire) close() { _ = w.listener.Close() }

// The operations of the protocol.
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

func (w *wire) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	head := make([]byte, 16)
	for {
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(head)-16)
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		op := binary.LittleEndian.Uint32(head[12:])
		prefix, code, at := make([]byte, 5), uint32(opMsg), 5
		if op == opQuery {
			at = 4 + strings.IndexByte(string(body[4:]), 0) + 9
			prefix, code = make([]byte, 20), opReply
			prefix[16] = 1
		}
		doc := w.answer(body[at:])
		out := binary.LittleEndian.AppendUint32(nil, uint32(16+len(prefix)+len(doc)))
		out = append(append(out, 0, 0, 0, 0), head[4:8]...)
		out = binary.LittleEndian.AppendUint32(out, code)
		if _, err := c.Write(append(append(out, prefix...), doc...)); err != nil {
			return
		}
	}
}

// answer looks at the first field of a request, which is its name.
func (w *wire) answer(cmd []byte) []byte {
	name, _, _ := strings.Cut(string(cmd[5:min(len(cmd), 30)]), "\x00")
	w.mu.Lock()
	defer w.mu.Unlock()
	var b bson
	switch strings.ToLower(name) {
	case "hello", "ismaster":
		b.bool("isWritablePrimary", true).bool("ismaster", true).int("maxWireVersion", 25).int("maxBsonObjectSize", 16<<20)
		b.int("maxMessageSizeBytes", 48_000_000).int("maxWriteBatchSize", 100_000).int("logicalSessionTimeoutMinutes", 30).bool("helloOk", true)
	case "listcollections":
		var info bson
		info.binary("uuid", 4, make([]byte, 16))
		var c bson
		c.text("name", "papers").text("type", "collection").document("info", info)
		b.document("cursor", cursor("firstBatch", 0, c))
	case "find":
		if strings.Contains(string(cmd), "\x00projection\x00") { // the first and the last _id
			b.document("cursor", cursor("firstBatch", 0, paper(0)))
			break
		}
		w.next = 0
		b.document("cursor", w.batch("firstBatch"))
	case "getmore":
		b.document("cursor", w.batch("nextBatch"))
	case "ping", "endsessions", "killcursors":
	default:
		return b.double("ok", 0).int("code", 59).text("errmsg", "the bench does not know it").end()
	}
	return b.double("ok", 1).end()
}

// batch is the next thousand documents.
func (w *wire) batch(name string) bson {
	docs := make([]bson, 0, 1000)
	for ; w.next < w.n && len(docs) < cap(docs); w.next++ {
		docs = append(docs, paper(w.next))
	}
	id := int64(1)
	if w.next == w.n {
		id = 0
	}
	return cursor(name, id, docs...)
}

func cursor(name string, id int64, docs ...bson) bson {
	var list, c bson
	for i, d := range docs {
		list.document(fmt.Sprint(i), d)
	}
	c.long("id", id).text("ns", "bench.papers")
	return *c.array(name, list)
}

// paper is a document of about 500 bytes.
func paper(i int) bson {
	var b, author, tags bson
	author.text("name", fmt.Sprintf("Author %d", i%50)).bool("active", i%2 == 0)
	tags.text("0", "water").text("1", fmt.Sprintf("tag%d", i%7))
	id := []byte{0x65, 0, 0, 0, 0, 0, 0, 0, byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
	b.put(7, "_id", id).int("number", int32(i)).text("title", fmt.Sprintf("Paper %d", i)).text("state", "open")
	b.double("score", float64(i)/4).put(9, "published", binary.LittleEndian.AppendUint64(nil, uint64(1700000000000+i*1000)))
	b.document("author", author).array("tags", tags).binary("key", 4, append(make([]byte, 4), id...))
	return *b.text("text", strings.Repeat("Water finds its way. ", 13))
}

// bson is the fields of a document under construction.
type bson []byte

func (b *bson) put(kind byte, key string, value []byte) *bson {
	*b = append(append(append(append(*b, kind), key...), 0), value...)
	return b
}

func (b *bson) text(key, s string) *bson {
	return b.put(2, key, append(append(binary.LittleEndian.AppendUint32(nil, uint32(len(s)+1)), s...), 0))
}

func (b *bson) int(key string, v int32) *bson {
	return b.put(16, key, binary.LittleEndian.AppendUint32(nil, uint32(v)))
}

func (b *bson) long(key string, v int64) *bson {
	return b.put(18, key, binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

func (b *bson) double(key string, v float64) *bson {
	return b.put(1, key, binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
}

func (b *bson) bool(key string, v bool) *bson {
	if v {
		return b.put(8, key, []byte{1})
	}
	return b.put(8, key, []byte{0})
}

func (b *bson) binary(key string, subtype byte, v []byte) *bson {
	return b.put(5, key, append(append(binary.LittleEndian.AppendUint32(nil, uint32(len(v))), subtype), v...))
}

func (b *bson) document(key string, d bson) *bson { return b.put(3, key, d.end()) }

func (b *bson) array(key string, d bson) *bson { return b.put(4, key, d.end()) }

// end is the whole document.
func (b bson) end() []byte {
	return append(append(binary.LittleEndian.AppendUint32(nil, uint32(len(b)+5)), b...), 0)
}

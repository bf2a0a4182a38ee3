package mongodb_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// script answers a command; nil closes the connection.
type script func(name string, cmd bson.Raw) bson.D

// scripted is a server that speaks MongoDB's wire protocol and answers as a
// test says: for what the test server can't do, such as losing cursors,
// stepping down or being a cluster of several shards.
type scripted struct {
	t        testing.TB
	listener net.Listener
	hello    bson.D
	script   script
	group    sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
	log      []bson.Raw
}

func serve(t testing.TB, hello bson.D, script script) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &scripted{t: t, listener: l, hello: hello, script: script}
	s.group.Go(s.accept)
	t.Cleanup(s.close)
	return s
}

func (s *scripted) close() {
	_ = s.listener.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
}

func (s *scripted) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, c)
		s.mu.Unlock()
		s.group.Go(func() {
			defer func() { _ = c.Close() }()
			for s.turn(c) {
			}
		})
	}
}

// The operations of the protocol, and the length of a message's header.
const (
	opReply, opQuery, opMsg = 1, 2004, 2013
	headerSize              = 16
)

// message is one that a client sent.
type message struct {
	head, body []byte
	op         uint32
	cmd        bson.Raw
}

// receive reads a message.
func receive(c net.Conn) (m message, err error) {
	le := binary.LittleEndian
	m.head = make([]byte, headerSize)
	if _, err := io.ReadFull(c, m.head); err != nil {
		return m, err
	}
	m.body = make([]byte, le.Uint32(m.head)-headerSize)
	if _, err := io.ReadFull(c, m.body); err != nil {
		return m, err
	}
	m.op = le.Uint32(m.head[12:])
	if m.op == opQuery { // the first hello: flags, name, skip, limit, document
		end := 4
		for m.body[end] != 0 {
			end++
		}
		m.cmd = append(m.cmd, m.body[end+9:]...)
	} else { // flags, kind of section, document
		doc := m.body[5:]
		m.cmd = append(m.cmd, doc[:le.Uint32(doc)]...)
	}
	return m, nil
}

// turn answers one message.
func (s *scripted) turn(c net.Conn) bool {
	m, err := receive(c)
	if err != nil {
		return false
	}
	answer := s.answer(m.cmd)
	return answer != nil && s.reply(c, m, answer)
}

// reply sends the answer to a message.
func (s *scripted) reply(c net.Conn, m message, answer bson.D) bool {
	doc, err := bson.Marshal(answer)
	if err != nil {
		s.t.Error(err)
		return false
	}
	le := binary.LittleEndian
	prefix, code := make([]byte, 5), uint32(opMsg)
	if m.op == opQuery {
		prefix, code = make([]byte, 20), opReply
		le.PutUint32(prefix[16:], 1)
	}
	out := le.AppendUint32(nil, uint32(headerSize+len(prefix)+len(doc)))
	out = append(le.AppendUint32(append(out, 0, 0, 0, 0), le.Uint32(m.head[4:])), byte(code), byte(code>>8), 0, 0)
	_, err = c.Write(append(append(out, prefix...), doc...))
	return err == nil
}

func (s *scripted) answer(cmd bson.Raw) bson.D {
	elements, err := cmd.Elements()
	if err != nil || len(elements) == 0 {
		s.t.Errorf("no command: %v", err)
		return nil
	}
	name := elements[0].Key()
	switch name {
	case "hello", "isMaster", "ismaster":
		return append(d("helloOk", true, "isWritablePrimary", true, "ismaster", true, "minWireVersion", 0, "maxWireVersion", 25,
			"maxBsonObjectSize", 16<<20, "maxMessageSizeBytes", 48000000, "maxWriteBatchSize", 100000,
			"logicalSessionTimeoutMinutes", 30, "ok", 1.0), s.hello...)
	case "endSessions", "killCursors":
		return d("ok", 1.0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, cmd)
	return s.script(name, cmd)
}

// commands returns the commands of a name that were asked.
func (s *scripted) commands(name string) []bson.Raw {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []bson.Raw
	for _, cmd := range s.log {
		if _, err := cmd.LookupErr(name); err == nil {
			list = append(list, cmd)
		}
	}
	return list
}

func (s *scripted) settings() settings {
	return settings{"host": "mongodb://" + s.listener.Addr().String(), "database": "db", "collection": "c", "direct_connection": true}
}

func refusal(code int, name string, labels ...string) bson.D {
	return d("ok", 0.0, "code", code, "codeName", name, "errmsg", "it is refused", "errorLabels", labels)
}

// batch is the answer with documents of a cursor; id 0 is its end.
func batch(cmd bson.Raw, id int64, docs ...any) bson.D {
	which := "firstBatch"
	if _, err := cmd.LookupErr("getMore"); err == nil {
		which = "nextBatch"
	}
	return d("ok", 1.0, "cursor", d("id", id, "ns", "db.c", which, append(bson.A{}, docs...), "postBatchResumeToken", d("_data", "ff")))
}

// listed is the answer to listCollections.
func listed(cmd bson.Raw, uuid byte) bson.D {
	return batch(cmd, 0, d("name", "c", "type", "collection", "info", d("uuid", bson.Binary{Subtype: 4, Data: append(make([]byte, 15), uuid)})))
}

// usual answers what is not the point of a test.
func usual(name string, cmd bson.Raw) bson.D {
	switch name {
	case "listCollections":
		return listed(cmd, 1)
	case "find": // of the first and the last _id
		return batch(cmd, 0, d("_id", 1))
	}
	return d("ok", 1.0)
}

// full reports whether a find is that of a full read.
func full(name string, cmd bson.Raw) bool {
	_, err := cmd.LookupErr("projection")
	return name == "find" && err != nil
}

package mongodb_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// relay stands between the source and the test server. It writes down the
// commands, as the server's own log of queries would, and answers some of them
// in the server's place.
type relay struct {
	*scripted
	upstream string
	// instead answers a command; nil passes it on, hangUp closes the connection.
	instead script
}

// hangUp is the answer that is none.
var hangUp = bson.D{{Key: "hang up", Value: true}}

// newRelay stands before the server of a connection string.
func newRelay(t testing.TB, server string, instead script) *relay {
	t.Helper()
	at, err := url.Parse(server)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{&scripted{t: t, listener: l}, at.Host, instead}
	r.group.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.upstream)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, client, server)
		r.mu.Unlock()
		end := sync.OnceFunc(func() {
			_ = client.Close()
			_ = server.Close()
		})
		r.group.Go(func() {
			_, _ = io.Copy(client, server)
			end()
		})
		r.group.Go(func() {
			for r.turn(client, server) {
			}
			end()
		})
	}
}

// turn takes one message of the client. To a hello the relay is a server alone,
// so that the driver asks again when it is told of a step-down that the server
// behind knows nothing of.
func (r *relay) turn(client, server net.Conn) bool {
	m, err := receive(client)
	if err != nil {
		return false
	}
	if first := m.cmd.Index(0).Key(); first == "hello" || m.op == opQuery {
		return r.reply(client, m, r.answer(m.cmd))
	}
	if answer := r.decide(m.cmd); answer != nil {
		return answer[0].Key != hangUp[0].Key && r.reply(client, m, answer)
	}
	_, err = server.Write(append(m.head, m.body...))
	return err == nil
}

func (r *relay) decide(cmd bson.Raw) bson.D {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, cmd)
	return r.instead(cmd.Index(0).Key(), cmd)
}

// asked returns the names of the commands so far that ask for documents of a
// collection, without those that look at one _id alone, and forgets all.
func (r *relay) asked() (list []bson.Raw) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, cmd := range r.log {
		switch e := cmd.Index(0); e.Key() {
		case "find", "aggregate", "getMore":
			list = append(list, cmd)
		}
	}
	r.log = nil
	return list
}

// streams reports whether a command opens a change stream.
func streams(name string, cmd bson.Raw) bool {
	return name == "aggregate" && !cmd.Lookup("pipeline", "0", "$changeStream").IsZero()
}

package mysql_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// flavour makes a MariaDB look like a MySQL 8.4 at the protocol: what MySQL
// says in other words is translated, the rest passes. It is no proof that MySQL
// answers so, but the tables, the locks and the rows of the log are genuine.
type flavour struct {
	net.Listener
	to    string
	gtids bool
	mu    sync.Mutex
	asked []string // statements
	wait  sync.WaitGroup
}

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

func newFlavour(t *testing.T, db *fixture.Database, gtids bool) *flavour {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &flavour{Listener: l, to: fmt.Sprintf("127.0.0.1:%d", db.Port), gtids: gtids}
	f.wait.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", f.to)
			if err != nil {
				panic(err)
			}
			var swallow, log atomic.Bool
			f.wait.Go(func() { f.commands(server, client, &swallow, &log) })
			f.wait.Go(func() { f.answers(client, server, &swallow, &log) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		f.wait.Wait()
	})
	return f
}

func (f *flavour) port() int { return f.Addr().(*net.TCPAddr).Port }

// statement says in MariaDB's words what is asked.
func (f *flavour) statement(text string) string {
	f.mu.Lock()
	f.asked = append(f.asked, text)
	f.mu.Unlock()
	switch {
	case text == "SELECT VERSION()":
		return "SELECT '8.4.7'"
	case text == "SHOW BINARY LOG STATUS":
		return "SHOW MASTER STATUS"
	case strings.HasPrefix(text, "SELECT @@server_uuid"):
		set := "''"
		if f.gtids {
			set = "CONCAT('" + uuid + ":1-',SUBSTRING_INDEX(@@gtid_binlog_pos,'-',-1))"
		}
		return "SELECT '" + uuid + "'," + set
	case strings.HasPrefix(text, "SET SESSION max_execution_time="):
		return "SET SESSION max_statement_time=60"
	}
	return text
}

func packet(sequence byte, payload []byte) []byte {
	n := len(payload)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), sequence}, payload...)
}

func receive(r io.Reader) (sequence byte, payload []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)
	_, err = io.ReadFull(r, payload)
	return head[3], payload, err
}

func (f *flavour) commands(server, client net.Conn, swallow, log *atomic.Bool) {
	defer func() { _ = server.Close() }()
	for {
		sequence, p, err := receive(client)
		if err != nil {
			return
		}
		switch {
		case sequence == 0 && p[0] == 0x03:
			p = append([]byte{3}, f.statement(string(p[1:]))...)
		case sequence == 0 && p[0] == 0x12:
			log.Store(true)
		case sequence == 0 && p[0] == 0x1e: // all but uuid:1-N
			last := binary.LittleEndian.Uint64(p[len(p)-8:]) - 1
			swallow.Store(true)
			log.Store(true)
			_, _ = server.Write(packet(0, fmt.Appendf([]byte{3}, "SET @slave_connect_state='0-1-%d', @mariadb_slave_capability=4", last)))
			p = []byte{0x12, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0}
		}
		if _, err := server.Write(packet(sequence, p)); err != nil {
			return
		}
	}
}

func (f *flavour) answers(client, server net.Conn, swallow, log *atomic.Bool) {
	defer func() { _ = client.Close() }()
	for {
		sequence, p, err := receive(server)
		if err != nil {
			return
		}
		if swallow.CompareAndSwap(true, false) {
			continue
		}
		if log.Load() && len(p) > 32 && p[0] == 0 && p[5] == 162 { // MariaDB's GTID becomes MySQL's
			body := append([]byte{1, 0x3e, 0x11, 0xfa, 0x47, 0x71, 0xca, 0x11, 0xe1, 0x9e, 0x33, 0xc8, 0x0a, 0xa9, 0x42, 0x95, 0x62}, p[20:28]...)
			p = append(p[:20:20], body...)
			p[5] = 33
		}
		if _, err := client.Write(packet(sequence, p)); err != nil {
			return
		}
	}
}

func TestMySQL(t *testing.T) {
	for name, gtids := range map[string]bool{"with GTIDs": true, "by place in a file": false} {
		t.Run(name, func(t *testing.T) {
			db := fixture.NewDatabase(t)
			db.Fill(t, "items", 50)
			flavour := newFlavour(t, db, gtids)
			s, _ := open(t, db, map[string]any{"port": flavour.port()})
			require.NoError(t, s.ValidateConfig(t.Context()))
			f := start(t, s)
			f.same()
			require.Zero(t, f.count)
			db.Exec(t, "UPDATE items SET title='x' WHERE number<10", "DELETE FROM items WHERE number=20", "FLUSH BINARY LOGS", "INSERT INTO items (number,title,state,created) VALUES (99,'n',1,'2026-01-01')")
			changed, err := s.Changed(t.Context(), f.at)
			require.NoError(t, err)
			require.True(t, changed)
			f.same()
			require.Equal(t, 12, f.count)
			require.Contains(t, strings.Join(flavour.asked, "\n"), "LOCK IN SHARE MODE")
			var at map[string]any
			require.NoError(t, json.Unmarshal(f.at, &at))
			require.Equal(t, gtids, at["gtid"] != nil)
			require.Len(t, read(t, s, list(t, "items", "SELECT number FROM items LIMIT 5")), 5)
			require.Contains(t, strings.Join(flavour.asked, "\n"), "max_execution_time=3600000")

			at["server"] = "another"
			raw, _ := json.Marshal(at)
			_, err = s.Changes(t.Context(), raw, connector.Filter{}, func(connector.Change) error { return nil })
			if gtids {
				require.NoError(t, err, "GTIDs hold on every server")
			} else {
				require.ErrorContains(t, err, "the position is of another server")
			}
			for _, set := range []string{"nonsense", uuid + ":1-5:tag"} {
				at["gtid"] = set
				raw, _ = json.Marshal(at)
				_, err = s.Changes(t.Context(), raw, connector.Filter{}, nil)
				require.ErrorIs(t, err, connector.ErrPositionLost)
			}
		})
	}
}

// TestLockedRow shows that on a MySQL a row is read after its transaction has
// ended, not before.
func TestLockedRow(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 5)
	flavour := newFlavour(t, db, true)
	s, _ := open(t, db, map[string]any{"port": flavour.port()})
	f := start(t, s)
	db.Exec(t, "UPDATE items SET title='first' WHERE number=1")
	tx, err := db.DB.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("UPDATE items SET title='second' WHERE number=1")
	require.NoError(t, err)
	done := make(chan error)
	go func() { done <- f.sync() }()
	const waits = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB=? AND INFO LIKE '%LOCK IN SHARE MODE'"
	require.Eventually(t, func() bool {
		var waiting int
		return db.Server.Root.QueryRow(waits, db.Name).Scan(&waiting) == nil && waiting > 0
	}, time.Minute, 20*time.Millisecond)
	require.NoError(t, tx.Commit())
	require.NoError(t, <-done)
	require.Equal(t, "second", f.index["items_1"]["title"])
}

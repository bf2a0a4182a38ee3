package postgresql_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// serve runs a server on a folder until it is stopped, or this process ends.
func serve(t testing.TB, options, dir string) (root *fixture.Database, stop func()) {
	t.Helper()
	input, output, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(filepath.Join("..", "..", "tools", "postgresql", "start.sh"), "0", dir)
	cmd.Env = append(os.Environ(), "POSTGRES_FOREGROUND=keep", "POSTGRES_OPTIONS="+options)
	cmd.Stdin = input
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "port")))
	require.NoError(t, cmd.Start())
	require.NoError(t, input.Close())
	root = &fixture.Database{Server: &fixture.Server{Dir: dir}, Name: "postgres"}
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		text, _ := os.ReadFile(filepath.Join(dir, "port"))
		if root.Port, err = strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			var conn *pgconn.PgConn
			if conn, err = root.Connect(); err == nil {
				require.NoError(t, conn.Close(t.Context()))
				break
			}
		}
		require.Less(t, time.Now(), until, "the server does not answer: %v", err)
	}
	return root, sync.OnceFunc(func() {
		_ = output.Close()
		_ = cmd.Wait() // it ends as the server does
	})
}

// TestRestart: changes from before and after a crash of the server arrive, none
// of them by reading a table; and an index that stands still for long is no
// reader that is gone.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "postgres")
	require.NoError(t, err)
	const options = "-c wal_sender_timeout=1s -c log_statement=all"
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	root, stop := serve(t, options, dir)
	t.Cleanup(stop)
	root.Exec(t, fmt.Sprintf("CREATE ROLE %s LOGIN REPLICATION PASSWORD 'x'", fixture.User), "CREATE DATABASE shop OWNER "+fixture.User)
	db := &fixture.Database{Server: root.Server, Name: "shop"}
	db.Exec(t, "ALTER SCHEMA public OWNER TO "+fixture.User)
	db.Fill(t, "items", 2000)
	more := replicated(values{"password": "x", "retry_count": 3, "host": dir}) // the socket, whatever the port
	s, _ := open(t, db, more)
	at := position(t, s)
	x := read(t, s, "")

	db.Own(t, "UPDATE items SET title = 'changed' WHERE number < 400", "DELETE FROM items WHERE number >= 1900")
	stop() // as kill -9 would
	root, stop = serve(t, options, dir)
	t.Cleanup(stop)
	db.Server = root.Server
	s, _ = open(t, db, more)
	db.Add(t, "items", 5000, 5500)

	n := 0
	next, err := s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		if n++; n == 1 {
			time.Sleep(2500 * time.Millisecond)
		}
		return x.apply(c)
	})
	require.NoError(t, err)
	require.Equal(t, 1000, n)
	log := readText(t, filepath.Join(dir, "log"))
	require.Contains(t, log, "START_REPLICATION SLOT")
	require.NotContains(t, log, "DECLARE tributary", "the log is that of the server since its crash")
	same(t, db, more, x)
	require.Empty(t, changesSince(t, s, next))
}

func readText(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// TestAWriterMeanwhile: a writer at some 500 changes a second while a full sync
// reads, and while its changes are read.
func TestAWriterMeanwhile(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 2000)
	db.Fill(t, "b", 2000)
	s, _ := open(t, db, replicated())
	position(t, s)
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan error, 1)
	go func() { written <- write(ctx, db) }()
	at := position(t, s)
	x := index{}
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		if len(x)%20 == 0 {
			time.Sleep(5 * time.Millisecond) // about a second for all
		}
		return x.put(d)
	})
	require.NoError(t, err)
	at = follow(t, s, at, x)
	stop()
	require.NoError(t, <-written)
	follow(t, s, at, x)
	same(t, db, nil, x)
}

// write changes rows until it is stopped.
func write(ctx context.Context, db *fixture.Database) error {
	conn, err := db.Connect()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for i := 0; ctx.Err() == nil; i++ {
		table, k := []string{"a", "b"}[i%2], i*37%2000
		for _, statement := range []string{
			fmt.Sprintf("UPDATE %s SET title = 'at %d' WHERE number = %d", table, i, k),
			fmt.Sprintf("UPDATE %s SET number = number + 100000 WHERE number = %d", table, k+1),
			fmt.Sprintf("BEGIN; DELETE FROM %s WHERE number = %d; INSERT INTO %s (number, title, state, created) VALUES (%d, 'new', 'open', now()); COMMIT", table, k+2, table, 200000+i),
			fmt.Sprintf("BEGIN; DELETE FROM %s; ROLLBACK", table),
		} {
			if _, err := conn.Exec(context.Background(), statement).ReadAll(); err != nil {
				return err
			}
		}
		time.Sleep(8 * time.Millisecond)
	}
	return nil
}

// Package mariadbtest gives the fixtures of sources a genuine MariaDB: one
// server process for a test program, started at its first use and ended with
// it, and a database of its own for every test.
package mariadbtest

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// User and Password log in and may read everything.
const (
	User     = "tributary"
	Password = "pass-word"
)

// Database is a database of one test. It is dropped when the test ends.
type Database struct {
	*sql.DB        // as root
	Host    string // of the server
	Port    int
	Name    string
}

// New makes an empty database. A server that is not installed fails the test
// with a sentence that says how it is got.
func New(t testing.TB) *Database {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d", s.made.Add(1))
	if _, err := s.root.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	db, err := open(s.port, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		if _, err := s.root.Exec("DROP DATABASE " + name); err != nil {
			t.Error(err)
		}
	})
	return &Database{DB: db, Host: "127.0.0.1", Port: s.port, Name: name}
}

// server ends when its input is closed, which it is with this process.
type server struct {
	root  *sql.DB
	port  int
	input io.WriteCloser
	made  atomic.Int64
}

var shared = sync.OnceValues(start)

const startLimit = 60 * time.Second

func start() (*server, error) {
	script, err := findScript()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mariadb")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(script, "0", dir)
	cmd.Env = append(os.Environ(), "MARIADB_FOREGROUND=1")
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		return nil, err
	}
	cmd.Stderr = said
	if err := errors.Join(cmd.Start(), said.Close()); err != nil {
		return nil, err
	}
	return await(dir, input)
}

// await waits until the server answers, and makes the user.
func await(dir string, input io.WriteCloser) (*server, error) {
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if said, _ := os.ReadFile(filepath.Join(dir, "said")); len(said) > 0 {
			return nil, errors.New(strings.TrimSpace(string(said)))
		}
		text, _ := os.ReadFile(filepath.Join(dir, "port"))
		port, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			continue
		}
		root, err := open(port, "")
		if err != nil {
			return nil, err
		}
		if _, err := root.Exec("CREATE USER IF NOT EXISTS " + User + "@'%' IDENTIFIED BY '" + Password + "'"); err != nil {
			_ = root.Close()
			continue
		}
		_, err = root.Exec("GRANT SELECT ON *.* TO " + User + "@'%'")
		return &server{root: root, port: port, input: input}, err
	}
	return nil, fmt.Errorf("MariaDB does not answer after %s; see %s", startLimit, dir)
}

// open makes a pool of connections as root. Nothing of it is a goroutine while
// nobody uses it.
func open(port int, database string) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.DBName = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), "root", database
	c.InterpolateParams, c.Logger = true, &mysql.NopLogger{}
	dialer, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(dialer)
	db.SetMaxIdleConns(1)
	return db, nil
}

// findScript looks for the folder tools above the current one.
func findScript() (string, error) {
	at, err := os.Getwd()
	for ; err == nil && at != filepath.Dir(at); at = filepath.Dir(at) {
		script := filepath.Join(at, "tools", "mariadb", "start.sh")
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
	}
	return "", errors.Join(err, errors.New("tools/mariadb/start.sh is in no folder above"))
}

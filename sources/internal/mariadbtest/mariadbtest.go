// Package mariadbtest gives the fixtures of sources a genuine MariaDB: one
// server process for a test program, started at its first use and ended with
// it, and a database of its own for every test.
package mariadbtest

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// User and Password log in, may read everything, and follow the binary log.
const (
	User     = "tributary"
	Password = `pass-'"\-word`
)

// Database is a database of one test. It is dropped when the test ends.
type Database struct {
	*sql.DB // as root
	Server  *Server
	Host    string // of the server
	Port    int
	Name    string
}

var shared = sync.OnceValues(func() (*Server, error) { return Launch() })

// New makes an empty database. A server that is not installed fails the test
// with a sentence that says how it is got.
func New(t testing.TB) *Database {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.New(t)
}

// New makes an empty database on this server.
func (s *Server) New(t testing.TB) *Database {
	t.Helper()
	name := fmt.Sprintf("test_%d", s.made.Add(1))
	if _, err := s.Root.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	db, err := open(s.Port, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		if _, err := s.Root.Exec("DROP DATABASE IF EXISTS " + name); err != nil {
			t.Error(err)
		}
	})
	return &Database{DB: db, Server: s, Host: "127.0.0.1", Port: s.Port, Name: name}
}

// open makes a pool of connections as root. Nothing of it is a goroutine while
// nobody uses it.
func open(port int, database string) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.DBName = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), "root", database
	c.InterpolateParams, c.MultiStatements, c.Logger = true, true, &mysql.NopLogger{}
	dialer, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(dialer)
	db.SetMaxIdleConns(1)
	return db, nil
}

// welcome makes the user.
func welcome(root *sql.DB) error {
	password := strings.NewReplacer(`\`, `\\`, "'", "''").Replace(Password)
	_, err := root.Exec("CREATE USER IF NOT EXISTS " + User + "@'%' IDENTIFIED BY '" + password + "';" +
		"GRANT SELECT, SHOW VIEW, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO " + User + "@'%'")
	if err != nil {
		return errors.Join(errors.New("the user of the tests can't be made"), err)
	}
	return nil
}

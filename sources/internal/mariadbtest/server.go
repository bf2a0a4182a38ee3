package mariadbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Server is a running MariaDB.
type Server struct {
	Port  int
	Dir   string  // its files; the socket in it is called s
	Root  *sql.DB // all privileges, no database
	made  atomic.Int64
	input io.WriteCloser // the server ends when it is closed, which it is with this process
}

// startLimit is how long a server may take until it answers.
const startLimit = 60 * time.Second

// Launch starts a server of its own with more options, such as --skip-log-bin.
func Launch(options ...string) (*Server, error) {
	script, err := findScript()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mariadb")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(script, "0", dir)
	cmd.Env = append(os.Environ(), "MARIADB_FOREGROUND=1", "MARIADB_OPTIONS="+strings.Join(options, " "))
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
	s := &Server{Dir: dir, input: input}
	if err := s.await(); err != nil {
		return nil, err
	}
	return s, welcome(s.Root)
}

// Attach is the server that tools/mariadb/start.sh has started on a folder and
// a port. Who started it ends it.
func Attach(dir string, port int) (*Server, error) {
	root, err := open(port, "")
	return &Server{Port: port, Dir: dir, Root: root}, err
}

// Stop ends a server that Launch started.
func (s *Server) Stop() {
	_ = s.Root.Close()
	_ = s.input.Close()
}

// Restart restarts a server that Launch started.
func (s *Server) Restart(ctx context.Context) error {
	sign := filepath.Join(s.Dir, "restarted")
	_ = os.Remove(sign)
	if _, err := s.input.Write([]byte("restart\n")); err != nil {
		return err
	}
	return poll(func() error {
		if _, err := os.Stat(sign); err != nil {
			return err
		}
		return s.Root.PingContext(ctx)
	})
}

// await waits until the server answers.
func (s *Server) await() error {
	var said error
	err := poll(func() error {
		if text, _ := os.ReadFile(filepath.Join(s.Dir, "said")); len(text) > 0 {
			said = errors.New(strings.TrimSpace(string(text)))
			return nil
		}
		text, _ := os.ReadFile(filepath.Join(s.Dir, "port"))
		port, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return err
		}
		if s.Root == nil {
			s.Port = port
			if s.Root, err = open(port, ""); err != nil {
				return err
			}
		}
		return s.Root.Ping()
	})
	return errors.Join(said, err)
}

// poll asks until there is no error.
func poll(ask func() error) (err error) {
	for until := time.Now().Add(startLimit); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if err = ask(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("MariaDB does not answer after %s: %w", startLimit, err)
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

package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// dialTimeout bounds the time until the server answers at all.
const dialTimeout = 20 * time.Second

// session is one connection. What it reads it hands over as the driver read it
// from the network, without database/sql between. A session is used by one
// goroutine.
type session struct {
	conn    driver.Conn
	mariaDB bool
	version string
}

// row is the values of one row: nil, []byte (valid until the next row), int64,
// uint64, float32 or float64.
type row = []driver.Value

// address is the server for people and for the driver.
func (s *Source) address() string {
	if filepath.IsAbs(s.cfg.Host) {
		return s.cfg.Host
	}
	return net.JoinHostPort(s.cfg.Host, strconv.FormatInt(s.cfg.Port, 10))
}

// config is the driver's, without a database: one that is missing has a
// sentence of its own.
func (s *Source) config() *mysql.Config {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", s.address()
	if filepath.IsAbs(s.cfg.Host) {
		c.Net = "unix"
	}
	c.User, c.Passwd = s.cfg.User, s.cfg.Password.Reveal()
	c.TLS = s.tls
	c.Timeout = dialTimeout
	c.InterpolateParams = true
	c.AllowCleartextPasswords = s.tls != nil
	c.Logger = driverLog{s.deps.Log}
	c.Collation = "utf8mb4_general_ci" // known to every version
	return c
}

// driverLog takes what the driver says beside the errors that it returns.
type driverLog struct{ log *slog.Logger }

// Print logs for people who look for a defect.
func (l driverLog) Print(v ...any) { l.log.Debug("driver", "message", fmt.Sprint(v...)) }

// settings make a session read the same on every server: times in UTC, texts in
// UTF-8, no end while the index is slow. Of sql_mode only the parts that change
// how a text is read are taken away.
const settings = `SET SESSION time_zone='+00:00', net_write_timeout=86400, net_read_timeout=86400, wait_timeout=86400,
	group_concat_max_len=67108864, sql_mode=REPLACE(REPLACE(REPLACE(@@sql_mode,'ANSI_QUOTES',''),'PAD_CHAR_TO_FULL_LENGTH',''),'NO_BACKSLASH_ESCAPES','')`

// connect logs in and chooses the database.
func (s *Source) connect(ctx context.Context) (*session, error) {
	dialer, err := mysql.NewConnector(s.config())
	if err != nil {
		return nil, s.wrap(err)
	}
	conn, err := dialer.Connect(ctx)
	if err != nil {
		return nil, s.wrap(s.explain(err))
	}
	c := &session{conn: conn}
	if err := s.prepare(ctx, c); err != nil {
		_ = conn.Close()
		return nil, s.wrap(s.explain(err))
	}
	return c, nil
}

func (s *Source) prepare(ctx context.Context, c *session) error {
	if err := c.exec(ctx, "USE "+quote(s.cfg.Database)); err != nil {
		return err
	}
	if err := c.exec(ctx, settings); err != nil {
		return err
	}
	return c.query(ctx, "SELECT VERSION()", func(r row) error {
		c.version = text(r[0])
		c.mariaDB = strings.Contains(c.version, "MariaDB")
		return nil
	})
}

func (c *session) close() error { return c.conn.Close() }

func (c *session) exec(ctx context.Context, statement string) error {
	_, err := c.conn.(driver.ExecerContext).ExecContext(ctx, statement, nil)
	return err
}

// query calls each for every row of a result. A column is counted by its place.
func (c *session) query(ctx context.Context, statement string, each func(row) error, args ...any) error {
	return c.rows(ctx, statement, nil, each, args...)
}

// rows is query with a look at the columns before the first row.
func (c *session) rows(ctx context.Context, statement string, columns func([]string, driver.Rows) error, each func(row) error, args ...any) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	rows, err := c.conn.(driver.QueryerContext).QueryContext(ctx, statement, named)
	if err != nil {
		return firstOf(ctx, err)
	}
	defer func() {
		if err != nil {
			cancel() // closes the connection: Close would read all that is left
		}
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	names := rows.Columns()
	if columns != nil {
		if err := columns(names, rows); err != nil {
			return err
		}
	}
	values := make(row, len(names))
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return firstOf(ctx, err)
		}
		if err := each(values); err != nil {
			return err
		}
	}
}

// firstOf returns why a context ended, where that is why a call failed.
func firstOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// quote makes a name of SQL of any text.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// text is a value of a system table.
func text(v driver.Value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	}
	return fmt.Sprint(v)
}

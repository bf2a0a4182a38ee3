package postgresql

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

const (
	dialTimeout  = 20 * time.Second // until the server answers at all
	closeTimeout = time.Second
)

// session is one connection. All values are read in the server's text form,
// which is exact for every type and, under these settings, the same on every
// server. A session is used by one goroutine.
type session struct {
	conn     *pgconn.PgConn
	version  int    // of the server, such as 150018
	encoding string // of texts on their way
}

// A database in the encoding SQL_ASCII holds any bytes, which can't be converted:
// they are read as they are.
const (
	unicode = "UTF8"
	bytesOf = "SQL_ASCII"
)

// forms make values look the same on every server, also in a replication stream.
var forms = map[string]string{
	"datestyle":          "ISO",
	"intervalstyle":      "iso_8601",
	"timezone":           "UTC",
	"bytea_output":       "hex",
	"extra_float_digits": "3", // from version 12 on any value above 0 is exact
}

// limits keep a session alive while the index is slow.
const limits = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '60s'; SET cursor_tuple_fraction = 1"

// address is the server for people.
func (s *Source) address() string {
	if filepath.IsAbs(s.cfg.Host) {
		return s.cfg.Host
	}
	return net.JoinHostPort(s.cfg.Host, strconv.FormatInt(s.cfg.Port, 10))
}

// config is the driver's. Nothing of it comes from environment or home folder.
func (s *Source) config() (*pgconn.Config, error) {
	c, err := pgconn.ParseConfig("host=/ port=1 user=x password=x dbname=x sslmode=disable passfile=/ connect_timeout=20 target_session_attrs=any sslnegotiation=postgres")
	if err != nil {
		return nil, err
	}
	c.Host, c.Port = s.cfg.Host, uint16(s.cfg.Port)
	c.User, c.Password, c.Database = s.cfg.Username, s.cfg.Password.Reveal(), s.cfg.Database
	c.RuntimeParams = map[string]string{"application_name": "tributary"}
	c.ConnectTimeout = dialTimeout
	if filepath.IsAbs(s.cfg.Host) {
		return c, nil
	}
	c.TLSConfig = s.tls
	if s.tls == nil { // encrypted if the server can
		c.TLSConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
		c.Fallbacks = []*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port}}
	}
	return c, nil
}

// connect logs in. A server that is full or starting up is tried again.
func (s *Source) connect(ctx context.Context) (*session, error) {
	config, err := s.config()
	if err != nil {
		return nil, s.wrap(err)
	}
	var c *session
	err = sqldb.Retry(ctx, int(s.cfg.RetryCount), passes, func() error {
		conn, err := pgconn.ConnectConfig(ctx, config)
		if err != nil {
			return err
		}
		c = &session{conn: conn}
		if err := s.prepare(ctx, c); err != nil {
			c.close()
			return err
		}
		return nil
	})
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	return c, nil
}

func (s *Source) prepare(ctx context.Context, c *session) error {
	var b strings.Builder
	for name, value := range forms {
		b.WriteString("SET " + name + " = '" + value + "'; ")
	}
	b.WriteString(limits + "; SET search_path = " + quote(s.cfg.Schema) + ", public")
	if err := c.exec(ctx, b.String()); err != nil {
		return err
	}
	version, err := c.one(ctx, "SELECT pg_catalog.current_setting('server_version_num')")
	if err != nil {
		return err
	}
	c.version, c.encoding = int(signed([]byte(version))), unicode
	if c.conn.ParameterStatus("server_encoding") == bytesOf {
		c.encoding = bytesOf
	}
	return c.exec(ctx, "SET client_encoding = "+c.encoding)
}

// connectReplication opens a connection that speaks the replication protocol,
// whose settings are made at its start.
func (s *Source) connectReplication(ctx context.Context, encoding string) (*session, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	maps.Copy(config.RuntimeParams, forms)
	config.RuntimeParams["client_encoding"] = encoding
	config.RuntimeParams["wal_sender_timeout"] = "1h" // an index that is slow is no reader that is gone
	config.RuntimeParams["replication"] = "database"
	config.RuntimeParams["application_name"] = s.reader()
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, encoding: encoding}, nil
}

// close ends the connection, and returns when nothing of it is left.
func (c *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = c.conn.Close(ctx) // nothing was written that could be lost
	<-c.conn.CleanupDone()
}

// exec runs statements without parameters.
func (c *session) exec(ctx context.Context, statements string) error {
	return c.conn.Exec(ctx, statements).Close()
}

// query calls each for every row. Its values are valid until the next row.
func (c *session) query(ctx context.Context, statement string, each func([][]byte) error, args ...string) error {
	params := make([][]byte, len(args))
	for i, a := range args {
		params[i] = []byte(a)
	}
	rows := c.conn.ExecParams(ctx, statement, params, nil, nil, nil)
	for rows.NextRow() {
		if err := each(rows.Values()); err != nil {
			_, _ = rows.Close() // reads the rest
			return err
		}
	}
	_, err := rows.Close()
	return err
}

// one returns the only value of a result; empty without a row.
func (c *session) one(ctx context.Context, statement string, args ...string) (value string, err error) {
	err = c.query(ctx, statement, func(row [][]byte) error {
		value = string(row[0])
		return nil
	}, args...)
	return value, err
}

// quote makes a name of SQL of any text.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal makes a text of SQL of any text.
func literal(text string) string {
	return " E'" + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), `'`, `''`) + "'"
}

package postgresql

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE codes that something follows from.
const (
	codeNoPrivilege   = "42501"
	codeNoTable       = "42P01"
	codeNoColumn      = "42703"
	codeNoSchema      = "3F000"
	codeNoDatabase    = "3D000"
	codeBadPassword   = "28P01"
	codeBadLogin      = "28000"
	codeFull          = "53300"
	codeCanceled      = "57014"
	codeInUse         = "55006"
	codeNotReady      = "55000" // wal_level, and slots that lost their log
	codeNoObject      = "42704"
	codeReadOnly      = "25006"
	codeSlotsFull     = "53400"
	codeLocked        = "55P03"
	codeDuplicate     = "42710"
	codeIdleInTx      = "25P03"
	codeNotReplicated = "0A000"
)

// passing are errors that another attempt may not meet.
var passing = []string{
	codeFull, codeInUse, codeIdleInTx,
	"57P01", "57P02", "57P03", "57P05", // the server stops, crashed, starts
	"40001", "40P01", // conflict with replay on a standby, deadlock
}

// errStale says that a table is not any more what it was when the snapshot was
// taken, which would show it empty.
var errStale = errors.New("the table was changed while it was read")

// passes reports whether an error may be gone at the next attempt.
func passes(err error) bool {
	if errors.Is(err, errStale) {
		return true
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return slices.Contains(passing, refused.Code) || strings.HasPrefix(refused.Code, "08")
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary
	}
	var network *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.As(err, &network)
}

// code is the SQLSTATE of an error, or empty.
func code(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// explain names the database and says what to do. What a context ended is told
// as its cause.
func (s *Source) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	text := reason(err)
	if remedy := s.remedy(err); remedy != "" {
		text += "; " + remedy
	}
	return s.wrap(&explained{text, err})
}

// explained is an error in our words.
type explained struct {
	text  string
	cause error
}

// Error is our words.
func (e *explained) Error() string { return e.text }

// Unwrap is the driver's error.
func (e *explained) Unwrap() error { return e.cause }

// reason is the server's message, or the error that is below the driver's.
func reason(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		text := refused.Message
		if refused.Detail != "" {
			text += " (" + strings.TrimSuffix(refused.Detail, ".") + ")"
		}
		return text
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Error()
	}
	return err.Error()
}

func (s *Source) remedy(err error) string {
	switch code(err) {
	case codeBadPassword:
		return "check username and password"
	case codeBadLogin:
		return "the server's pg_hba.conf must let this user in from this machine; where it demands encryption, switch on ssl_enabled"
	case codeNoDatabase:
		return "check the name of the database, and its case"
	case codeFull:
		return "the server has no connection left: close some, or raise max_connections"
	case codeNoPrivilege:
		return "run: " + s.grantAll()
	case codeLocked:
		return "another session holds a lock on it, such as an ALTER TABLE or a VACUUM FULL; try again when that is done"
	}
	return networkRemedy(err)
}

func networkRemedy(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var network *net.OpError
	switch {
	case errors.As(err, &unknown):
		return "paste the certificate of the authority that signed the server's into ssl_ca"
	case errors.As(err, &host):
		return "name the host as the server's certificate does"
	case strings.Contains(err.Error(), "server refused TLS"):
		return "the server has no TLS: switch it on there, or ssl_enabled off"
	case errors.As(err, &network) && network.Op == "dial":
		return "check host and port, and that the server listens on an address that this machine reaches (listen_addresses)"
	}
	return ""
}

// grantAll lets the user read all tables of the schema.
func (s *Source) grantAll() string {
	schema, user := quote(s.cfg.Schema), quote(s.cfg.Username)
	return fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON ALL TABLES IN SCHEMA %s TO %s;", schema, user, schema, user)
}

// grant lets the user read one table.
func (s *Source) grant(table string) string {
	return fmt.Sprintf("GRANT SELECT ON %s TO %s;", s.qualified(table), quote(s.cfg.Username))
}

// qualified is a table of the schema in SQL.
func (s *Source) qualified(table string) string { return quote(s.cfg.Schema) + "." + quote(table) }

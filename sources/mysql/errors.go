package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/go-sql-driver/mysql"
)

// The server's error numbers that something follows from.
const (
	errDBAccess       = 1044
	errAccess         = 1045
	errNoDB           = 1049
	errTableAccess    = 1142
	errColumnAccess   = 1143
	errNoTable        = 1146
	errDefChanged     = 1412
	errTooManyConns   = 1040
	errUserConns      = 1203
	errUserLimit      = 1226
	errSpecificAccess = 1227
	errBinlog         = 1236
	errStatementTime  = 1969 // MariaDB
	errExecutionTime  = 3024 // MySQL
	errExplainView    = 1345 // EXPLAIN needs privileges on what a view reads
)

// passing are errors that another attempt may not meet: the server is full,
// stops, or ended a transaction for another one.
var passing = []uint16{
	errTooManyConns, errUserConns, errUserLimit,
	1053, // the server shuts down
	1158, 1159, 1160, 1161,
	1205, // lock wait timeout
	1213, // deadlock
	1927, // the connection was killed
	errDefChanged,
}

// passes reports whether an error may be gone at the next attempt.
func passes(err error) bool {
	var refused *mysql.MySQLError
	if errors.As(err, &refused) {
		return slices.Contains(passing, refused.Number)
	}
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// number is the server's number of an error, or 0.
func number(err error) uint16 {
	var refused *mysql.MySQLError
	if errors.As(err, &refused) {
		return refused.Number
	}
	return 0
}

// explain says what to do about errors that people meet.
func (s *Source) explain(err error) error {
	if remedy := s.remedy(err); remedy != "" {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	return err
}

func (s *Source) remedy(err error) string {
	switch number(err) {
	case errAccess:
		return "check user and password, and that the user may connect from this machine"
	case errDBAccess, errTableAccess, errColumnAccess:
		return "run: " + s.grant("SELECT", s.database())
	case errSpecificAccess:
		return "run: " + s.grant("REPLICATION CLIENT, REPLICATION SLAVE", "*.*")
	case errNoDB:
		return "check the name of the database, and its case"
	case errTooManyConns, errUserConns, errUserLimit:
		return "the server has no connection left: close some, or raise the limit"
	case errStatementTime, errExecutionTime:
		return "make the query faster, or raise query_timeout"
	}
	return s.networkRemedy(err)
}

func (s *Source) networkRemedy(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var network *net.OpError
	switch {
	case errors.As(err, &unknown):
		return "paste the certificate of the authority that signed the server's into ssl_ca"
	case errors.As(err, &host):
		return "name the host as the server's certificate does"
	case errors.Is(err, mysql.ErrNoTLS), errors.As(err, &record):
		return "the server has no TLS: switch it on there, or ssl_enabled off"
	case errors.As(err, &network) && network.Op == "dial":
		return "check host and port, and that the server listens on an address other than 127.0.0.1"
	}
	return ""
}

// grant is a statement for the server's administrator.
func (s *Source) grant(privileges, on string) string {
	return fmt.Sprintf("GRANT %s ON %s TO %s@'%%';", privileges, on, literalText(s.cfg.User))
}

func (s *Source) database() string { return quote(s.cfg.Database) + ".*" }

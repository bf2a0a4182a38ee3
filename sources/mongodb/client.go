package mongodb

import (
	"crypto/tls"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

const (
	// selectTimeout is how long a request waits for a server that can answer
	// it, unless the connection string says so: an election takes up to 12 s.
	selectTimeout = 20 * time.Second
	// closeTimeout is how long Close waits for requests under way, and for a
	// server that no longer answers.
	closeTimeout = 2 * time.Second
)

const schemeSRV = "mongodb+srv://"

func isSRV(host string) bool { return strings.HasPrefix(host, schemeSRV) }

// connectionString completes a host to a connection string.
func connectionString(host string) string {
	if strings.Contains(host, "://") {
		return host
	}
	return "mongodb://" + host
}

// parameter returns a parameter of a connection string, whose names are
// matched whatever their case; empty when there is none.
func parameter(host, name string) string {
	_, query, _ := strings.Cut(host, "?")
	for pair := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		if strings.EqualFold(key, name) {
			if text, err := url.QueryUnescape(value); err == nil {
				return text
			}
			return value
		}
	}
	return ""
}

// checkTLS compares the connection string with the toggle: both may say
// whether the connection is encrypted, but not two things.
func checkTLS(cfg Config) connector.Problems {
	for _, name := range []string{"tls", "ssl"} {
		said := parameter(cfg.Host, name)
		on, err := strconv.ParseBool(said)
		switch {
		case said == "" || err == nil && on == cfg.SSLEnabled:
		case isSRV(cfg.Host) && on:
		default:
			return connector.Problems{{
				Pointer: "/ssl_enabled", Label: "SSL/TLS Connection",
				Message: "it is " + strconv.FormatBool(cfg.SSLEnabled) + ", but the connection string says " + name + "=" + said + ": make both say the same, or take it out of the connection string",
			}}
		}
	}
	return nil
}

// clientOptions makes the driver's options. For mongodb+srv:// it asks the DNS.
// Its error never holds the connection string, which may hold a password.
func clientOptions(cfg Config) (*options.ClientOptions, error) {
	opts := options.Client().SetAppName("tributary").SetServerSelectionTimeout(selectTimeout).ApplyURI(connectionString(cfg.Host))
	if err := opts.Validate(); err != nil {
		return nil, unreadable(cfg, err)
	}
	if cfg.User != "" || !cfg.Password.Empty() {
		opts.SetAuth(credential(cfg, opts.Auth))
	}
	if cfg.DirectConnection {
		opts.SetDirect(true)
	}
	if cfg.SSLEnabled {
		config, err := tlsConfig(cfg, opts.TLSConfig)
		if err != nil {
			return nil, err
		}
		opts.SetTLSConfig(config)
	}
	if err := opts.Validate(); err != nil {
		return nil, unreadable(cfg, err)
	}
	return opts, nil
}

// unreadable is the problem of a connection string. The driver's words are
// left out when they may hold a part of a password.
func unreadable(cfg Config, err error) error {
	message := "the connection string can't be used: " + strings.TrimPrefix(err.Error(), "error parsing uri: ")
	if strings.Contains(cfg.Host, "@") && !isSRV(cfg.Host) {
		message = "the connection string can't be read, or two of its options exclude each other; user and password in it must be percent-encoded, and are better kept in their own fields"
	}
	return connector.Problems{{Pointer: "/host", Label: "Server hostname", Message: message}}
}

// credential is the configured user, with what the connection string says of
// how to log in.
func credential(cfg Config, said *options.Credential) options.Credential {
	c := options.Credential{}
	if said != nil {
		c = *said
	}
	if cfg.User != "" {
		c.Username = cfg.User
	}
	c.Password, c.PasswordSet = cfg.Password.Reveal(), !cfg.Password.Empty()
	if source := parameter(cfg.Host, "authSource"); source != "" {
		c.AuthSource = source
	}
	return c
}

// tlsConfig adds the configured authority to what the connection string says.
// No file is written.
func tlsConfig(cfg Config, said *tls.Config) (*tls.Config, error) {
	config, err := sqldb.TLS(cfg.SSLCA, "") // the driver names the host
	if err != nil {
		return nil, connector.Problems{{Pointer: "/ssl_ca", Label: "Certificate Authority (.pem)", Message: err.Error()}}
	}
	if said != nil {
		authorities := config.RootCAs
		if config = said.Clone(); authorities != nil {
			config.RootCAs = authorities
		}
	}
	config.InsecureSkipVerify = config.InsecureSkipVerify || cfg.TLSInsecure
	return config, nil
}

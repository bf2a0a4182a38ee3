package postgresql_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// TestLogin: what is wrong with a connection is told, without the password.
func TestLogin(t *testing.T) {
	db := fixture.NewDatabase(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := nobody.Addr().(*net.TCPAddr).Port
	require.NoError(t, nobody.Close())
	for want, more := range map[string]values{
		"password authentication failed for user \"tributary\"; check username and password": {"password": "S3CRET"},
		"password authentication failed for user \"nobody\"; check username and password":    {"username": "nobody", "password": "S3CRET"},
		"database \"nope\" does not exist; check the name of the database, and its case":     {"database": "nope", "password": fixture.Password},
		"connection refused; check host and port, and that the server listens on an address": {"port": closed, "password": "S3CRET"},
		"no such host": {"host": "nowhere.invalid", "password": "S3CRET"},
		"the server has no TLS: switch it on there, or ssl_enabled off": {"ssl_enabled": true},
	} {
		s, logged := open(t, db, more)
		err := s.Ping(t.Context())
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error()+logged.String(), "S3CRET")
		require.NotContains(t, err.Error()+logged.String(), fixture.Password)
		_, err = tryRead(t.Context(), s, "")
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, s.ValidateConfig(t.Context()), want)
		_, err = s.Position(t.Context())
		require.ErrorContains(t, err, want)
		_, err = s.Fields(t.Context())
		require.ErrorContains(t, err, want)
		_, err = s.Changed(t.Context(), []byte(`{"postgresql":1}`))
		require.ErrorContains(t, err, want)
		_, err = s.Changes(t.Context(), []byte(`{"postgresql":1}`), connector.Filter{}, nil)
		require.ErrorContains(t, err, want)
	}
	s, _ := open(t, db, nil)
	require.NoError(t, s.Ping(t.Context()))
}

// TestNothingFromOutside: variables and files of libpq's decide nothing.
func TestNothingFromOutside(t *testing.T) {
	db := fixture.NewDatabase(t)
	for name, value := range map[string]string{"PGHOST": "nowhere.invalid", "PGUSER": "nobody", "PGSSLMODE": "verify-full", "PGOPTIONS": "-c datestyle=German", "PGTARGETSESSIONATTRS": "standby"} {
		t.Setenv(name, value)
	}
	s, _ := open(t, db, nil)
	require.NoError(t, s.Ping(t.Context()))
}

// TestSocket: an absolute path is the folder of the server's socket.
func TestSocket(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)")
	s, _ := open(t, db, replicated(values{"host": db.Dir, "ssl_enabled": true}))
	at := position(t, s)
	require.Len(t, read(t, s, ""), 1)
	require.Empty(t, changesSince(t, s, at))
	s, _ = open(t, db, values{"host": "/nowhere", "ssl_enabled": true})
	require.ErrorContains(t, s.Ping(t.Context()), "database "+db.Name+" on /nowhere")
}

// TestFullServer: a server without room is tried again.
func TestFullServer(t *testing.T) {
	db := fixture.NewDatabase(t)
	user := role(t, db, "narrow", "CONNECTION LIMIT 1")
	user["retry_count"] = 0
	s, _ := open(t, db, user)
	busy := func(run func()) {
		other, _ := open(t, db, user)
		err := other.GetDocs(t.Context(), connector.Filter{}, func(connector.Document) error {
			run()
			return nil
		})
		require.NoError(t, err)
	}
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)")
	db.Exec(t, "GRANT SELECT ON t TO narrow")
	busy(func() { require.ErrorContains(t, s.Ping(t.Context()), "too many connections for role") })
	user["retry_count"] = 20
	patient, _ := open(t, db, user)
	result := make(chan error, 1)
	busy(func() {
		go func() { result <- patient.Ping(context.WithoutCancel(t.Context())) }()
		time.Sleep(100 * time.Millisecond)
	})
	require.NoError(t, <-result)
}

// certificate makes a certificate of a host, which is its own authority.
func certificate(t testing.TB, host, dir string) (ca, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	require.NoError(t, err)
	raw, err := x509.MarshalECPrivateKey(private)
	require.NoError(t, err)
	ca = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	cert, key = filepath.Join(dir, host+".crt"), filepath.Join(dir, host+".key")
	require.NoError(t, os.WriteFile(cert, []byte(ca), 0o644))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), 0o600))
	if os.Getuid() == 0 { // the server does not run as root
		require.NoError(t, os.Chown(key, 65534, 65534))
	}
	return ca, cert, key
}

func TestTLS(t *testing.T) {
	dir, err := os.MkdirTemp("", "tls")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	ca, cert, key := certificate(t, "127.0.0.1", dir)
	other, _, _ := certificate(t, "example.org", dir)
	server, err := fixture.Launch("-c ssl=on -c ssl_cert_file=" + cert + " -c ssl_key_file=" + key)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := server.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	encrypted := func(user string) string {
		return db.Query(t, "SELECT coalesce(bool_and(ssl), true) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = '"+user+"'")[0][0]
	}
	for name, c := range map[string]struct {
		more values
		want string
	}{
		"not verified":         {nil, ""},
		"verified":             {values{"ssl_enabled": true, "ssl_ca": ca}, ""},
		"on one line":          {values{"ssl_enabled": true, "ssl_ca": strings.ReplaceAll(ca, "\n", " ")}, ""},
		"by another authority": {values{"ssl_enabled": true, "ssl_ca": other}, "paste the certificate of the authority that signed the server's into ssl_ca"},
		"by the machine's":     {values{"ssl_enabled": true}, "paste the certificate"},
		"for another name":     {values{"ssl_enabled": true, "ssl_ca": ca, "host": "localhost"}, "name the host as the server's certificate does"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, db, replicated(c.more))
			err := s.Ping(t.Context())
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
				return
			}
			require.NoError(t, err)
			at := position(t, s)
			db.Own(t, "INSERT INTO t SELECT coalesce(max(k), 0) + 1 FROM t")
			_, err = s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
				c.Release()
				require.Equal(t, "t", encrypted(fixture.User))
				return nil
			})
			require.NoError(t, err)
		})
	}
	_, err = postgresql.Kind().Open(t.Context(), db.Config(t, values{"ssl_enabled": true, "ssl_ca": "no certificate"}), connector.Deps{})
	require.ErrorContains(t, err, "it holds no certificate")
}

package mongodb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

func TestConfigurationsThatContradictThemselves(t *testing.T) {
	base := settings{"host": "h", "database": "d", "collection": "c"}
	for name, test := range map[string]struct {
		more settings
		want string
	}{
		"tls on here":     {settings{"ssl_enabled": true, "host": "mongodb://h/?tls=false"}, "SSL/TLS Connection: it is true, but the connection string says tls=false"},
		"tls on there":    {settings{"host": "mongodb://h/?replicaSet=a&ssl=true"}, "SSL/TLS Connection: it is false, but the connection string says ssl=true"},
		"tls off for srv": {settings{"ssl_enabled": true, "host": "mongodb+srv://h.example.org/?TLS=false"}, "says tls=false"},
		"tls, not a word": {settings{"host": "mongodb://h/?tls=perhaps"}, "says tls=perhaps"},
		"no certificate":  {settings{"ssl_enabled": true, "ssl_ca": "hello"}, "Certificate Authority (.pem): it holds no certificate"},
		"no connection":   {settings{"host": "mongodb://"}, "Server hostname: the connection string can't be used"},
		"other scheme":    {settings{"host": "http://h"}, `Server hostname: the connection string can't be used: scheme must be "mongodb" or "mongodb+srv"`},
		"password inside": {settings{"host": "mongodb://u:p@ss@word@h"}, "Server hostname: the connection string can't be read"},
		"bad option":      {settings{"host": "mongodb://h/?w=-1"}, "Server hostname: the connection string can't be used"},
		"direct to many":  {settings{"host": "mongodb://a,b", "direct_connection": true}, "Server hostname: the connection string can't be used: a direct connection cannot be made"},
		"no collection":   {settings{"collection": " , "}, "Collection: it names no collection"},
		"unknown dates":   {settings{"datetime_conversion": "NEVER"}, "Out-of-range date handling"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := tryOpen(t, base.with(test.more))
			var problems connector.Problems
			require.ErrorAs(t, err, &problems)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "p@ss")
		})
	}
}

func TestConfigurationsThatAgree(t *testing.T) {
	for _, more := range []settings{
		{"host": "localhost"}, {"host": "localhost:27018"}, {"host": "[::1]:27018"}, {"host": "a.example,b.example:27018"},
		{"host": "mongodb://h/?tls=false"}, {"host": "mongodb://h/?ssl=true", "ssl_enabled": true}, {"host": "mongodb+srv://h.example.org/?ssl=true"},
		{"host": "mongodb+srv://h.example.org", "ssl_enabled": true}, {"user": "u", "password": "p"}, {"host": "mongodb://u:p%40@h/?authSource=x&uuidRepresentation=javaLegacy"},
		{"ssl_enabled": true, "tls_insecure": true}, {"collection": "a,b"}, {"collection": "*"},
	} {
		_, _, err := tryOpen(t, settings{"host": "h", "database": "d", "collection": "c"}.with(more))
		require.NoError(t, err, more)
	}
}

func TestAnSRVNameThatIsNotThere(t *testing.T) {
	source := open(t, settings{"host": "mongodb+srv://u:hidden@no-such-name.invalid", "database": "d", "collection": "c"})
	err := source.Ping(t.Context())
	require.ErrorContains(t, err, "Server hostname: the connection string can't be used")
	require.NotContains(t, err.Error(), "hidden")
	_, err = get(t.Context(), source, rules(""))
	require.Error(t, err)
	_, err = source.Position(t.Context())
	require.Error(t, err)
	require.Error(t, source.ValidateConfig(t.Context()))
	_, err = source.Changed(t.Context(), connector.Cursor(stored))
	require.Error(t, err)
}

func TestAServerThatDoesNotAnswer(t *testing.T) {
	source := open(t, settings{"host": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100", "user": "u", "password": "hidden", "database": "d", "collection": "c"})
	err := source.Ping(t.Context())
	require.ErrorContains(t, err, "ping: no server answers that can be read from; check the host, the port, the replica set's name and whether TLS must be on, or try a direct connection")
	require.NotContains(t, err.Error(), "hidden")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, source.Ping(ctx), context.Canceled)
	require.True(t, errors.Is(source.ValidateConfig(ctx), context.Canceled))
}

func TestValidateConfig(t *testing.T) {
	db := fixture.Database(t)
	empty := fixture.Database(t)
	insert(t, db.Collection("papers"), d("_id", 1))
	require.NoError(t, db.CreateView(t.Context(), "view", "papers", []bson.D{}))
	for collection, want := range map[string]string{
		"papers": "", "view": "", "*": "", "pap*,view": "",
		"paper":    "Collection: database DB has no collection paper; it has papers, view",
		"papers,x": "Collection: database DB has no collection x; it has papers, view",
		"x*":       "Collection: database DB has no collection that matches x*; it has papers, view",
	} {
		err := open(t, on(t, db, collection)).ValidateConfig(t.Context())
		if want == "" {
			require.NoError(t, err, collection)
			continue
		}
		require.EqualError(t, err, replaceDB(want, db.Name()))
	}
	for _, collection := range []string{"c", "*"} {
		err := open(t, on(t, empty, collection)).ValidateConfig(t.Context())
		require.ErrorContains(t, err, "it is empty, the server has the databases ")
		require.ErrorContains(t, err, db.Name())
		require.ErrorIs(t, err, connector.ErrGone)
		source, log, err := tryOpen(t, on(t, empty, collection))
		require.NoError(t, err)
		require.Empty(t, mustGet(t, source, rules("")))
		require.Contains(t, log.String(), "database "+empty.Name()+" has no collection")
	}
}

func TestPrivileges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url, err := fixture.Start(dir)
	require.NoError(t, err)
	admin := client(t, url)
	insert(t, admin.Database("db").Collection("c"), d("_id", 1))
	for user, roles := range map[string]bson.A{
		"reader":  {d("role", "read", "db", "db")},
		"nobody":  {},
		"elsewho": {d("role", "read", "db", "other")},
	} {
		require.NoError(t, admin.Database("admin").RunCommand(t.Context(), d("createUser", user, "pwd", "hidden%1", "roles", roles)).Err())
	}
	require.NoError(t, fixture.Stop(dir, false))
	url = own(t, dir, "--auth")

	as := func(user, password string) settings {
		return settings{"host": url, "user": user, "password": password, "database": "db", "collection": "c"}
	}
	source := open(t, as("reader", "hidden%1"))
	require.NoError(t, source.Ping(t.Context()))
	require.NoError(t, source.ValidateConfig(t.Context()))
	require.Equal(t, []string{"1"}, mustGet(t, source, rules("")).ids())
	require.False(t, changed(t, source, position(t, source)))

	err = open(t, as("reader", "wrong-hidden")).Ping(t.Context())
	require.ErrorContains(t, err, "ping: the server refuses the user reader or its password; check user and password; if the user is kept in another database than admin, name it with authSource=… in the connection string")
	require.NotContains(t, err.Error(), "wrong-hidden")
	require.NoError(t, open(t, as("", "").with(settings{"host": strings.Replace(url, "//", "//reader:hidden%251@", 1) + "&authSource=admin"})).Ping(t.Context()))

	for _, user := range []string{"nobody", "elsewho"} {
		source := open(t, as(user, "hidden%1"))
		for _, err := range []error{source.ValidateConfig(t.Context()), source.GetDocs(t.Context(), rules(""), nil)} {
			require.ErrorContains(t, err, "the user "+user+" lacks a privilege")
			require.ErrorContains(t, err, `grant the role that holds it: db.getSiblingDB("admin").grantRolesToUser("`+user+`", [{role: "read", db: "db"}])`)
			require.NotContains(t, err.Error(), "hidden%1")
		}
	}
}

// authority makes a certificate for 127.0.0.1 that signs itself, with its key
// behind it.
func authority(t testing.TB) (certificate, both string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certificate, certificate + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, both := authority(t)
	other, _ := authority(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "server.pem")
	require.NoError(t, os.WriteFile(file, []byte(both), 0o600))
	url := own(t, filepath.Join(dir, "data"), "--tls-cert-file", file, "--tls-key-file", file)
	base := settings{"host": url, "database": "db", "collection": "c", "ssl_enabled": true}

	for name, more := range map[string]settings{
		"authority":           {"ssl_ca": certificate},
		"authority, one line": {"ssl_ca": strings.ReplaceAll(certificate, "\n", " ")},
		"authority, escaped":  {"ssl_ca": strings.ReplaceAll(certificate, "\n", `\n`)},
		"any":                 {"tls_insecure": true},
		"in both":             {"host": url + "&tls=true", "ssl_ca": certificate},
	} {
		require.NoError(t, open(t, base.with(more)).Ping(t.Context()), name)
	}
	for name, more := range map[string]settings{
		"unknown authority": {"ssl_ca": other},
		"none":              {},
		"no TLS":            {"ssl_enabled": false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more["host"] = url + "&serverSelectionTimeoutMS=1500"
			require.ErrorContains(t, open(t, base.with(more)).Ping(t.Context()), "no server answers")
		})
	}
}

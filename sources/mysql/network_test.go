package mysql_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/mariadbtest"
	"github.com/tributary-search/tributary/sources/internal/relaytest"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// certify writes a certificate for 127.0.0.1 and its key, and returns it as the
// authority that it is signed by: itself.
func certify(t *testing.T, dir string) (ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	ca = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), []byte(ca), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o644))
	return ca
}

// TestEncrypted reads tables and the log over TLS.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := certify(t, dir)
	server, err := mariadbtest.Launch("--ssl-cert="+dir+"/cert.pem", "--ssl-key="+dir+"/key.pem", "--require-secure-transport=0")
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := fixture.On(t, server)
	db.Fill(t, "items", 10)
	db.Exec(t, "ALTER USER "+mariadbtest.User+"@'%' REQUIRE SSL")
	for name, text := range map[string]string{"lines": ca, "one line": strings.ReplaceAll(ca, "\n", " "), "escaped": strings.ReplaceAll(ca, "\n", `\n`)} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, db, map[string]any{"ssl_enabled": true, "ssl_ca": text})
			f := start(t, s)
			db.Exec(t, "UPDATE items SET title=CONCAT(title,'x')")
			f.same()
			require.Equal(t, 10, f.count)
		})
	}
	plain, _ := open(t, db, nil)
	require.Error(t, plain.Ping(t.Context()))
	unknown, _ := open(t, db, map[string]any{"ssl_enabled": true})
	require.ErrorContains(t, unknown.Ping(t.Context()), "paste the certificate of the authority")
	other, _ := open(t, db, map[string]any{"ssl_enabled": true, "ssl_ca": ca, "host": "localhost"})
	require.ErrorContains(t, other.Ping(t.Context()), "name the host as the server's certificate does")
	without := fixture.NewDatabase(t)
	s, _ := open(t, without, map[string]any{"ssl_enabled": true})
	require.ErrorContains(t, s.Ping(t.Context()), "the server has no TLS: switch it on there, or ssl_enabled off")
}

// TestLostConnections reads through a network that breaks in every few pages:
// everything arrives, once.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 2000)
	db.Exec(t, "CREATE TABLE more (a INT, b VARCHAR(9), PRIMARY KEY (a,b))", "INSERT INTO more SELECT seq DIV 10, seq FROM seq_1_to_500")
	b := relaytest.New(t, fmt.Sprintf("127.0.0.1:%d", db.Port))
	s, l := open(t, db, map[string]any{"port": b.Port(), "fetch_size": 100, "retry_count": 1})
	b.CutAfter(150_000)
	seen := map[string]int{}
	require.NoError(t, s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		seen[d.ID]++
		d.Release()
		return nil
	}))
	require.Len(t, seen, 2500)
	for id, n := range seen {
		require.Equal(t, 1, n, id)
	}
	require.Contains(t, l.String(), "the connection was lost while reading")
	require.Greater(t, b.Cuts(), int64(2))

	b.CutAfter(1000) // less than it takes to log in
	_, err := tryRead(t.Context(), s, "")
	require.Error(t, err)

	b.CutAfter(-1)
	f := start(t, s)
	db.Exec(t, "UPDATE items SET title='x'")
	b.CutAfter(60_000)
	require.Error(t, f.sync(), "the log breaks off")
	b.CutAfter(-1)
	f.same()
}

// TestWriter changes rows while they are read: the next incremental sync puts
// everything right.
func TestWriter(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 5000)
	s, _ := open(t, db, map[string]any{"fetch_size": 200})
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { done <- n }()
		for ; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			statement := []string{"UPDATE items SET title='w%d' WHERE number=%d", "DELETE FROM items WHERE number=%d+0*%[1]d", "REPLACE INTO items (number,title,state,created) VALUES (%[2]d,'w%[1]d',1,'2026-01-01')"}[n%3]
			if n%3 == 1 {
				statement = "DELETE FROM items WHERE number=%[2]d+0*%[1]d"
			}
			if _, err := db.DB.Exec(fmt.Sprintf(statement, n, (n*7919)%6000)); err != nil {
				panic(err)
			}
		}
	}()
	f := start(t, s)
	for range 5 {
		require.NoError(t, f.sync())
	}
	close(stop)
	require.Greater(t, <-done, 50)
	f.same()
}

// rowsRead is how many rows the server has read so far, for all sessions.
const rowsRead = "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('HANDLER_READ_KEY','HANDLER_READ_NEXT','HANDLER_READ_RND_NEXT')"

// TestWhatTheServerIsAsked proves that an incremental sync reads the changed
// rows alone.
func TestWhatTheServerIsAsked(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 5000)
	s, _ := open(t, db, nil)
	f := start(t, s)
	db.Exec(t, "UPDATE items SET title='x' WHERE number<800", "DELETE FROM items WHERE number>=4800")
	var before, after int
	require.NoError(t, db.DB.QueryRow(rowsRead).Scan(&before))
	require.NoError(t, f.sync())
	require.NoError(t, db.DB.QueryRow(rowsRead).Scan(&after))
	require.Equal(t, 1000, f.count)
	require.Less(t, after-before, 3000, "rows that the server has read")
	f.same()
}

// TestPagesAlongTheIndex looks at how the server reads pages of a table whose
// key has three columns, of which the first hardly differ.
func TestPagesAlongTheIndex(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE t (a INT, b VARCHAR(9), c INT, PRIMARY KEY (a,b,c))", "INSERT INTO t SELECT seq DIV 3750, 'x', seq FROM seq_1_to_5000", "ANALYZE TABLE t")
	s, _ := open(t, db, map[string]any{"fetch_size": 100})
	var before, after int
	require.NoError(t, db.DB.QueryRow(rowsRead).Scan(&before))
	require.Len(t, read(t, s, ""), 5000)
	require.NoError(t, db.DB.QueryRow(rowsRead).Scan(&after))
	require.Less(t, after-before, 7000, "rows that the server has read")
}

package elastic_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // of its certificate, in PEM
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), name+".crt")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return authority{cert, key, file}
}

func (a authority) fingerprint() string { return fingerprint(a.cert.Raw) }

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// sign makes a server certificate for 127.0.0.1, whose chain holds the
// authority too, as Elasticsearch sends it.
func (a authority) sign(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "node"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}
}

func root(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	_, _ = io.WriteString(w, `{"cluster_name":"c","version":{"number":"9.1.0","build_flavor":"default"}}`)
}

func serveTLS(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(root))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = config
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// ask makes a client and asks who the server is.
func ask(t *testing.T, cfg elastic.Config) (elastic.Info, error) {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = (&logs{}).logger()
	}
	cfg.Retry = elastic.Retry{Attempts: 1}
	c, err := elastic.New(cfg)
	if err != nil {
		return elastic.Info{}, err
	}
	defer c.Close()
	return c.Info(t.Context())
}

func TestHandshakes(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	good := ca.sign(t, nil)
	expired := ca.sign(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	misnamed := ca.sign(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"es.example"} })
	const unknown, expiry, name, mismatch = "unknown authority", "expired or not yet valid", "for another name", "no certificate of the server has the configured fingerprint"
	tests := []struct {
		name string
		cert tls.Certificate
		cfg  elastic.Config
		says string // empty: connects
	}{
		{"authority not configured", good, elastic.Config{}, unknown},
		{"authority configured", good, elastic.Config{CACert: ca.file}, ""},
		{"another authority configured", good, elastic.Config{CACert: other.file}, unknown},
		{"expired", expired, elastic.Config{CACert: ca.file}, expiry},
		{"another name", misnamed, elastic.Config{CACert: ca.file}, name},
		{"fingerprint of the authority", good, elastic.Config{Fingerprint: ca.fingerprint()}, ""},
		{"fingerprint with colons", good, elastic.Config{Fingerprint: colons(ca.fingerprint())}, ""},
		{"fingerprint of the server", good, elastic.Config{Fingerprint: fingerprint(good.Certificate[0])}, ""},
		{"fingerprint of another authority", good, elastic.Config{Fingerprint: other.fingerprint()}, mismatch},
		{"fingerprint but expired", expired, elastic.Config{Fingerprint: ca.fingerprint()}, expiry},
		{"fingerprint but another name", misnamed, elastic.Config{Fingerprint: ca.fingerprint()}, name},
		{"nothing is checked", expired, elastic.Config{InsecureSkipVerify: true}, ""},
		{"nothing is checked, another name", misnamed, elastic.Config{InsecureSkipVerify: true}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{test.cert}})
			l := &logs{}
			test.cfg.URL, test.cfg.Log = s.URL, l.logger()
			info, err := ask(t, test.cfg)
			if test.says == "" {
				require.NoError(t, err)
				assert.Equal(t, "9.1.0", info.Version)
			} else {
				require.ErrorContains(t, err, test.says)
				oneLine(t, err)
			}
			assert.Equal(t, test.cfg.InsecureSkipVerify, strings.Contains(l.String(), "not checked"))
		})
	}
	t.Run("old protocol", func(t *testing.T) {
		s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS11})
		_, err := ask(t, elastic.Config{URL: s.URL, CACert: ca.file})
		require.Error(t, err)
		oneLine(t, err)
	})
	t.Run("client certificate wanted", func(t *testing.T) {
		s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAnyClientCert})
		_, err := ask(t, elastic.Config{URL: s.URL, CACert: ca.file})
		require.ErrorContains(t, err, "it may want a client certificate")
		oneLine(t, err)
	})
	t.Run("by name", func(t *testing.T) {
		named := ca.sign(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"localhost"} })
		s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{named}})
		_, err := ask(t, elastic.Config{URL: strings.Replace(s.URL, "127.0.0.1", "localhost", 1), Fingerprint: ca.fingerprint()})
		require.NoError(t, err)
	})
}

func colons(hex string) string {
	var parts []string
	for i := 0; i < len(hex); i += 2 {
		parts = append(parts, strings.ToUpper(hex[i:i+2]))
	}
	return strings.Join(parts, ":")
}

const secret = "s3cr3t-c4n4ry"

func oneLine(t *testing.T, err error) {
	t.Helper()
	assert.NotContains(t, err.Error(), "\n")
	assert.NotContains(t, err.Error(), secret)
	assert.Contains(t, err.Error(), "; ", "no remedy")
}

// answering is a server with one answer.
func answering(t *testing.T, status int, header map[string]string, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// accepting is a server that treats a connection as it likes.
func accepting(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String()
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func withUser(address string) string {
	return strings.Replace(address, "://", "://elastic:"+secret+"@", 1)
}

func TestEveryWayAConnectionFails(t *testing.T) {
	product := map[string]string{"X-Elastic-Product": "Elasticsearch"}
	ca := newAuthority(t, "ca")
	secure := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, nil)}})
	hangUp := func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }
	alert := func(c net.Conn) { hangUp(c); _, _ = c.Write([]byte("\x15\x03\x03\x00\x02\x02\x46")) }
	proxy := answering(t, 502, nil, "no way")
	wantsUser := answering(t, 407, nil, "")
	tests := []struct {
		name string
		cfg  elastic.Config
		says []string
	}{
		{"refused", elastic.Config{URL: "http://" + closedPort(t)}, []string{"refused", "elasticsearch.host"}},
		{"no such host", elastic.Config{URL: "http://no-such-host.invalid:9200"}, []string{"no-such-host.invalid can't be resolved", "elasticsearch.host"}},
		{"https to an HTTP port", elastic.Config{URL: strings.Replace(answering(t, 200, product, "{}"), "http:", "https:", 1)}, []string{"does not speak TLS", "http://"}},
		{"http to an HTTPS port", elastic.Config{URL: strings.Replace(secure.URL, "https:", "http:", 1)}, []string{"speaks TLS", "https://"}},
		{"http to an HTTPS port that hangs up", elastic.Config{URL: accepting(t, hangUp)}, []string{"closed without an answer", "https://"}},
		{"http to an HTTPS port that sends an alert", elastic.Config{URL: accepting(t, alert)}, []string{"does not speak HTTP", "https://"}},
		{"timeout", elastic.Config{URL: accepting(t, func(c net.Conn) { _ = c.SetDeadline(time.Now().Add(time.Second)); _, _ = io.Copy(io.Discard, c) }), Timeout: 50 * time.Millisecond}, []string{"no answer within 50ms", "elasticsearch.request_timeout"}},
		{"401", elastic.Config{URL: answering(t, 401, product, `{"error":{"type":"security_exception","reason":"unable to authenticate user [elastic] for REST request [/]"},"status":401}`)}, []string{"401 security_exception", "elasticsearch.api_key"}},
		{"403", elastic.Config{URL: answering(t, 403, product, `{"error":{"type":"security_exception","reason":"action [cluster:monitor/main] is unauthorized for user [u] with effective roles [r], this action is granted by the cluster privileges [monitor,manage,all]"},"status":403}`)}, []string{"one of the privileges monitor, manage, all"}},
		{"another product", elastic.Config{URL: answering(t, 200, nil, `{"hello":"world"}`)}, []string{"not Elasticsearch", "elasticsearch.host"}},
		{"a web server's 404", elastic.Config{URL: answering(t, 404, nil, `<html>`)}, []string{"not Elasticsearch"}},
		{"OpenSearch", elastic.Config{URL: answering(t, 200, nil, `{"version":{"distribution":"opensearch"}}`)}, []string{"OpenSearch", "Elasticsearch 8 and 9"}},
		{"redirect", elastic.Config{URL: answering(t, 302, map[string]string{"Location": "https://x.example/?token=" + secret}, "")}, []string{"redirects", "elasticsearch.host"}},
		{"overloaded proxy", elastic.Config{URL: answering(t, 503, nil, `<html>`)}, []string{"503", "health of the cluster"}},
		{"proxy not there", elastic.Config{URL: secure.URL, Proxy: "http://u:" + secret + "@" + closedPort(t)}, []string{"proxy can't be reached", "elasticsearch.proxy"}},
		{"proxy does not connect", elastic.Config{URL: secure.URL, Proxy: proxy}, []string{"proxy answered 502", "elasticsearch.proxy"}},
		{"proxy wants a user", elastic.Config{URL: secure.URL, Proxy: wantsUser}, []string{"wants a user", "http://user:password@"}},
		{"proxy wants a user for HTTP", elastic.Config{URL: "http://es.example:9200", Proxy: wantsUser}, []string{"wants a user", "http://user:password@"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.URL = withUser(test.cfg.URL)
			_, err := ask(t, test.cfg)
			require.Error(t, err)
			oneLine(t, err)
			for _, part := range test.says {
				assert.Contains(t, err.Error(), part)
			}
		})
	}
}

func TestConfigurationErrorsNameTheSetting(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(notPEM, []byte("x"), 0o600))
	tests := map[string]struct {
		cfg  elastic.Config
		says string
	}{
		"nothing":        {elastic.Config{}, "set elasticsearch.host"},
		"no scheme":      {elastic.Config{URL: "u:" + secret + "@localhost:9200"}, "has no scheme"},
		"other scheme":   {elastic.Config{URL: "ftp://u:" + secret + "@localhost"}, "the scheme is"},
		"no URL":         {elastic.Config{URL: "http://u:" + secret + "@host:port"}, "is not a URL"},
		"query":          {elastic.Config{URL: "http://u:" + secret + "@host/?a=b"}, "has no query"},
		"both":           {elastic.Config{URL: "http://localhost", CloudID: "x:y"}, "remove one"},
		"cloud id":       {elastic.Config{CloudID: "name:???"}, "elasticsearch.cloud_id"},
		"API key":        {elastic.Config{URL: "http://localhost", APIKey: secret + "\nx"}, "elasticsearch.api_key"},
		"CA":             {elastic.Config{URL: "https://localhost", CACert: "/no/such/file"}, "elasticsearch.ca_certs"},
		"CA without PEM": {elastic.Config{URL: "https://localhost", CACert: notPEM}, "no certificate in PEM"},
		"fingerprint":    {elastic.Config{URL: "https://localhost", Fingerprint: "abc"}, "elasticsearch.ca_fingerprint"},
		"proxy":          {elastic.Config{URL: "https://localhost", Proxy: "u:" + secret + "@:x"}, "elasticsearch.proxy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := elastic.New(test.cfg)
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

func TestCloudID(t *testing.T) {
	for id, want := range map[string]string{
		"name:dXMtZWFzdC0xLmF3cy5mb3VuZC5pbyRjbHVzdGVyJGtpYmFuYQ==": "https://cluster.us-east-1.aws.found.io:443",
		"name:dXMtZWFzdC0xLmF3cy5mb3VuZC5pbzo5MjQzJGNsdXN0ZXI=":     "https://cluster.us-east-1.aws.found.io:9243",
		"dXMtZWFzdC0xLmF3cy5mb3VuZC5pbyRjbHVzdGVyOjkyNDQkay4=":      "https://cluster.us-east-1.aws.found.io:9244",
	} {
		c, err := elastic.New(elastic.Config{CloudID: id})
		require.NoError(t, err)
		assert.Equal(t, want, c.Address())
		c.Close()
	}
}

func TestRequestsCarryWhatIsConfigured(t *testing.T) {
	var got http.Header
	var path string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, path = r.Header, r.URL.Path
		root(w, r)
	}))
	t.Cleanup(s.Close)
	_, err := ask(t, elastic.Config{URL: s.URL + "/es/", APIKey: " id:key\n", Username: "u", Headers: map[string]string{"X-Extra": "1"}})
	require.NoError(t, err)
	assert.Equal(t, "/es/", path)
	assert.Equal(t, "ApiKey aWQ6a2V5", got.Get("Authorization"))
	assert.Equal(t, "1", got.Get("X-Extra"))
	assert.Equal(t, "application/vnd.elasticsearch+json; compatible-with=8", got.Get("Accept"))
	assert.Equal(t, "tributary", got.Get("User-Agent"))

	_, err = ask(t, elastic.Config{URL: withUser(s.URL), UserAgent: "x/1"})
	require.NoError(t, err)
	user, password, _ := (&http.Request{Header: got}).BasicAuth()
	assert.Equal(t, "elastic "+secret, user+" "+password)
	assert.Equal(t, "x/1", got.Get("User-Agent"))
}

func TestRequestsAreRepeated(t *testing.T) {
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		switch n {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			reset(w)
		default:
			root(w, r)
		}
	}))
	t.Cleanup(s.Close)
	c, err := elastic.New(elastic.Config{URL: s.URL, Retry: elastic.Retry{Base: time.Millisecond}, Log: (&logs{}).logger()})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, n)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	_, err = c.Info(ctx)
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestTheNextAddressIsTried(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(root))
	t.Cleanup(s.Close)
	closed := "http://" + closedPort(t)
	c, err := elastic.New(elastic.Config{URL: closed + ", " + s.URL, Retry: elastic.Retry{Base: time.Millisecond}, Log: (&logs{}).logger()})
	require.NoError(t, err)
	defer c.Close()
	for range 4 {
		_, err = c.Info(t.Context())
		require.NoError(t, err)
	}
}

func TestAProxyIsUsed(t *testing.T) {
	used := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used = r.URL.String() + " " + r.Header.Get("Proxy-Authorization")
		root(w, r)
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	u.User = url.UserPassword("p", "q")
	_, err = ask(t, elastic.Config{URL: "http://es.example:9200", Proxy: u.String()})
	require.NoError(t, err)
	assert.Equal(t, "http://es.example:9200/ Basic cDpx", used)
}

func TestReasonsQuoteNoValues(t *testing.T) {
	for text, want := range map[string]string{
		`[1:6] failed to parse field [n] of type [long] in document with id 'b'. Preview of field's value: 'abc'`: `[1:6] failed to parse field [n] of type [long] in document with id '…'`,
		`For input string: "abc"`: `For input string: '…'`,
		`Document contains at least one immense term in field="body" (whose UTF8 encoding is longer than the max length 32766), all of which were skipped.  Please correct the analyzer`: `Document contains at least one immense term in field="body" (whose UTF8 encoding is longer than the max length 32766), all of which were skipped`,
		`Preview of field's value: "cut`: `Preview of field's value: '…'`,
		`action [indices:data/write/bulk] is unauthorized for user [u], this action is granted by the index privileges [write,all]`: `action [indices:data/write/bulk] is unauthorized for user [u]`,
		"two\nlines":             "two lines",
		strings.Repeat("é", 300): strings.Repeat("é", 120) + "…",
	} {
		assert.Equal(t, want, elastic.Reason(text))
	}
}

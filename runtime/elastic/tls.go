package elastic

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// errFingerprint says that no certificate of the server is the trusted one.
var errFingerprint = errors.New("no certificate in the server's chain has the configured fingerprint")

// tlsConfig verifies as configured; names, times and chain always, unless the
// configuration says to accept anything.
func (c *Config) tlsConfig(hosts []*url.URL) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.InsecureSkipVerify {
		c.Log.Warn("the certificate of Elasticsearch is not checked: elasticsearch.verify_certs is false")
		t.InsecureSkipVerify = true
		return t, nil
	}
	pem, err := c.pem()
	if err != nil {
		return nil, err
	}
	if pem != nil {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("elasticsearch.ca_certs: %s holds no certificate in PEM", c.CACert)
		}
	}
	if c.Fingerprint == "" {
		return t, nil
	}
	want, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(c.Fingerprint), ":", ""))
	if err != nil || len(want) != sha256.Size {
		return nil, errors.New("elasticsearch.ca_fingerprint is no SHA-256 in hex; print it with: openssl x509 -fingerprint -sha256 -noout -in http_ca.crt")
	}
	t.InsecureSkipVerify = true // the chain is verified below, from the fingerprint
	t.VerifyConnection = func(state tls.ConnectionState) error {
		return verifyFingerprint(state, want, hosts)
	}
	return t, nil
}

// verifyFingerprint verifies the chain with the one certificate as its root
// that has the fingerprint.
func verifyFingerprint(state tls.ConnectionState, want []byte, hosts []*url.URL) error {
	certs := state.PeerCertificates
	at := slices.IndexFunc(certs, func(cert *x509.Certificate) bool {
		sum := sha256.Sum256(cert.Raw)
		return bytes.Equal(sum[:], want)
	})
	if at < 0 {
		return errFingerprint
	}
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: state.ServerName}
	o.Roots.AddCert(certs[at])
	for i, cert := range certs {
		if i != at {
			o.Intermediates.AddCert(cert)
		}
	}
	if _, err := certs[0].Verify(o); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: certs, Err: err}
	}
	if state.ServerName != "" {
		return nil
	}
	return verifyAddress(certs[0], hosts)
}

// verifyAddress checks a certificate against the hosts that are IP addresses,
// since those are not part of a TLS handshake.
func verifyAddress(cert *x509.Certificate, hosts []*url.URL) error {
	var err error
	for _, u := range hosts {
		if net.ParseIP(u.Hostname()) == nil {
			continue
		}
		if err = cert.VerifyHostname(u.Hostname()); err == nil {
			return nil
		}
	}
	return err
}

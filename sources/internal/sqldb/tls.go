package sqldb

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"regexp"
	"strings"
)

var pemBlock = regexp.MustCompile(`(-----BEGIN [A-Z0-9 ]+-----)([^-]*)(-----END [A-Z0-9 ]+-----)`)

// TLS returns the settings of an encrypted connection to a host whose
// certificate is verified by the authorities in ca, in PEM form, or without
// one by those that the machine trusts. A text that lost its line breaks in a
// form with one line is read as well.
func TLS(ca, host string) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if strings.TrimSpace(ca) == "" {
		return config, nil
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM([]byte(withLines(ca))) {
		return nil, errors.New(`it holds no certificate: paste the whole text of the PEM file, from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----"`)
	}
	return config, nil
}

// withLines puts each part of a PEM text on lines of its own.
func withLines(text string) string {
	var b strings.Builder
	for _, m := range pemBlock.FindAllStringSubmatch(strings.ReplaceAll(text, `\n`, "\n"), -1) {
		b.WriteString(m[1] + "\n" + strings.Join(strings.Fields(m[2]), "\n") + "\n" + m[3] + "\n")
	}
	return b.String()
}

package elastic

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Config is how to reach Elasticsearch. URL or CloudID is required.
type Config struct {
	// URL is one or more addresses, separated by commas. A user and password
	// in it work like Username and Password, and are never shown.
	URL string
	// CloudID is an address as Elastic Cloud shows it; it excludes URL.
	CloudID string
	// APIKey is a key in either form, "id:key" or its base64. It comes before
	// Username and Password.
	APIKey             string
	Username, Password string
	// CACert is a file of certificates in PEM that are trusted instead of the
	// system's.
	CACert string
	// Fingerprint is the SHA-256 of a certificate in the server's chain, in
	// hex with or without colons; that certificate alone is trusted then.
	Fingerprint string
	// InsecureSkipVerify accepts any certificate. A warning is logged.
	InsecureSkipVerify bool
	// Proxy is the URL of an HTTP proxy; empty means what the environment
	// says (HTTPS_PROXY, NO_PROXY, …).
	Proxy string
	// Timeout is for one request and its answer; 0 is 90 s.
	Timeout time.Duration
	// Headers are sent with every request.
	Headers map[string]string
	// Compress sends bulk requests with gzip and accepts compressed answers.
	// It pays on slow links and costs CPU on fast ones.
	Compress bool
	// Retry limits how often a request that may be repeated is repeated.
	Retry Retry
	// Chance chooses a wait between attempts, below a limit; nil is rand.N.
	Chance func(below time.Duration) time.Duration
	// Dial makes the connections to the cluster; nil is a [net.Dialer]'s.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Log takes warnings; nil is slog.Default.
	Log *slog.Logger
	// UserAgent is the product token of requests; empty is "tributary".
	UserAgent string
}

const defaultTimeout = 90 * time.Second

// addresses returns where to connect, without users and passwords; those of
// the first address that has them become the configuration's own.
func (c *Config) addresses() ([]*url.URL, error) {
	if c.CloudID != "" {
		if c.URL != "" {
			return nil, errors.New("both elasticsearch.host and elasticsearch.cloud_id are set; remove one")
		}
		u, err := decodeCloudID(c.CloudID)
		if err != nil {
			return nil, err
		}
		return []*url.URL{u}, nil
	}
	var list []*url.URL
	for text := range strings.SplitSeq(c.URL, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		u, err := parseAddress(text)
		if err != nil {
			return nil, err
		}
		if u.User != nil && c.APIKey == "" && c.Username == "" {
			c.Username = u.User.Username()
			c.Password, _ = u.User.Password()
		}
		u.User = nil
		list = append(list, u)
	}
	if len(list) == 0 {
		return nil, errors.New("no address of Elasticsearch; set elasticsearch.host, such as https://localhost:9200")
	}
	return list, nil
}

// parseAddress never quotes its input in an error when that may hold a
// password.
func parseAddress(text string) (*url.URL, error) {
	shown := text
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		shown = "…" + text[at:]
	}
	if !strings.Contains(text, "://") {
		return nil, fmt.Errorf("elasticsearch.host %q has no scheme; write http://… or https://…", shown)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("elasticsearch.host %q is not a URL; write it like https://localhost:9200", shown)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("elasticsearch.host %q: the scheme is %q; write http://… or https://…", shown, u.Scheme)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("elasticsearch.host %q: an address has no query; remove what follows %q", shown, "?")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

// decodeCloudID returns the address in "name:base64(host$elasticsearch$kibana)".
func decodeCloudID(id string) (*url.URL, error) {
	_, encoded, found := strings.Cut(strings.TrimSpace(id), ":")
	if !found {
		encoded = id
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	parts := strings.Split(string(data), "$")
	if err != nil || len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return nil, errors.New("elasticsearch.cloud_id can't be decoded; copy it whole from the deployment's page in Elastic Cloud")
	}
	host, port := splitPort(parts[0], "443")
	cluster, port := splitPort(parts[1], port)
	return &url.URL{Scheme: "https", Host: net.JoinHostPort(cluster+"."+host, port)}, nil
}

func splitPort(host, fallback string) (name, port string) {
	if name, port, found := strings.Cut(host, ":"); found {
		return name, port
	}
	return host, fallback
}

// header returns the header of every request, credentials included.
func (c *Config) header() (http.Header, error) {
	h := http.Header{}
	for name, value := range c.Headers {
		h.Set(name, value)
	}
	key := strings.TrimSpace(c.APIKey)
	switch {
	case key != "":
		if c.Username != "" {
			c.Log.Warn("both an API key and a user are set; the API key is used")
		}
		if strings.Contains(key, ":") {
			key = base64.StdEncoding.EncodeToString([]byte(key))
		}
		if !printable(key) {
			return nil, errors.New("elasticsearch.api_key holds characters that no key has; copy the key's \"encoded\" form")
		}
		h.Set("Authorization", "ApiKey "+key)
	case c.Username != "":
		pair := base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password))
		h.Set("Authorization", "Basic "+pair)
	}
	return h, nil
}

// shortestHeader is the least length of a header that may be a secret: others
// are words such as "true".
const shortestHeader = 8

// redactor takes everything out of texts that opens the cluster: a server, or a
// proxy before it, may quote what it was sent.
func (c *Config) redactor(header http.Header) connector.Redactor {
	secrets := append([]string{c.Password}, connector.Passwords(c.URL)...)
	secrets = append(secrets, connector.Passwords(c.Proxy)...)
	for name, values := range header {
		for _, value := range values {
			scheme, rest, found := strings.Cut(value, " ")
			if name == "Authorization" && found && scheme != "" {
				value = rest
			}
			if len(value) >= shortestHeader {
				secrets = append(secrets, value)
			}
		}
	}
	if key := strings.TrimSpace(c.APIKey); key != "" {
		secrets = append(secrets, key)
		if plain, err := base64.StdEncoding.DecodeString(key); err == nil {
			secrets = append(secrets, string(plain))
		}
		if _, secret, found := strings.Cut(key, ":"); found {
			secrets = append(secrets, secret)
		}
	}
	return connector.NewRedactor(secrets...)
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// proxy returns which proxy a request goes through.
func (c *Config) proxy() (func(*http.Request) (*url.URL, error), error) {
	if c.Proxy == "" {
		return http.ProxyFromEnvironment, nil
	}
	u, err := url.Parse(c.Proxy)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("elasticsearch.proxy is not a URL; write it like http://proxy:3128")
	}
	return http.ProxyURL(u), nil
}

// pem reads the file of trusted certificates; nil when there is none.
func (c *Config) pem() ([]byte, error) {
	if c.CACert == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.CACert)
	if err != nil {
		return nil, fmt.Errorf("elasticsearch.ca_certs: %w", err)
	}
	return data, nil
}

package connector_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

// travels are the ways in which a secret gets into a text.
func travels(secret string) map[string]string {
	text, _ := json.Marshal(map[string]string{"password": secret})
	twice, _ := json.Marshal(string(text))
	logged, _ := json.Marshal(jackson(string(text)))
	return map[string]string{
		"plain":        "login as " + secret + " failed",
		"quoted":       strconv.Quote("with " + secret),
		"ASCII":        strconv.QuoteToASCII("with " + secret),
		"JSON":         string(text),
		"JSON twice":   string(twice),
		"Jackson":      jackson(string(text)),
		"Jackson, log": string(logged),
		"query":        "https://h/?key=" + url.QueryEscape(secret),
		"path":         "https://h/" + url.PathEscape(secret) + "/x",
		"userinfo":     (&url.URL{Scheme: "https", Host: "h", User: url.UserPassword("u", secret)}).String(),
		"hex":          fmt.Sprintf("%x", secret),
		"base64":       base64.StdEncoding.EncodeToString([]byte(secret)),
		"basic auth":   "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+secret)),
		"basic auth 2": "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+secret+" and more")),
		"basic auth 3": "Basic " + base64.URLEncoding.EncodeToString([]byte("you:"+secret)),
	}
}

// jackson escapes what is beyond the Basic Multilingual Plane, as Elasticsearch does.
func jackson(text string) string {
	var b strings.Builder
	for _, r := range text {
		if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
			fmt.Fprintf(&b, `\u%X\u%X`, high, low)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// revealing are forms of which nothing may be left.
func revealing(secret string) []string {
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret), fmt.Sprintf("%x", secret)}
}

func TestRedactorFindsEveryForm(t *testing.T) {
	for _, secret := range []string{"pa55word", `q"uo'te\back`, "p@ss/w?rd#1&x=y", "späßchen €", "look \U0001F600 out", "100%done%20", "a b\tc\nd", "<script>", strings.Repeat("long", 500)} {
		r := connector.NewRedactor("another", secret)
		for way, text := range travels(secret) {
			clean := r.Text(text)
			require.Contains(t, clean, "[redacted]", "%s: %s", way, text)
			for _, form := range revealing(secret) {
				require.NotContains(t, clean, form, way)
			}
		}
		require.Equal(t, "nothing in here", r.Text("nothing in here"))
	}
	for _, none := range []connector.Redactor{{}, connector.NewRedactor(), connector.NewRedactor("", "abc")} {
		require.Equal(t, "abcdef", none.Text("abcdef"), "a secret that is part of every text is not looked for")
	}
}

func FuzzRedactor(f *testing.F) {
	for _, seed := range []string{"pa55word", `q"uo'te\`, "\xff\xfe\xfd\xfc", "%%%%", "    ", "[redacted]", "dacted][re", "\u2028\u2029"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		if len(secret) < 4 || strings.Contains("[redacted]", secret) {
			return
		}
		r := connector.NewRedactor(secret)
		for way, text := range travels(secret) {
			clean := r.Text(text)
			require.Contains(t, clean, "[redacted]", "%s of %q: %q", way, secret, text)
			if !strings.Contains(strings.ReplaceAll(text, secret, ""), secret) && !strings.ContainsAny(secret, "[redacted]") {
				require.NotContains(t, clean, secret, way)
			}
		}
	})
}

func TestRedactorKeepsErrors(t *testing.T) {
	r := connector.NewRedactor("pa55word")
	err := fmt.Errorf("login with pa55word: %w", io.ErrUnexpectedEOF)
	require.EqualError(t, r.Error(err), "login with [redacted]: unexpected EOF")
	require.ErrorIs(t, r.Error(err), io.ErrUnexpectedEOF)
	plain := errors.New("nothing in here")
	require.Same(t, plain, r.Error(plain))
	require.NoError(t, r.Error(nil))
}

func TestRedactorInLogs(t *testing.T) {
	r := connector.NewRedactor(`pa55"word`)
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		log := r.Logger(slog.New(handler(&b))).With("with", `pa55"word`).WithGroup("g")
		log.Info(`say pa55"word`, "text", `a pa55"word b`, "error", errors.New(`pa55"word`), "n", 5,
			slog.Group("inner", "list", []string{`pa55"word`}), "struct", struct{ Password string }{`pa55"word`})
		require.NotContains(t, b.String(), "pa55", name)
		require.Equal(t, 6, strings.Count(b.String(), "[redacted]"), "%s", b.String())
		require.Contains(t, b.String(), "5")
	}
}

func TestPasswordsInAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"https://elastic:chang3me@localhost:9200":                    "https://elastic:[redacted]@localhost:9200",
		"mongodb://u:p%40ss@h1,h2/db?authSource=admin":               "mongodb://u:[redacted]@h1,h2/db?authSource=admin",
		"mongodb://u:pass/word@h":                                    "mongodb://u:[redacted]@h",
		"mongodb://u:p@ss@h:1/?a=b@c":                                "mongodb://u:[redacted]@h:1/?a=b@c",
		"root:s3cret@tcp(127.0.0.1:3306)/db":                         "root:[redacted]@tcp(127.0.0.1:3306)/db",
		"https://h/x?a=b&api_key=k1llme&c=d":                         "https://h/x?a=b&api_key=[redacted]&c=d",
		"host=h password=s3cret dbname=d":                            "host=h password=[redacted] dbname=d",
		"https://h/?authMechanismProperties=AWS_SESSION_TOKEN:t0ken": "https://h/?authMechanismProperties=AWS_SESSION_TOKEN:[redacted]",
		"localhost:9200":                                             "localhost:9200",
		"10:30 at noon":                                              "10:30 at noon",
	} {
		require.Equal(t, want, connector.WithoutPasswords(text))
		require.Equal(t, strings.Contains(want, "[redacted]"), len(connector.Passwords(text)) > 0, text)
	}
	require.Equal(t, []string{"p%40ss", "p@ss"}, connector.Passwords("mongodb://u:p%40ss@h"))
}

func TestRedactorOfAConfiguration(t *testing.T) {
	kind := connector.Kind{Configuration: json.RawMessage(`{"host":{"sensitive":false,"value":""},"password":{"sensitive":true,"value":""}}`)}
	for _, raw := range []string{
		`{"host":"db://u:in-the-url@h","password":"in-a-field","unknown":"of-old-days"}`,
		`{"host":{"value":"db://u:in-the-url@h","sensitive":false},"password":{"value":"in-a-field"},"unknown":{"value":["of-old-days"],"sensitive":true}}`,
	} {
		r := kind.Redactor(json.RawMessage(raw))
		require.Equal(t, "u, [redacted], [redacted], [redacted]", r.Text("u, in-the-url, in-a-field, of-old-days"))
	}
	for _, raw := range []string{"", "null", "[]", `{"host":5,"password":null}`} {
		require.Equal(t, "text", kind.Redactor(json.RawMessage(raw)).Text("text"), raw)
	}
}

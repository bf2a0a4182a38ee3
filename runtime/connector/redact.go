package connector

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// shortest is the least length of a secret in bytes that a Redactor looks for:
// a shorter one would be found in half of all words.
const shortest = 4

// Redactor takes secrets out of texts that come from elsewhere: from a driver,
// a server, a panic. It is the net below [Secret], which keeps what is ours
// from being printed. The zero value knows no secret. It is safe for concurrent
// use.
type Redactor struct {
	replacer *strings.Replacer
}

// NewRedactor returns a redactor of these secrets, in every form in which they
// travel: as they are, escaped for URLs, JSON and Go, in hex and in base64, also
// within a longer text that is encoded. Secrets of less than 4 bytes are left
// out.
func NewRedactor(secrets ...string) Redactor {
	var all []string
	for _, s := range secrets {
		if len(s) >= shortest {
			all = append(all, formsOf(s)...)
		}
	}
	if len(all) == 0 {
		return Redactor{}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(all))
	for _, form := range slices.Compact(all) {
		if len(form) >= shortest {
			pairs = append(pairs, form, redacted)
		}
	}
	return Redactor{strings.NewReplacer(pairs...)}
}

// Text returns a text with every secret replaced by "[redacted]".
func (r Redactor) Text(text string) string {
	if r.replacer == nil {
		return text
	}
	return r.replacer.Replace(text)
}

// Error returns an error whose text holds no secret, or err itself when it
// never did. The errors below it are kept.
func (r Redactor) Error(err error) error {
	if err == nil || r.replacer == nil {
		return err
	}
	text := err.Error()
	if clean := r.Text(text); clean != text {
		return &redactedError{clean, err}
	}
	return err
}

type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

func formsOf(s string) []string {
	text, _ := json.Marshal(s)
	inner := string(text[1 : len(text)-1])
	plain := string(AppendString(nil, s))
	plain = plain[1 : len(plain)-1]
	quoted, ascii := strconv.Quote(s), strconv.QuoteToASCII(s)
	forms := []string{
		s, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
		url.QueryEscape(s), url.PathEscape(s), strings.TrimPrefix(url.UserPassword("", s).String(), ":"),
		hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
	}
	for _, once := range append(escapedUnicode(inner), escapedUnicode(plain)...) {
		twice, _ := json.Marshal(once)
		forms = append(forms, once, string(twice[1:len(twice)-1]))
	}
	return append(forms, encodings(s)...)
}

// escapedUnicode are the spellings of a JSON string by those who escape what need
// not be: Jackson, which Elasticsearch writes with, everything beyond the Basic
// Multilingual Plane; others everything that is not ASCII (RFC 8259, section 7).
func escapedUnicode(text string) []string {
	forms := []string{text}
	for _, beyond := range []rune{unicode.MaxASCII, math.MaxUint16} {
		for _, digits := range []string{`\u%04x`, `\u%04X`} {
			var b strings.Builder
			for _, r := range text {
				if r <= beyond {
					b.WriteRune(r)
					continue
				}
				for _, unit := range utf16.AppendRune(nil, r) {
					fmt.Fprintf(&b, digits, unit)
				}
			}
			if form := b.String(); form != text {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

// encodings are what a text becomes in the middle of another one that is
// encoded in base64: it may begin at three places within a group.
func encodings(s string) []string {
	var forms []string
	for before, start := range [...]int{0, 2, 3} {
		padded := append(make([]byte, before), s...)
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			form := encoding.EncodeToString(padded)
			if len(padded)%3 != 0 {
				form = form[:len(form)-1] // what follows shares it
			}
			if len(form)-start >= shortest {
				forms = append(forms, form[start:])
			}
		}
	}
	return forms
}

// userinfo is the password of an address or of a data source name: as one that is
// written by the rules, else up to the last @ of the text.
var userinfo = []*regexp.Regexp{
	regexp.MustCompile(`(://[^\s/?#@:]*:)([^\s/?#]+)(@)`),
	regexp.MustCompile(`(?s)(://[^\s/?#@:]*:)(.+)(@)`),
	regexp.MustCompile(`(?s)(^[^\s/?#@:]*:)([^/].*)(@)`),
}

// credential is a parameter whose name says that it is one.
var credential = regexp.MustCompile(`(?i)((?:password|passwd|pwd|secret|token|api_?key)[=:])([^&\s,;"']+)`)

// Passwords returns the passwords in a text that is an address or a data source
// name, both as they stand there and decoded.
func Passwords(text string) []string {
	var found []string
	for _, pattern := range append(userinfo[:len(userinfo):len(userinfo)], credential) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(found, m[2]) {
				found = append(found, m[2])
			}
			if plain, err := url.PathUnescape(m[2]); err == nil && !slices.Contains(found, plain) {
				found = append(found, plain)
			}
		}
	}
	return found
}

// WithoutPasswords returns an address with "[redacted]" in place of the
// passwords in it.
func WithoutPasswords(text string) string {
	for _, pattern := range userinfo {
		if pattern.MatchString(text) {
			text = pattern.ReplaceAllString(text, "${1}"+redacted+"${3}")
			break
		}
	}
	return credential.ReplaceAllString(text, "${1}"+redacted)
}

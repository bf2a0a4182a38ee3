package model

import (
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"unicode"
)

// initialisms are words that Go writes in capitals.
var initialisms = map[string]bool{
	"acl": true, "api": true, "ca": true, "cpu": true, "csv": true, "db": true, "dn": true, "dns": true,
	"html": true, "http": true, "https": true, "id": true, "ip": true, "json": true, "ldap": true, "ms": true,
	"sid": true, "sql": true, "ssh": true, "ssl": true, "tcp": true, "tls": true, "ttl": true,
	"uid": true, "uri": true, "url": true, "utc": true, "uuid": true, "xml": true, "yaml": true,
}

// maxName is how long a Go name and the name of a field may be.
const maxName = 64

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// GoName returns the exported Go identifier of a name: "ssl_ca" and "sslCa"
// both become SSLCA. It is empty when nothing of the name can stand in an
// identifier, or when what stands first has no capital form.
func GoName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		if initialisms[strings.ToLower(word)] {
			b.WriteString(strings.ToUpper(word))
			continue
		}
		r := []rune(word)
		b.WriteRune(unicode.ToUpper(r[0]))
		b.WriteString(string(r[1:]))
	}
	s := b.String()
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		s = "N" + s
	}
	if !token.IsIdentifier(s) || !token.IsExported(s) {
		return ""
	}
	return s
}

// words splits a name where it changes from lower to upper case and at every
// character that no identifier has.
func words(name string) []string {
	var list []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			list = append(list, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if startsWord(runes, i) {
			flush()
		}
		word = append(word, r)
	}
	flush()
	return list
}

// startsWord reports whether a capital at i starts a word: after a small
// letter or digit ("maxTime"), or before one at the end of capitals ("IDList").
func startsWord(runes []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(runes[i]) {
		return false
	}
	before := runes[i-1]
	if unicode.IsLower(before) || unicode.IsDigit(before) {
		return true
	}
	return unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

var notInDir = regexp.MustCompile(`[^a-z0-9]+`)

// specialDirs are names that the go command or the project keep.
var specialDirs = map[string]string{
	"internal": "is kept by the go command", "vendor": "is kept by the go command",
	"testdata": "is not built by the go command", "main": "would become a program",
	"sources": "is the name of the folder above", "connector": "is the name of the contract's package",
	"connectortest": "is the name of the conformance suite", "fixture": "is the name of every source's test backend",
	"schema": "is the name of a package that generated code uses",
}

// CheckDir says why a name can't be that of a source's folder, or returns "".
// instead is a name that could.
func CheckDir(name string) (reason, instead string) {
	instead = suggestDir(name)
	switch {
	case len(name) > maxName:
		return "is not a valid name: it is too long", ""
	case !snakeCase.MatchString(name):
		return "is not a valid name: use a-z, 0-9 and _, starting with a letter", instead
	case strings.HasSuffix(name, "_test"):
		return "is not a valid name: names that end in _test are for tests", instead
	case token.IsKeyword(name):
		return "is a Go keyword; it would become package " + name, instead
	case types.Universe.Lookup(name) != nil:
		return "is a predeclared name of Go; it would become package " + name, instead
	case name == "init":
		return "is a name that Go keeps", instead
	}
	if why, ok := specialDirs[name]; ok {
		return why, instead
	}
	return "", ""
}

// suggestDir makes a folder's name out of what somebody wrote, or returns "".
func suggestDir(name string) string {
	s := notInDir.ReplaceAllString(strings.ToLower(name), "_")
	s = strings.TrimLeft(strings.Trim(s, "_"), "_0123456789")
	for strings.HasSuffix(s, "_test") {
		s = strings.TrimSuffix(s, "_test")
	}
	_, special := specialDirs[s]
	if special || token.IsKeyword(s) || types.Universe.Lookup(s) != nil || s == "init" {
		s += "_source"
	}
	if !snakeCase.MatchString(s) {
		return ""
	}
	return s
}

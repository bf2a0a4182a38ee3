package connectortest

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// canary stands in for a secret; it must be seen nowhere. hostile is one that
// also breaks what it is pasted into, such as a URL.
const (
	canary  = "tributary-canary-3f9d"
	hostile = canary + "\x7f%zz\n@"
)

// secretNames returns the fields that hold secrets.
func (s *suite) secretNames() []string {
	var names []string
	for _, name := range s.names() {
		if s.schema.nodes[name].WriteOnly || s.fields[name].Sensitive {
			names = append(names, name)
		}
	}
	return names
}

// plant gives every secret field, made active where it can be, a value.
func (s *suite) plant(v values, names []string, secret string) values {
	for _, name := range names {
		if active, ok := s.activate(v, name); ok {
			v = active
		}
		v = v.with(name, quote(secret))
	}
	return v
}

// leaks reports whether a text holds a secret, plain or encoded as it would be
// in a URL, in JSON or in a header of basic authentication.
func leaks(text, secret string) bool {
	encoded, err := json.Marshal(secret)
	if err != nil {
		return true
	}
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(encoded), `"`)}
	for shift := range 3 {
		// The part of the encoding that does not depend on what stands around.
		whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		forms = append(forms, whole[4:len(whole)-4])
	}
	for _, form := range forms {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// checkSecrets plants secrets where a configuration is read and refused.
func checkSecrets(t *testing.T, s *suite) {
	names := s.secretNames()
	if len(names) == 0 {
		return
	}
	for _, secret := range []string{canary, hostile} {
		planted := s.plant(s.base, names, secret)
		for form, raw := range s.forms(planted) {
			s.checkProblemTexts(t, form, raw)
		}
	}
	for _, name := range names {
		for _, wrong := range []string{`["%s"]`, `{"inner":"%s"}`, `{"value":{"inner":"%s"}}`} {
			value := json.RawMessage(fmt.Sprintf(wrong, canary))
			s.checkProblemTexts(t, "plain", s.base.with(name, value).plain())
		}
		for _, other := range s.names() { // refused for another reason
			s.checkProblemTexts(t, "plain", s.plant(s.base, names, canary).with(other, json.RawMessage(`{"x":1}`)).plain())
		}
	}
}

// checkProblemTexts asks for everything that a configuration brings about
// without reading documents.
func (s *suite) checkProblemTexts(t *testing.T, form string, raw json.RawMessage) {
	t.Helper()
	fault := func(where, text string) {
		t.Helper()
		if leaks(text, canary) {
			t.Errorf("%s holds a secret of the %s configuration: it is shown to users; say which field is wrong, never its value", where, form)
		}
	}
	for _, p := range s.kind.CheckConfig(raw) {
		fault("a problem of CheckConfig at "+p.Pointer, p.String())
	}
	_, problems := s.kind.Identity(raw)
	fault("a problem of Identity", problems.Error())
	watch := watchLogs(t)
	l := newLent(t)
	source, err := s.kind.Open(t.Context(), raw, l.deps())
	if err != nil {
		fault("the error of Open", fmt.Sprintf("%+v", err))
	} else {
		defer func() { _ = shut(source) }()
		if err := source.Ping(t.Context()); err != nil {
			fault("the error of Ping", fmt.Sprintf("%+v", err))
		}
		fault("the source printed with %+v", fmt.Sprintf("%+v", source))
	}
	fault("the log", l.logs.String()+watch.String())
}

// checkReadSecrets reads with secrets planted, and with the fixture's own.
func checkReadSecrets(t *testing.T, s *suite) {
	names := s.secretNames()
	if len(names) == 0 {
		return
	}
	own := map[string]string{}
	for _, name := range names {
		var secret string
		if json.Unmarshal(s.base[name], &secret) == nil && len(secret) >= 8 {
			own[name] = secret
		}
	}
	s.readForLeaks(t, s.base, own)
	for _, secret := range []string{canary, hostile} {
		s.readForLeaks(t, s.plant(s.base, names, secret), map[string]string{strings.Join(names, ", "): canary})
	}
}

// readForLeaks reads documents and looks for the secrets in all that comes out.
func (s *suite) readForLeaks(t *testing.T, v values, secrets map[string]string) {
	t.Helper()
	watch := watchLogs(t)
	l := newLent(t)
	source, err := s.kind.Open(t.Context(), v.plain(), l.deps())
	if err != nil {
		return // the check "secrets" has looked at that
	}
	defer func() { _ = shut(source) }()
	docs, err := s.read(t, source, connector.Filter{})
	texts := map[string]string{"the error of GetDocs": fmt.Sprint(err)}
	for _, d := range docs {
		texts["document "+d.id] = fmt.Sprint(d.id, d.fields, d.err)
	}
	texts["the error of Close"] = fmt.Sprint(shut(source))
	texts["the log"] = l.logs.String() + watch.String()
	for where, text := range texts {
		for name, secret := range secrets {
			if leaks(text, secret) {
				at := s.place.String()
				if where == "the log" {
					at = cmp.Or(logged(text, secret), at)
				}
				t.Errorf("%s%s holds the secret of field %q: it is kept and shown; log and wrap without credentials, and keep them in connector.Secret until the request is made", where, at, name)
			}
		}
	}
}

// logged is " (file:line)" of the line of a log that holds a secret, or empty.
func logged(log, secret string) string {
	for line := range strings.Lines(log) {
		_, at, found := strings.Cut(line, "source=(")
		if at, _, _ = strings.Cut(at, ")"); found && leaks(line, secret) {
			return " (" + at + ")"
		}
	}
	return ""
}

// watchLogs collects what goes to the default loggers until the test ends.
func watchLogs(t *testing.T) *syncBuffer {
	watch := &syncBuffer{}
	before, out, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetOutput(out)
		log.SetFlags(flags)
	})
	slog.SetDefault(slog.New(slog.NewTextHandler(watch, everything())))
	return watch
}

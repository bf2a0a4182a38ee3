// Package resttest gives tests of HTTP sources recorded exchanges with the real
// API: what it answered on one day, kept in testdata as YAML that people can
// read and mend.
package resttest

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

// Record is the environment variable that, when it is not empty, makes
// [Recorded] ask the real API and write down what it answers.
const Record = "TRIBUTARY_RECORD"

// Recorded returns a client that answers with testdata/<name>.yaml, each exchange
// once and in any order, matched by method, address and body. A request that is
// not recorded fails. Headers that hold credentials, those that the caller names
// included, are never written.
func Recorded(t testing.TB, name string, secretHeaders ...string) *http.Client {
	t.Helper()
	mode := recorder.ModeReplayOnly
	if os.Getenv(Record) != "" {
		mode = recorder.ModeRecordOnly
	}
	r, err := recorder.New(filepath.Join("testdata", name),
		recorder.WithMode(mode), recorder.WithSkipRequestLatency(true), recorder.WithMatcher(matches),
		recorder.WithHook(cleaned(secretHeaders), recorder.AfterCaptureHook))
	if err != nil {
		t.Fatalf("testdata/%s.yaml: %v; record it: %s=1 go test -run %s", name, err, Record, t.Name())
	}
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Errorf("testdata/%s.yaml: %v", name, err)
		}
	})
	return r.GetDefaultClient()
}

// matches compares what tells exchanges apart.
func matches(req *http.Request, kept cassette.Request) bool {
	if req.Method != kept.Method || req.URL.String() != kept.URL {
		return false
	}
	if req.Body == nil || req.GetBody == nil {
		return kept.Body == ""
	}
	body, err := req.GetBody()
	if err != nil {
		return false
	}
	text, err := io.ReadAll(body)
	return err == nil && string(text) == kept.Body
}

// cleaned takes credentials out of what is written.
func cleaned(names []string) recorder.HookFunc {
	secret := append([]string{"Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization", "X-Api-Key"}, names...)
	return func(i *cassette.Interaction) error {
		for _, name := range secret {
			i.Request.Headers.Del(name)
			i.Response.Headers.Del(name)
		}
		return nil
	}
}

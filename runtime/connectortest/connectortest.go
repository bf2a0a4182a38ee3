// Package connectortest is the conformance suite that every source passes. The
// generator writes a test of three lines for each source:
//
//	func TestConformance(t *testing.T) {
//		connectortest.Run(t, weather.Kind(), fixture.New())
//	}
//
// Each check is a subtest. Its failure is one sentence that names the rule that
// was broken, the place and the remedy.
package connectortest

import (
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Fixture provides the system that a source reads in tests.
type Fixture interface {
	// Start brings up a backend that holds exactly n documents, all of them
	// readable, and returns the plain configuration values that read it. The
	// same n gives the same documents. It is taken down by t.Cleanup. The suite
	// asks for up to 5,000 documents, and for several backends at once.
	Start(t testing.TB, n int) json.RawMessage
}

// few is how many documents most checks read. It is larger than [maxLate], so
// that a source that goes on after a cancel is seen to do so.
const few = 200

// suite is what the checks of one source share.
type suite struct {
	kind    connector.Kind
	fixture Fixture
	schema  configSchema // by Kind.ConfigSchema
	fields  richFields   // by Kind.Configuration
	base    values       // valid values that read the fixture's documents
	place   *place       // where the source calls emit
	late    atomic.Bool  // emit was called after GetDocs had returned
}

type check struct {
	name string
	run  func(t *testing.T, s *suite)
}

// Run checks everything that can be said of a source without knowing it.
func Run(t *testing.T, kind connector.Kind, f Fixture) {
	t.Helper()
	s := &suite{kind: kind, fixture: f, place: &place{}}
	if !t.Run("kind", s.checkKind) {
		return // nothing else can be asked
	}
	s.base = parseValues(f.Start(t, few))
	for _, c := range configurationChecks {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
	if !t.Run("complete", s.checkComplete) {
		return // every check below would only say so again
	}
	for _, c := range documentChecks {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
}

// configurationChecks read no document.
var configurationChecks = []check{
	{"configuration", checkConfiguration},
	{"default", checkDefault},
	{"base", checkBase},
	{"required", checkRequired},
	{"bounds", checkBounds},
	{"inactive", checkInactive},
	{"stored", checkStored},
	{"prepare", checkPrepare},
	{"identity", checkIdentity},
	{"open", checkOpen},
	{"secrets", checkSecrets},
	{"abilities", checkAbilities},
	{"rules", checkRules},
}

// documentChecks need a source that reads the fixture's documents.
var documentChecks = []check{
	{"ids", checkIDs},
	{"fields", checkFields},
	{"stable", checkStable},
	{"attachments", checkAttachments},
	{"twice", checkTwice},
	{"stored-reads", checkStoredReads},
	{"empty-rules", checkEmptyRules},
	{"untouched", checkUntouched},
	{"slow-index", checkSlowIndex},
	{"failed-requests", checkFailedRequests},
	{"refused-credentials", checkRefusedCredentials},
	{"emit-error", checkEmitError},
	{"cancel", checkCancel},
	{"close", checkClose},
	{"goroutines", checkGoroutines},
	{"memory", checkMemory},
	{"read-secrets", checkReadSecrets},
	{"changes", checkChanges},
	{"incremental", checkIncremental},
	{"field-types", checkFieldTypes},
	{"access", checkAccess},
	{"late", checkLate}, // looks back at all of them
}

// checkComplete reads the fixture once: GetDocs is written, and returns nil
// after exactly the documents that there are.
func (s *suite) checkComplete(t *testing.T) {
	source, _ := s.open(t, s.base)
	docs, err := s.read(t, source, connector.Filter{})
	switch {
	case errors.Is(err, connector.ErrNotWritten):
		t.Fatal(err)
	case err != nil:
		t.Fatalf("GetDocs%s failed on the fixture's documents: %v; make it read what Fixture.Start has set up", s.place, err)
	case len(docs) != few:
		t.Errorf("GetDocs%s returned nil after %d documents, the fixture holds %d: nil means that all were emitted and the rest may be deleted; emit every document once or return an error", s.place, len(docs), few)
	}
	for _, d := range docs {
		if d.err != nil {
			t.Fatalf("document %q%s has Err although the fixture's documents are readable: %v; set Err only where the system refuses the document", d.id, s.place, d.err)
		}
	}
}

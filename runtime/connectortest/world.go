package connectortest

import (
	"encoding/json"
	"iter"
	"testing"
)

// Functional is what a source's fixture is besides a [Fixture], for the
// functional test that `make ftest` runs with the real program.
type Functional interface {
	// World brings up the real system with n documents, give or take a few odd
	// ones. The same n gives the same documents. It is taken down by t.Cleanup.
	World(t testing.TB, n int) World
}

// World is a real system whose content is known. What is expected is made
// from what was put into the system, never by the source's code. It is used
// by one goroutine. That of a source that syncs incrementally is a [Writer] too.
type World interface {
	// System says what answers, with its version: "MariaDB 10.11.6". A stand-in
	// for the genuine system says so.
	System() string
	// Config is the plain configuration values that read it. A source that can
	// sync incrementally is configured to.
	Config() json.RawMessage
	// Truth gives the documents that the index must hold when there are no
	// rules, in any order, each id once. It may be asked for again and again,
	// and holds few documents in memory at a time.
	Truth() iter.Seq[Expected]
	// Change changes, adds and deletes documents, some of each, less than a
	// tenth of all together; Truth gives them as they are from then on. The same
	// seed makes the same changes of the same world.
	Change(t testing.TB, seed uint64)
	// Rules gives at least one set of basic rules, and one of advanced rules if
	// the source has them. Each is tried alone, after the changes.
	Rules() []Rules
	// Budget is what the first full sync may cost.
	Budget() Budget
}

// Expected is a document as the index must hold it.
type Expected struct {
	ID string
	// Fields is a JSON object with all of the document but what the runtime adds:
	// id, _fingerprint, _allow_access_control and, unless it is in here,
	// _timestamp. The text of an attachment is the field body. Numbers count by
	// their values, members in any order.
	Fields json.RawMessage
	// Failed says that the document can't be read whole: each sync counts it as
	// failed, and the index has what is in Fields.
	Failed bool
}

// Rules is a set of sync rules and what is left under it.
type Rules struct {
	Name string // such as "basic: no drafts"
	// Filter is the file that `tributary connector rules --rules` takes:
	// {"rules": […], "advanced_snippet": {"value": …}}.
	Filter json.RawMessage
	// Truth gives the documents that the index must hold: more than none, and
	// not what it holds without rules.
	Truth iter.Seq[Expected]
}

// Budget is what a full sync may cost on a machine that is busy with other
// things too. It is exceeded when something is wrong, not when it is slow.
type Budget struct {
	MiB     int     // peak memory of the process, whatever the number of documents
	Seconds float64 // for every 10,000 documents
}

// Only gives those documents of a truth that keep wants, which makes the truth
// of most rules.
func Only(truth iter.Seq[Expected], keep func(Expected) bool) iter.Seq[Expected] {
	return func(yield func(Expected) bool) {
		for d := range truth {
			if keep(d) && !yield(d) {
				return
			}
		}
	}
}

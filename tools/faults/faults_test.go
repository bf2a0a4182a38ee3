// Package faults_test shows what becomes of a sync when something breaks, fault
// by fault. The faults are made below the driver: by a proxy between Tributary
// and Elasticsearch, by a server's own commands, by signals, by what happens to
// files. Each one is set, a sync runs into it and says what it promises to say;
// then it is healed, one more sync runs, and the invariants must hold:
//
//	I1  the ids in the index are those of the source
//	I2  the contents are equal, id by id
//	I3  nothing is written after the lease is lost
//	I4  a checkpoint is never ahead of what was acknowledged
//	I5  the counters are what Elasticsearch was seen to acknowledge
//	I6  no goroutine, file descriptor or temporary file is left
//	I7  no secret is in a log, an error, a request's line or a document
//
// docs/reliability.md lists the faults.
package faults_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/elastictest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fault is one row of the table. Its function breaks, heals and asserts.
type fault struct {
	name string
	run  func(t *testing.T, x *trial)
	// real says that it matters what a genuine Elasticsearch does: the fault is
	// tried on one too where the environment names it.
	real bool
}

// faults are those that are tried here; F19 to F22 are tried beside the sources
// of databases.
func faults() []fault {
	return append([]fault{
		{"F5", refusedItems, false},
		{"F6", refusedRequests, false},
		{"F7", mixedAnswers, true},
		{"F8", cutAnswers, false},
		{"F9", brokenConnections, false},
		{"F10", silence, false},
		{"F11", sliced, false},
		{"F12", tooLarge, false},
		{"F13", mappingConflict, true},
		{"F14", indexTrouble, true},
		{"F15", revokedKeys, true},
		{"F16", lostSnapshots, true},
		{"F17", failedShards, true},
		{"F18", emptySource, false},
		{"F23", tamperedFiles, false},
		{"F28", disorderedStreams, false},
		{"F30", changedMeanwhile, false},
	}, processFaults()...)
}

// TestFault tries every fault, one after the other: what is left over at the
// end of one is told by comparing the process with what it was.
func TestFault(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			for _, server := range servers(f.real) {
				before := look(t)
				x := &trial{open: server.open}
				if !t.Run(server.name, func(t *testing.T) { f.run(t, x) }) {
					return
				}
				before.check(t)
				if len(x.kept) == 0 {
					continue // the flag -run has left it out
				}
				x.held("I6 nothing left over")
				slices.Sort(x.kept)
				t.Logf("held %s", strings.Join(slices.Compact(x.kept), ", "))
			}
		})
	}
}

// trial is one fault on one server.
type trial struct {
	open func(t *testing.T) *server
	kept []string
}

// held notes invariants that were asserted, by the words of the package's
// comment: "I1 ids". They are printed at the end.
func (x *trial) held(invariants ...string) { x.kept = append(x.kept, invariants...) }

// opener makes a server for a test.
type opener struct {
	name string
	open func(t *testing.T) *server
}

// servers are those that a fault is tried on.
func servers(genuine bool) []opener {
	list := []opener{{"embedded", openNode}}
	if genuine && os.Getenv("TRIBUTARY_TEST_ELASTICSEARCH") != "" {
		list = append(list, opener{"elasticsearch", func(t *testing.T) *server {
			return &server{url: elastictest.Server(t).URL, genuine: true}
		}})
	}
	return list
}

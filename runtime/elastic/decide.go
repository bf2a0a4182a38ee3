package elastic

import (
	"strconv"
	"strings"
)

// ruling is what is done about the answer to an item or to a request.
type ruling uint8

const (
	stop    ruling = iota // ends the sync
	taken                 // carried out: counted as what the answer says
	again                 // not done: sent again
	unknown               // perhaps done: the same bytes are sent again
	reject                // costs the document
	absent                // a deletion that met no document, or another version: looked up
	present               // a creation that met a document: looked up
	behind                // a change of a document that is not there, or not yet
	cut                   // a request that is too large: sent in halves, and later ones smaller
	part                  // a request with a document that spoils it: sent in halves
)

// rule is a row of a decision table. The first that fits decides.
type rule struct {
	from, to int    // the range of the status
	ops      ops    // of an item; 0 is every one
	kind     string // Elasticsearch's type of the error; empty is every one
	// when looks at the error's explanation; nil is every one.
	when func(reason string) bool
	what ruling
}

// ops is a set of bulk actions.
type ops uint8

func (o ops) has(p op) bool { return o == 0 || o&(1<<p) != 0 }

const (
	creations = ops(1 << opCreate)
	updates   = ops(1 << opUpdate)
	deletions = ops(1 << opDelete)
)

// itemRules decide about one item of an answer.
var itemRules = [...]rule{
	{from: 200, to: 299, what: taken},

	// what every other document would meet too
	{from: 401, to: 401, what: stop},
	{from: 400, to: 502, kind: "cluster_block_exception", what: stop},
	{from: 504, to: 599, kind: "cluster_block_exception", what: stop},
	{from: 403, to: 403, what: stop},
	{from: 400, to: 599, kind: "index_not_found_exception", what: stop},
	{from: 400, to: 599, kind: "index_closed_exception", what: stop},
	{from: 400, to: 599, kind: "illegal_argument_exception", when: noPipeline, what: stop},

	{from: 404, to: 404, ops: deletions, what: absent},
	{from: 409, to: 409, ops: deletions, what: absent},
	{from: 409, to: 409, ops: creations, what: present},
	{from: 404, to: 404, ops: updates, what: behind},
	{from: 409, to: 409, ops: updates, what: unknown}, // somebody wrote between its read and its write

	// a processor may answer with any status; that of "fail" is 500
	{from: 400, to: 599, kind: "fail_processor_exception", what: reject},
	{from: 400, to: 599, kind: "ingest_processor_exception", what: reject},
	{from: 400, to: 599, kind: "script_exception", what: reject},

	{from: 429, to: 429, when: neverFits, what: reject},
	{from: 429, to: 429, what: again},
	{from: 500, to: 599, what: unknown},
	{from: 400, to: 499, what: reject},
}

// requestRules decide about an answer to a whole request. What is not here ends
// the sync.
var requestRules = [...]rule{
	{from: 429, to: 429, kind: "cluster_block_exception", what: stop}, // a full disk
	{from: 429, to: 429, when: neverFits, what: cut},
	{from: 429, to: 429, what: again},
	{from: 413, to: 413, what: cut},
	{from: 408, to: 408, what: unknown},
	// changes are parsed before the request is carried out
	{from: 400, to: 400, kind: "x_content_parse_exception", what: part},
	{from: 500, to: 502, kind: "cluster_block_exception", what: stop},
	{from: 504, to: 599, kind: "cluster_block_exception", what: stop},
	{from: 500, to: 599, what: unknown},
}

func (r *rule) fits(status int, op op, kind, reason string) bool {
	return status >= r.from && status <= r.to && r.ops.has(op) &&
		(r.kind == "" || r.kind == kind) && (r.when == nil || r.when(reason))
}

func decide(rules []rule, status int, op op, kind, reason string) ruling {
	for i := range rules {
		if rules[i].fits(status, op, kind, reason) {
			return rules[i].what
		}
	}
	return stop
}

func itemRuling(v *verdict) ruling {
	return decide(itemRules[:], int(v.status), v.op, v.kind, v.reason)
}

func requestRuling(e *Error) ruling {
	return decide(requestRules[:], e.Status, 0, e.Type, e.full)
}

// noPipeline reports that the pipeline of the request is not there.
func noPipeline(reason string) bool {
	return strings.HasPrefix(reason, "pipeline with id [") && strings.HasSuffix(reason, "does not exist")
}

// neverFits reports a refusal for the load that no waiting helps against: what
// was sent is alone more than the server lets be under way.
func neverFits(reason string) bool {
	_, rest, _ := strings.Cut(reason, "operation_bytes=")
	bytes, ok := leading(rest)
	_, rest, _ = strings.Cut(rest, " max_")
	_, rest, _ = strings.Cut(rest, "=")
	most, also := leading(rest)
	return ok && also && bytes > most
}

// leading is the number that a text begins with.
func leading(s string) (n int64, ok bool) {
	end := 0
	for end < len(s) && s[end]-'0' <= 9 {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	return n, err == nil
}

package rules_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/rules"
)

// row is one rule, one document and whether the rule matches it.
type row struct {
	field, operator, value string
	document               string // its fields with braces; its id is "doc-1"
	match                  bool
	why                    string
}

const (
	yes = true
	no  = false
)

// What the protocol says, and the deviations of docs/deviations.md, as the rows
// give them for their reason.
const (
	byText    = "protocol: a text compares with the rule's value as text"
	byOrder   = "protocol: texts compare in the order of their characters, not as numbers"
	byNumber  = "protocol: a number compares with the value read as a number"
	byAbsence = "protocol: a field that is absent does not match"
	byField   = "protocol: the field is a top-level name of the document"
	byString  = "protocol: text operators look at the value's text"
	byStart   = "protocol: a regex is anchored at the start, not at the end"
	byCase    = "protocol: names of operators are taken in any case"

	exact    = "deviation: numbers compare exactly, not as 64-bit floats"
	unlike   = "deviation: unlike types do not match, and end no sync"
	truth    = "deviation: booleans compare as booleans"
	dates    = "deviation: a text is a date when it and the value are RFC 3339"
	notDates = "deviation: what is no RFC 3339 date on both sides compares as text"
	written  = "deviation: text operators see a number as the document writes it"
	lower    = "deviation: text operators see true, false and null in lower case"
	compact  = "deviation: text operators see an object as its compact JSON"
	anyOf    = "deviation: a list matches when any element does"
	dotted   = "deviation: a field with dots reaches into objects"
	idSeen   = "protocol: rules see the document's id in the field id"
	unescape = "protocol: rules see texts as they are, whatever JSON escapes write them"
	re2      = "deviation: a regex has RE2's syntax"
	unicodes = "protocol: \\d, \\w and \\s mean the characters of Unicode"
)

func TestVerdicts(t *testing.T) {
	rows := slices.Concat(textRows, numberRows, truthRows, dateRows, listRows, fieldRows, regexRows)
	require.GreaterOrEqual(t, len(rows), 300)
	for _, r := range rows {
		require.NotEmpty(t, r.why)
		list := []rules.Rule{{ID: "r", Policy: "exclude", Field: r.field, Rule: r.operator, Value: r.value, Order: "1"}}
		s, err := rules.Compile(list)
		require.NoError(t, err, "%+v", r)
		require.True(t, json.Valid([]byte(r.document)), r.document)
		keep, rule := s.Decide("doc-1", fields(r.document))
		require.Equal(t, r.match, !keep, "%s %s %q on %s: %s", r.field, r.operator, r.value, r.document, r.why)
		require.Equal(t, r.match, rule == "r")
	}
}

package job

import (
	"errors"
	"maps"
	"slices"
)

// FieldDifference is a field that differs. Its values are not told.
type FieldDifference struct {
	// Name is the field's, with dots between the names of nested objects.
	Name string    `json:"name"`
	Kind FieldKind `json:"kind"`
}

// FieldKind is how a field differs.
type FieldKind string

// The kinds of a [FieldDifference]. Null and absent are told apart: the index
// stores what it is given, although no search can tell the two.
const (
	Changed    FieldKind = "changed"     // other values
	Absent     FieldKind = "absent"      // the index lacks it
	Added      FieldKind = "added"       // only the index has it
	Null       FieldKind = "null"        // null in the index, a value at the source
	NotNull    FieldKind = "not_null"    // a value in the index, null at the source
	AbsentNull FieldKind = "absent_null" // the index lacks it; null at the source
	AddedNull  FieldKind = "added_null"  // only the index has it, as null
	Repeated   FieldKind = "repeated"    // one of the two has it more often
)

// maxFields is how many fields of one document are named.
const maxFields = 20

// fieldList is the fields of one document that differ.
type fieldList struct {
	list []FieldDifference
	more int
}

func (l *fieldList) empty() bool { return len(l.list) == 0 }

func (l *fieldList) add(name string, kind FieldKind) {
	if len(l.list) == maxFields {
		l.more++
		return
	}
	l.list = append(l.list, FieldDifference{name, kind})
}

// comparison compares documents. Its memory is used again.
type comparison struct {
	equality
	apart     map[string]bool // fields of the runtime that are not compared
	contents  bool            // contents are compared
	touches   func(string) bool
	uncertain map[string]bool
}

// maxUnjudged is how many names of fields that can't be judged are kept.
const maxUnjudged = 100

func newComparison(o Verification, flags []byte) comparison {
	c := comparison{
		apart: map[string]bool{timestampField: true, fingerprintField: true}, contents: !o.NoContent, touches: o.Touches, uncertain: map[string]bool{},
	}
	c.lenient = o.Touches != nil
	members, _ := appendMembers(nil, slices.Concat([]byte{'{'}, flags, []byte{'}'})) // the runtime's own
	for _, m := range members {
		c.apart[string(m.name)] = true
	}
	return c
}

const (
	timestampField   = "_timestamp"
	fingerprintField = "_fingerprint"
)

var errNoSource = errors.New("the index does not give it as a JSON object; without _source only fingerprints can be compared (--fast)")

// documents compares a document as a sync would send it with what is stored. It
// returns the stored fingerprint, and whether that is the one to be.
func (c *comparison) documents(wanted, stored []byte) (fields fieldList, print []byte, samePrint bool, err error) {
	base := len(c.stack)
	defer func() { c.stack = c.stack[:base] }()
	want, have, ok := c.both(wanted, stored)
	if !ok {
		return fields, nil, false, errNoSource
	}
	var wantPrint []byte
	c.differences(want, have, func(name, w, h []byte) {
		if string(name) == fingerprintField {
			wantPrint, print = w, h
			return
		}
		if !c.passes(name, w, h) {
			c.describe(&fields, string(name), w, h, 0)
		}
	}, func(name []byte) {
		if !c.passes(name, nil, nil) {
			fields.add(string(name), Repeated)
		}
	})
	for _, m := range want {
		if wantPrint == nil && string(m.name) == fingerprintField {
			wantPrint, print = m.value, m.value // no difference
		}
	}
	return fields, text(print), string(wantPrint) == string(print), nil
}

// passes reports whether a difference in a field at the top counts for nothing.
func (c *comparison) passes(name, want, have []byte) bool {
	switch {
	case c.apart[string(name)]:
		return true
	case !c.contents && want == nil && (string(name) == "body" || string(name) == "_attachment"):
		return true
	case string(name) == accessField && sameMembers(want, have):
		return true
	case c.touches == nil || !c.touches(string(name)):
		return false
	}
	if len(c.uncertain) < maxUnjudged {
		c.uncertain[string(name)] = true
	}
	return true
}

func (c *comparison) unjudged() []string {
	return append([]string{}, slices.Sorted(maps.Keys(c.uncertain))...)
}

// describe names the fields below one that differs.
func (c *comparison) describe(fields *fieldList, path string, want, have []byte, depth int) {
	if isObject(want) && isObject(have) && depth < maxCompared {
		base := len(c.stack)
		defer func() { c.stack = c.stack[:base] }()
		if w, h, ok := c.both(want, have); ok {
			c.differences(w, h, func(name, w, h []byte) {
				c.describe(fields, path+"."+string(name), w, h, depth+1)
			}, func(name []byte) { fields.add(path+"."+string(name), Repeated) })
			return
		}
	}
	fields.add(path, fieldKind(want, have))
}

// fieldKind tells how two values differ; nil is one that is not there.
func fieldKind(want, have []byte) FieldKind {
	null := func(v []byte) bool { return string(v) == "null" }
	switch {
	case have == nil && null(want):
		return AbsentNull
	case have == nil:
		return Absent
	case want == nil && null(have):
		return AddedNull
	case want == nil:
		return Added
	case null(have):
		return Null
	case null(want):
		return NotNull
	}
	return Changed
}

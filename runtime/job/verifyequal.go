package job

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxCompared is how deep values are compared by what they mean; what lies
// deeper must have the same bytes.
const maxCompared = 200

// equality compares JSON by what it means: the order of members, blanks, escapes
// and the way a number is written do not count.
type equality struct {
	stack   []member // of the objects that are being compared
	lenient bool     // numbers that are the same 64-bit float are equal
}

// both reads the members of two objects. Take them off the stack again.
func (e *equality) both(a, b []byte) (x, y []member, ok bool) {
	start := len(e.stack)
	var okA, okB bool
	e.stack, okA = appendMembers(e.stack, a)
	middle := len(e.stack)
	e.stack, okB = appendMembers(e.stack, b)
	return e.stack[start:middle:middle], e.stack[middle:len(e.stack):len(e.stack)], okA && okB
}

// differences calls differs for each member that only one of two objects has or
// that has another value there, nil standing for none, and repeats for one that
// one of them has more often.
func (e *equality) differences(want, have []member, differs func(name, want, have []byte), repeats func(name []byte)) {
	find := finder{have: have}
	for i := range want {
		w := &want[i]
		switch j := find.next(w.name); {
		case j >= 0:
			if !e.same(w.value, have[j].value, 0) {
				differs(w.name, w.value, have[j].value)
			}
		case named(want[:i], w.name):
			repeats(w.name)
		default:
			differs(w.name, w.value, nil)
		}
	}
	if find.used == len(have) {
		return
	}
	for i := range have {
		switch h := &have[i]; {
		case h.used:
		case named(want, h.name) || named(have[:i], h.name):
			repeats(h.name)
		default:
			differs(h.name, nil, h.value)
		}
	}
}

func named(list []member, name []byte) bool {
	return slices.ContainsFunc(list, func(m member) bool { return bytes.Equal(m.name, name) })
}

// finder finds the members of an object, each once. It expects the order in
// which they are.
type finder struct {
	have   []member
	at     int
	used   int
	byName map[string]int // of wide objects, once the order was another
}

// wideObject is how many members an object has for which a map pays.
const wideObject = 64

func (f *finder) next(name []byte) int {
	if f.at < len(f.have) && !f.have[f.at].used && bytes.Equal(f.have[f.at].name, name) {
		return f.take(f.at)
	}
	if len(f.have) > wideObject {
		return f.lookUp(name)
	}
	for i := range f.have {
		if !f.have[i].used && bytes.Equal(f.have[i].name, name) {
			return f.take(i)
		}
	}
	return -1
}

func (f *finder) lookUp(name []byte) int {
	if f.byName == nil {
		f.byName = make(map[string]int, len(f.have))
		for i, m := range f.have {
			f.byName[string(m.name)] = i
		}
	}
	if i, ok := f.byName[string(name)]; ok && !f.have[i].used {
		return f.take(i)
	}
	return -1
}

func (f *finder) take(i int) int {
	f.have[i].used = true
	f.used++
	f.at = i + 1
	return i
}

// same reports whether two values mean the same.
func (e *equality) same(a, b []byte, depth int) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 || depth == maxCompared {
		return false
	}
	switch {
	case a[0] == '"' && b[0] == '"':
		return bytes.IndexByte(a, '\\')+bytes.IndexByte(b, '\\') > -2 && string(text(a)) == string(text(b))
	case isObject(a) && isObject(b):
		return e.sameObject(a, b, depth)
	case a[0] == '[' && b[0] == '[':
		return e.sameList(a, b, depth)
	case isNumber(a) && isNumber(b):
		return sameNumber(a, b) || e.lenient && sameFloat(a, b)
	}
	return false
}

func (e *equality) sameObject(a, b []byte, depth int) bool {
	base := len(e.stack)
	defer func() { e.stack = e.stack[:base] }()
	x, y, ok := e.both(a, b)
	if !ok || len(x) != len(y) {
		return false
	}
	find := finder{have: y}
	for _, m := range x {
		j := find.next(m.name)
		if j < 0 || !e.same(m.value, y[j].value, depth+1) {
			return false
		}
	}
	return true
}

func (e *equality) sameList(a, b []byte, depth int) bool {
	x, y := elements{b: a}, elements{b: b}
	for {
		v, okA := x.next()
		w, okB := y.next()
		if !okA || !okB {
			return okA == okB && !x.broken && !y.broken
		}
		if !e.same(v, w, depth+1) {
			return false
		}
	}
}

// sameMembers reports whether two lists of texts have the same members, in
// whatever order and however often: so access lists are read.
func sameMembers(a, b []byte) bool {
	x, okA := textSet(a)
	y, okB := textSet(b)
	return okA && okB && slices.Equal(x, y)
}

func textSet(list []byte) ([]string, bool) {
	var set []string
	if len(list) == 0 || list[0] != '[' || json.Unmarshal(list, &set) != nil {
		return nil, false
	}
	slices.Sort(set)
	return slices.Compact(set), true
}

func isNumber(v []byte) bool { return v[0] == '-' || v[0]-'0' <= 9 }

func isObject(v []byte) bool { return len(v) > 0 && v[0] == '{' }

// sameNumber compares two numbers exactly.
func sameNumber(a, b []byte) bool {
	var roomA, roomB [48]byte
	negA, digitsA, exponentA, okA := decimal(roomA[:0], a)
	negB, digitsB, exponentB, okB := decimal(roomB[:0], b)
	return okA && okB && negA == negB && exponentA == exponentB && bytes.Equal(digitsA, digitsB)
}

// decimal reads a number as digits, without zeros at their ends, times a power
// of ten. Zero has no digits, no sign and the exponent 0.
func decimal(room, number []byte) (negative bool, digits []byte, exponent int64, ok bool) {
	digits = room
	mantissa, power, scientific := strings.Cut(strings.ToLower(string(number)), "e")
	if scientific {
		var err error
		if exponent, err = strconv.ParseInt(power, 10, 62); err != nil {
			return false, nil, 0, false
		}
	}
	mantissa, negative = strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent -= int64(len(fraction))
	digits = append(append(digits, whole...), fraction...)
	all := len(digits)
	digits = bytes.TrimRight(digits, "0")
	exponent += int64(all - len(digits))
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) == 0 {
		return false, nil, 0, true
	}
	return negative, digits, exponent, true
}

// sameFloat compares two numbers as Elasticsearch keeps them when it has
// written a document anew.
func sameFloat(a, b []byte) bool {
	x, errA := strconv.ParseFloat(string(a), 64)
	y, errB := strconv.ParseFloat(string(b), 64)
	return errA == nil && errB == nil && x == y
}

// text is a JSON string without its quotes and escapes; nil for another value.
func text(v []byte) []byte {
	if len(v) < 2 || v[0] != '"' {
		return nil
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return v
	}
	return []byte(s)
}

package mongodb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
)

// maxDepth is how deep objects and lists may be nested, as in the rest of
// Tributary and as MongoDB itself allows.
const maxDepth = 100

// maxFields bounds the fields that a walker remembers.
const maxFields = 4096

var (
	errMalformed = errors.New("it is no valid BSON")
	errTooDeep   = errors.New("nested deeper than 100 levels")
	errNoID      = errors.New("a result has no _id, so that it can't be told from the others: keep _id in the projection or pipeline, or make one that is unique")
)

// walker turns BSON into JSON in one pass, without a value in between. It is
// for one goroutine.
type walker struct {
	dates  dateMode
	uuids  uuidForm
	prefix string // of ids: the collection's name and "/", or empty
	mixed  bool   // the collection's ids are of several types
	losses losses

	fields map[string]*connector.Field // top-level ones by name
	order  []*connector.Field          // those of a document before, each once
	keys   [][]byte                    // their names
	names  [][]byte                    // of all objects that are open
	field  string                      // the top-level field under way
	own    element                     // the _id of the last document, within its bytes
	text   []byte                      // scratch
}

func newWalker(dates dateMode, uuids uuidForm) *walker {
	return &walker{dates: dates, uuids: uuids, losses: losses{}, fields: map[string]*connector.Field{}}
}

// document makes a document of a BSON document. What is wrong with a field
// becomes the document's Err; the error is errNoID or errMalformed.
func (w *walker) document(raw bson.Raw) (connector.Document, error) {
	doc := connector.NewDocument("")
	w.names = w.names[:0]
	top, found := fields{walker: w, usual: true}, false
	for e, err := range elements(raw) {
		if err != nil {
			doc.Release()
			return doc, err
		}
		if string(e.key) == "_id" {
			if !found {
				doc.ID, w.own, found = w.id(e), e, true
			}
			continue
		}
		if f := top.next(e.key); f != nil {
			w.field = f.Name()
			doc.SetField(f, func(dst []byte) ([]byte, error) { return w.value(dst, e, 1) })
		}
	}
	if !found {
		doc.Release()
		return doc, errNoID
	}
	return doc, nil
}

// element is one field of an object or list.
type element struct {
	kind  bson.Type
	key   []byte
	value []byte // exactly its bytes
}

// elements iterates over the fields of a BSON document, or yields an error.
func elements(raw []byte) func(yield func(element, error) bool) {
	return func(yield func(element, error) bool) {
		body, ok := inside(raw)
		for ok && len(body) > 0 {
			e := element{kind: bson.Type(body[0])}
			end := 1 // names are short: a loop is faster than a search
			for end < len(body) && body[end] != 0 {
				end++
			}
			if end == len(body) {
				ok = false
				break
			}
			e.key, body = body[1:end], body[end+1:]
			n, known := size(e.kind, body)
			if !known || n < 0 || n > len(body) {
				ok = false
				break
			}
			e.value, body = body[:n], body[n:]
			if !yield(e, nil) {
				return
			}
		}
		if !ok {
			yield(element{}, errMalformed)
		}
	}
}

// inside returns the fields of a document without its length and final zero.
func inside(raw []byte) ([]byte, bool) {
	if len(raw) < 5 || int(binary.LittleEndian.Uint32(raw)) != len(raw) || raw[len(raw)-1] != 0 {
		return nil, false
	}
	return raw[4 : len(raw)-1], true
}

// size returns how many bytes the value at the start of b takes.
func size(kind bson.Type, b []byte) (n int, ok bool) {
	switch kind {
	case bson.TypeString, bson.TypeJavaScript, bson.TypeSymbol:
		n, ok = length(b)
		return n + 4, ok && n > 0 && len(b) >= n+4 && b[n+3] == 0
	case bson.TypeEmbeddedDocument, bson.TypeArray, bson.TypeCodeWithScope:
		n, ok = length(b)
		return n, ok && n >= 5
	case bson.TypeBinary:
		n, ok = length(b)
		return n + 5, ok
	case bson.TypeDBPointer:
		n, ok = length(b)
		return n + 16, ok && n > 0
	case bson.TypeRegex:
		pattern := bytes.IndexByte(b, 0)
		options := bytes.IndexByte(b[pattern+1:], 0)
		return pattern + options + 2, pattern >= 0 && options >= 0
	case bson.TypeUndefined, bson.TypeNull, bson.TypeMinKey, bson.TypeMaxKey:
		return 0, true
	case bson.TypeBoolean:
		return 1, true
	case bson.TypeInt32:
		return 4, true
	case bson.TypeDouble, bson.TypeDateTime, bson.TypeTimestamp, bson.TypeInt64:
		return 8, true
	case bson.TypeObjectID:
		return 12, true
	case bson.TypeDecimal128:
		return 16, true
	}
	return 0, false
}

func length(b []byte) (int, bool) {
	if len(b) < 4 {
		return 0, false
	}
	n := int32(binary.LittleEndian.Uint32(b))
	return int(n), n >= 0
}

// names are those that one object has so far.
type names struct {
	base int                 // where they begin in walker.names
	bits uint64              // a bit for each, of a poor hash
	many map[string]struct{} // once there are too many to look through
}

// few is up to how many names are looked through one by one.
const few = 32

// fresh reports whether an object has no field of this name yet. BSON allows
// that, JSON in Elasticsearch does not: the first one stays.
func (w *walker) fresh(s *names, key []byte) bool {
	if s.many != nil {
		if _, taken := s.many[string(key)]; taken {
			return false
		}
		s.many[string(key)] = struct{}{}
		return true
	}
	bit := uint64(1) << (poorHash(key) & 63)
	if s.bits&bit != 0 {
		for _, name := range w.names[s.base:] {
			if bytes.Equal(name, key) {
				return false
			}
		}
	}
	s.bits |= bit
	w.names = append(w.names, key)
	if len(w.names)-s.base > few {
		s.many = make(map[string]struct{}, 2*few)
		for _, name := range w.names[s.base:] {
			s.many[string(name)] = struct{}{}
		}
	}
	return true
}

func poorHash(key []byte) int {
	n := len(key)
	if n == 0 {
		return 0
	}
	return n*7 + int(key[0])*5 + int(key[n/2])*3 + int(key[n-1])
}

// object appends an embedded document.
func (w *walker) object(dst, raw []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
	s := names{base: len(w.names)}
	dst = append(dst, '{')
	first := true
	for e, err := range elements(raw) {
		if err != nil {
			return dst, err
		}
		if plain := indexable(e.key); !plain {
			e.key = w.rename(&s, e.key)
		} else if !w.fresh(&s, e.key) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(connector.AppendText(dst, e.key), ':')
		if dst, err = w.value(dst, e, depth+1); err != nil {
			return dst, err
		}
	}
	w.names = w.names[:s.base]
	return append(dst, '}'), nil
}

// list appends an array.
func (w *walker) list(dst, raw []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
	dst = append(dst, '[')
	first := true
	for e, err := range elements(raw) {
		if err != nil {
			return dst, err
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if dst, err = w.value(dst, e, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// indexable reports whether Elasticsearch takes the name of a field inside an
// object.
func indexable(key []byte) bool {
	if len(key) > 0 && key[0] > ' ' && key[0] < 0x80 && bytes.IndexByte(key, '.') < 0 {
		return true
	}
	return !connector.ReservedField("x." + string(key))
}

// rename makes a name that Elasticsearch takes, as at the top of a document:
// misplaced dots and blank names get a "_".
func (w *walker) rename(s *names, key []byte) []byte {
	name := strings.ReplaceAll(string(key), ".", "_")
	if strings.TrimSpace(name) == "" {
		name += "_"
	}
	for !w.fresh(s, []byte(name)) {
		name += "_"
	}
	return []byte(name)
}

package mongodb

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
)

// value appends a value as JSON, by its type alone: the table in the README.
func (w *walker) value(dst []byte, e element, depth int) ([]byte, error) {
	v := e.value
	switch e.kind {
	case bson.TypeString, bson.TypeJavaScript, bson.TypeSymbol:
		return connector.AppendText(dst, v[4:len(v)-1]), nil
	case bson.TypeInt32:
		return strconv.AppendInt(dst, int64(int32(binary.LittleEndian.Uint32(v))), 10), nil
	case bson.TypeInt64:
		return strconv.AppendInt(dst, int64(binary.LittleEndian.Uint64(v)), 10), nil
	case bson.TypeDouble:
		return w.double(dst, math.Float64frombits(binary.LittleEndian.Uint64(v))), nil
	case bson.TypeBoolean:
		return strconv.AppendBool(dst, v[0] != 0), nil
	case bson.TypeObjectID:
		return appendHex(dst, v), nil
	case bson.TypeDateTime:
		return w.date(dst, int64(binary.LittleEndian.Uint64(v)))
	case bson.TypeEmbeddedDocument:
		return w.object(dst, v, depth)
	case bson.TypeArray:
		return w.list(dst, v, depth)
	case bson.TypeBinary:
		return w.binary(dst, v[4], v[5:])
	case bson.TypeDecimal128:
		return w.decimal(dst, v), nil
	case bson.TypeTimestamp:
		return appendMoment(dst, time.Unix(int64(binary.LittleEndian.Uint32(v[4:])), 0)), nil
	}
	return w.rare(dst, e, depth)
}

// rare appends a value of the types that hardly anybody stores.
func (w *walker) rare(dst []byte, e element, depth int) ([]byte, error) {
	v := e.value
	switch e.kind {
	case bson.TypeRegex:
		pattern, options := cstrings(v)
		w.text = append(append(append(append(w.text[:0], '/'), pattern...), '/'), options...)
		return connector.AppendText(dst, w.text), nil
	case bson.TypeDBPointer:
		n := len(v) - 12
		if n < 5 || int(binary.LittleEndian.Uint32(v)) != n-4 {
			return dst, errMalformed
		}
		dst = append(connector.AppendText(append(dst, `{"$ref":`...), v[4:n-1]), `,"$id":`...)
		return append(appendHex(dst, v[n:]), '}'), nil
	case bson.TypeCodeWithScope:
		return w.scoped(dst, v, depth)
	case bson.TypeMinKey, bson.TypeMaxKey:
		w.lose(lostBound)
	}
	return append(dst, "null"...), nil
}

// scoped appends code that was stored with its variables.
func (w *walker) scoped(dst, v []byte, depth int) ([]byte, error) {
	if len(v) < 4 || int(binary.LittleEndian.Uint32(v)) != len(v) {
		return dst, errMalformed
	}
	n, ok := size(bson.TypeJavaScript, v[4:])
	if !ok || n > len(v)-4 {
		return dst, errMalformed
	}
	dst = append(connector.AppendText(append(dst, `{"code":`...), v[8:4+n-1]), `,"scope":`...)
	dst, err := w.object(dst, v[4+n:], depth+1)
	return append(dst, '}'), err
}

// cstrings splits the two texts of a regular expression.
func cstrings(v []byte) (pattern, options []byte) {
	i := 0
	for v[i] != 0 {
		i++
	}
	return v[:i], v[i+1 : len(v)-1]
}

// double appends a number that is always read as one with a fraction: of 5,
// Elasticsearch would make a field of integers.
func (w *walker) double(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		w.lose(lostNumber)
		return append(dst, "null"...)
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// decimal appends a decimal exactly, as a text: a number would be rounded.
func (w *walker) decimal(dst, v []byte) []byte {
	d := bson.NewDecimal128(binary.LittleEndian.Uint64(v[8:]), binary.LittleEndian.Uint64(v))
	if d.IsNaN() || d.IsInf() != 0 {
		w.lose(lostNumber)
		return append(dst, "null"...)
	}
	return connector.AppendString(dst, d.String())
}

func appendHex(dst, v []byte) []byte {
	return append(hex.AppendEncode(append(dst, '"'), v), '"')
}

func appendBase64(dst, v []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v), '"')
}

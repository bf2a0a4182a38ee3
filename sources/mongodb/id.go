package mongodb

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// id makes the document's id of its _id in the form of Elastic's connectors:
// the hex digits of an ObjectId, a text as it is, a number in decimal digits, a
// UUID. That form is ambiguous only where a collection has ids of several types
// ("5" and 5): texts stand in quotes there. What has no such form (embedded
// documents, other binary data) is Extended JSON.
func (w *walker) id(e element) string {
	w.text = append(w.text[:0], w.prefix...)
	v := e.value
	switch e.kind {
	case bson.TypeObjectID:
		w.text = hex.AppendEncode(w.text, v)
	case bson.TypeString:
		w.textID(v[4 : len(v)-1])
	case bson.TypeInt32:
		w.text = strconv.AppendInt(w.text, int64(int32(binary.LittleEndian.Uint32(v))), 10)
	case bson.TypeInt64:
		w.text = strconv.AppendInt(w.text, int64(binary.LittleEndian.Uint64(v)), 10)
	case bson.TypeDouble:
		w.text = appendPythonFloat(w.text, math.Float64frombits(binary.LittleEndian.Uint64(v)))
	case bson.TypeBinary:
		if v[4] == bson.TypeBinaryUUID && len(v) == 21 {
			w.text = appendUUID(w.text, v[5:])
			break
		}
		w.extendedID(e)
	case bson.TypeDecimal128:
		w.text = append(w.text, bson.NewDecimal128(binary.LittleEndian.Uint64(v[8:]), binary.LittleEndian.Uint64(v)).String()...)
	default:
		w.extendedID(e)
	}
	return string(w.text)
}

// textID appends a text, in quotes where it could be taken for something else.
func (w *walker) textID(text []byte) {
	if w.mixed || len(text) == 0 || text[0] == '"' {
		w.text = strconv.AppendQuote(w.text, string(text))
		return
	}
	w.text = append(w.text, text...)
}

// extendedID appends a value in relaxed Extended JSON.
func (w *walker) extendedID(e element) {
	raw, err := bson.MarshalExtJSON(bson.D{{Key: "i", Value: bson.RawValue{Type: e.kind, Value: e.value}}}, false, false)
	if err != nil {
		w.text = hex.AppendEncode(append(w.text, "bson:"...), e.value) // it can't be read, but it is what it is
		return
	}
	w.text = append(w.text, strings.TrimSuffix(strings.TrimPrefix(string(raw), `{"i":`), "}")...)
}

// appendPythonFloat writes a number as Python does, and so Elastic's connector.
func appendPythonFloat(dst []byte, f float64) []byte {
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) || math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// idPrefix is what ids of one of several collections begin with.
func idPrefix(collection string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(collection) + "/"
}

// rank is the place of a type in MongoDB's order of values, in which numbers
// are one type. Ids of one rank can't read alike.
func rank(kind bson.Type) int {
	for i, list := range order {
		for _, t := range list {
			if t == kind {
				return i
			}
		}
	}
	return len(order)
}

// order is how MongoDB sorts values of different types.
var order = [...][]bson.Type{
	{bson.TypeMinKey}, {bson.TypeUndefined}, {bson.TypeNull},
	{bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128},
	{bson.TypeString, bson.TypeSymbol},
	{bson.TypeEmbeddedDocument}, {bson.TypeArray}, {bson.TypeBinary}, {bson.TypeObjectID},
	{bson.TypeBoolean}, {bson.TypeDateTime}, {bson.TypeTimestamp}, {bson.TypeRegex}, {bson.TypeDBPointer},
	{bson.TypeJavaScript}, {bson.TypeCodeWithScope}, {bson.TypeMaxKey},
}

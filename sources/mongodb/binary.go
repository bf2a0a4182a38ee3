package mongodb

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// uuidForm is the order of bytes in UUIDs of the old subtype 3, which each
// driver chose for itself: the values of uuidRepresentation in connection
// strings.
type uuidForm string

const (
	uuidJava   uuidForm = "javaLegacy"
	uuidCSharp uuidForm = "csharpLegacy"
	uuidPython uuidForm = "pythonLegacy"
)

// binary appends binary data by its subtype.
func (w *walker) binary(dst []byte, subtype byte, v []byte) ([]byte, error) {
	switch {
	case subtype == bson.TypeBinaryUUID && len(v) == 16:
		return append(appendUUID(append(dst, '"'), v), '"'), nil
	case subtype == bson.TypeBinaryUUIDOld && len(v) == 16:
		return w.oldUUID(dst, v), nil
	case subtype == bson.TypeBinaryBinaryOld && len(v) >= 4 && int(binary.LittleEndian.Uint32(v)) == len(v)-4:
		return appendBase64(dst, v[4:]), nil
	case subtype == bson.TypeBinaryVector:
		return appendVector(dst, v), nil
	}
	return appendBase64(dst, v), nil
}

// oldUUID appends a UUID of subtype 3, or null where nobody has said in which
// order its bytes stand: a wrong UUID would be worse than none.
func (w *walker) oldUUID(dst, v []byte) []byte {
	v = slices.Clone(v)
	switch w.uuids {
	case uuidPython:
	case uuidJava:
		slices.Reverse(v[:8])
		slices.Reverse(v[8:])
	case uuidCSharp:
		slices.Reverse(v[:4])
		slices.Reverse(v[4:6])
		slices.Reverse(v[6:8])
	default:
		w.lose(lostUUID)
		return append(dst, "null"...)
	}
	return append(appendUUID(append(dst, '"'), v), '"')
}

// appendUUID appends 16 bytes in the form of RFC 9562, without quotes.
func appendUUID(dst, v []byte) []byte {
	const digits = "0123456789abcdef"
	for i, c := range v[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}

// Types of the numbers in a vector.
const (
	vectorInt8    = 0x03
	vectorFloat32 = 0x27
)

// appendVector appends a vector of numbers as a list, the form of a
// dense_vector; one of bits as base64.
func appendVector(dst, v []byte) []byte {
	width := 1
	switch {
	case len(v) >= 2 && v[0] == vectorInt8 && v[1] == 0:
	case len(v) >= 2 && v[0] == vectorFloat32 && v[1] == 0 && len(v)%4 == 2:
		width = 4
	default:
		return appendBase64(dst, v)
	}
	dst = append(dst, '[')
	for i, rest := 0, v[2:]; i+width <= len(rest); i += width {
		if i > 0 {
			dst = append(dst, ',')
		}
		if width == 1 {
			dst = strconv.AppendInt(dst, int64(int8(rest[i])), 10)
			continue
		}
		dst = appendFloat32(dst, math.Float32frombits(binary.LittleEndian.Uint32(rest[i:])))
	}
	return append(dst, ']')
}

func appendFloat32(dst []byte, f float32) []byte {
	if f != f || math.IsInf(float64(f), 0) {
		return append(dst, "null"...)
	}
	dst = strconv.AppendFloat(dst, float64(f), 'g', -1, 32)
	return dst
}

package binlog

import "fmt"

// The types of columns in the protocol that a key may have.
const (
	Tiny       = 1
	Short      = 2
	Long       = 3
	Float      = 4
	Double     = 5
	Timestamp  = 7
	LongLong   = 8
	Int24      = 9
	Date       = 10
	Time       = 11
	Datetime   = 12
	Year       = 13
	NewDate    = 14
	Varchar    = 15
	Bit        = 16
	Timestamp2 = 17
	Datetime2  = 18
	Time2      = 19
	Decimal    = 246
	Enum       = 247
	Set        = 248
	String     = 254

	blobCompressed    = 140
	varcharCompressed = 141
	vector            = 242
	jsonText          = 245
	tinyBlob          = 249
	blob              = 252
	geometry          = 255
)

// columnType is a column's type, with what tells the length of its values.
type columnType struct {
	code byte
	meta uint16
}

// fixed are the lengths of types that have one.
var fixed = map[byte]int{
	Tiny: 1, Short: 2, Int24: 3, Long: 4, LongLong: 8, Float: 4, Double: 8, Year: 1, Date: 3, NewDate: 3, Time: 3, Datetime: 8, Timestamp: 4,
}

// fraction are the lengths of types with parts of a second, without those.
var fraction = map[byte]int{Timestamp2: 4, Datetime2: 5, Time2: 3}

func newColumnType(code byte, meta *reader) columnType {
	c := columnType{code: code}
	switch code {
	case Float, Double, blobCompressed, vector, jsonText, blob, geometry, tinyBlob, tinyBlob + 1, tinyBlob + 2, Timestamp2, Datetime2, Time2:
		c.meta = uint16(meta.number(1))
	case Varchar, varcharCompressed:
		c.meta = uint16(meta.number(2))
	case Bit: // bits beyond whole bytes, whole bytes
		bits := int(meta.number(1))
		bytes := int(meta.number(1))
		c.meta = uint16(bytes + (bits+7)/8)
	case Decimal, Enum, Set: // digits and digits behind the point
		c.meta = uint16(meta.number(1))<<8 | uint16(meta.number(1))
	case String:
		c = stringType(byte(meta.number(1)), byte(meta.number(1)))
	}
	return c
}

// stringType reads the two bytes of a type that once was CHAR alone: the true
// type, in two bits of which the length goes on, and the length.
func stringType(first, second byte) columnType {
	if first&0x30 != 0x30 {
		return columnType{code: first | 0x30, meta: uint16(first&0x30^0x30)<<4 | uint16(second)}
	}
	return columnType{code: first, meta: uint16(second)}
}

// value takes a value off a row.
func (c columnType) value(r *reader) []byte {
	if n, ok := fixed[c.code]; ok {
		return r.take(n)
	}
	if n, ok := fraction[c.code]; ok {
		return r.take(n + int(c.meta+1)/2)
	}
	switch c.code {
	case Varchar, varcharCompressed, String:
		if c.meta > 255 {
			return r.take(int(r.number(2)))
		}
		return r.take(int(r.number(1)))
	case Bit:
		return r.take(int(c.meta))
	case Enum, Set:
		return r.take(int(c.meta & 0xff))
	case Decimal:
		return r.take(decimalSize(int(c.meta>>8), int(c.meta&0xff)))
	case blobCompressed, vector, jsonText, blob, geometry, tinyBlob, tinyBlob + 1, tinyBlob + 2:
		return r.take(int(r.number(int(c.meta))))
	}
	r.err = fmt.Errorf("a column has the unknown type %d", c.code)
	r.b = nil
	return nil
}

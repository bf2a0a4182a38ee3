package embedded

// family groups the field types that are read and searched alike.
type family int

const (
	familyNone family = iota
	familyObject
	familyText
	familyKeyword
	familyInteger
	familyFloat
	familyBool
	familyDate
	familyIP
	familyBinary
)

// families are the field types that a mapping may name.
var families = map[string]family{
	"object": familyObject, "nested": familyObject,
	"text": familyText, "match_only_text": familyText,
	"keyword": familyKeyword, "wildcard": familyKeyword, "constant_keyword": familyKeyword, "version": familyKeyword,
	"long": familyInteger, "integer": familyInteger, "short": familyInteger, "byte": familyInteger,
	"double": familyFloat, "float": familyFloat, "half_float": familyFloat,
	"boolean": familyBool, "date": familyDate, "date_nanos": familyDate, "ip": familyIP, "binary": familyBinary,
}

// integerBounds are the largest absolute values of the whole-number types.
var integerBounds = map[string]int64{"integer": 1<<31 - 1, "short": 1<<15 - 1, "byte": 1<<7 - 1}

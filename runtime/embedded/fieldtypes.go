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
	"object": familyObject, "nested": familyObject, // the objects of a nested field are not told apart; the query nested is refused
	"text": familyText, "match_only_text": familyText,
	"keyword": familyKeyword, "wildcard": familyKeyword, "constant_keyword": familyKeyword, "version": familyKeyword,
	"long": familyInteger, "integer": familyInteger, "short": familyInteger, "byte": familyInteger,
	"double": familyFloat, "float": familyFloat, "half_float": familyFloat,
	"boolean": familyBool, "date": familyDate, "date_nanos": familyDate, "ip": familyIP, "binary": familyBinary,
}

// otherTypes exist in Elasticsearch, not here.
var otherTypes = []string{
	"alias", "flattened", "dense_vector", "sparse_vector", "geo_point", "geo_shape", "point", "shape", "scaled_float", "unsigned_long", "token_count",
	"integer_range", "long_range", "float_range", "double_range", "date_range", "ip_range", "completion", "search_as_you_type", "join", "percolator",
	"rank_feature", "rank_features", "histogram", "aggregate_metric_double", "semantic_text", "annotated_text", "murmur3", "passthrough", "counted_keyword",
}

// integerBounds are the largest absolute values of the whole-number types.
var integerBounds = map[string]int64{"integer": 1<<31 - 1, "short": 1<<15 - 1, "byte": 1<<7 - 1}

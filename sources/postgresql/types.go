package postgresql

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// encode appends a value, given in the server's text form, as JSON. It reports
// false when JSON or Elasticsearch has no such value, which is null then.
type encode func(dst, text []byte) ([]byte, bool)

// typ is how the values of a type become JSON.
type typ struct {
	encode encode
	// field is the type in the mapping; empty leaves it to Elasticsearch.
	field connector.FieldType
}

// exactDigits is how many decimal digits a double holds for sure.
const exactDigits = 15

// builtin are the types whose values have a form of their own; texts are all
// others. Decimals are decided by their modifier: see [numeric].
var builtin = map[string]typ{
	"bool":        {encodeBool, connector.Boolean},
	"int2":        {encodePlain, connector.Long},
	"int4":        {encodePlain, connector.Long},
	"int8":        {encodePlain, connector.Long},
	"oid":         {encodePlain, connector.Long},
	"xid":         {encodePlain, connector.Long},
	"cid":         {encodePlain, connector.Long},
	"float4":      {encodeFloat, connector.Double},
	"float8":      {encodeFloat, connector.Double},
	"money":       {encodeText, connector.Keyword}, // made a decimal by whoever knows the server's currency
	"xid8":        {encodeText, connector.Keyword},
	"uuid":        {encodeText, connector.Keyword},
	"inet":        {encodeText, connector.Keyword},
	"cidr":        {encodeText, connector.Keyword},
	"macaddr":     {encodeText, connector.Keyword},
	"macaddr8":    {encodeText, connector.Keyword},
	"time":        {encodeText, connector.Keyword},
	"timetz":      {encodeText, connector.Keyword},
	"interval":    {encodeText, connector.Keyword},
	"pg_lsn":      {encodeText, connector.Keyword},
	"tid":         {encodeText, connector.Keyword},
	"bytea":       {encodeBytes, connector.Binary},
	"date":        {encodeDate, connector.Date},
	"timestamp":   {encodeTimestamp(""), connector.Date},
	"timestamptz": {encodeTimestamp("Z"), connector.Date},
}

// plainText is how values of all other types are written: as the server does.
var plainText = typ{encodeText, connector.Text}

// enumText is a text from a list of short ones.
var enumText = typ{encodeText, connector.Keyword}

// numeric is exact as a double up to 15 digits. More of them, or any number of
// them, are a text.
func numeric(modifier int32) typ {
	if modifier < 4 {
		return typ{encodeDecimalText, connector.Keyword}
	}
	digits, scale := (modifier-4)>>16&0xffff, (modifier-4)&0x7ff
	scale = scale ^ 1024 - 1024 // an integer of 11 bits, with a sign
	if max(digits, digits-scale, scale) > exactDigits {
		return typ{encodeDecimalText, connector.Keyword}
	}
	return typ{encodeFloat, connector.Double}
}

// described is a type as the catalogue describes it.
type described struct {
	name, schema string
	kind         byte // base, composite, domain, enum, multirange, pseudo, range
	elem         uint32
	array        bool
	delimiter    byte
	base         uint32 // of a domain
	modifier     int32
	relation     uint32 // of a composite
	subtype      uint32 // of a range
	ranges       uint32 // of a multirange
	attributes   []attribute
}

// attribute is a member of a composite type.
type attribute struct {
	name     string
	oid      uint32
	modifier int32
}

// typeCatalog knows the types that columns have.
type typeCatalog struct {
	types map[uint32]*described
	money typ
}

const (
	listTypes = `SELECT t.oid, t.typname, n.nspname, t.typtype, t.typelem, (t.typcategory = 'A' AND t.typelem <> 0 AND t.typlen = -1), t.typdelim,
	t.typbasetype, t.typtypmod, t.typrelid, coalesce(r.rngsubtype, 0), %s
	FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
	LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid %s
	WHERE t.oid = ANY($1::pg_catalog.oid[])`
	listAttributes = `SELECT attname, atttypid, atttypmod FROM pg_catalog.pg_attribute
	WHERE attrelid = $1::pg_catalog.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum`
	oneUnit = `SELECT length(regexp_replace((1::numeric::money)::text, '[^0-9]', '', 'g'))`
)

// load learns types, and the types that they are made of.
func (k *typeCatalog) load(ctx context.Context, c *session, oids []uint32) error {
	if k.types == nil {
		k.types = map[uint32]*described{}
	}
	for len(oids) > 0 {
		var unknown []string
		for _, oid := range oids {
			if _, known := k.types[oid]; !known && oid != 0 {
				k.types[oid] = nil
				unknown = append(unknown, strconv.FormatUint(uint64(oid), 10))
			}
		}
		if len(unknown) == 0 {
			return nil
		}
		var err error
		if oids, err = k.describe(ctx, c, unknown); err != nil {
			return err
		}
	}
	return nil
}

// describe learns types and returns those that they are made of.
func (k *typeCatalog) describe(ctx context.Context, c *session, oids []string) (parts []uint32, err error) {
	list := fmt.Sprintf(listTypes, "0", "")
	if c.version >= 140000 {
		list = fmt.Sprintf(listTypes, "coalesce(m.rngtypid, 0)", "LEFT JOIN pg_catalog.pg_range m ON m.rngmultitypid = t.oid")
	}
	var composites []*described
	err = c.query(ctx, list, func(r [][]byte) error {
		d := &described{
			name: string(r[1]), schema: string(r[2]), kind: r[3][0], elem: number(r[4]), array: r[5][0] == 't', delimiter: r[6][0],
			base: number(r[7]), modifier: int32(signed(r[8])), relation: number(r[9]), subtype: number(r[10]), ranges: number(r[11]),
		}
		k.types[number(r[0])] = d
		if d.relation != 0 {
			composites = append(composites, d)
		}
		parts = append(parts, d.elem, d.base, d.subtype, d.ranges)
		return nil
	}, "{"+strings.Join(oids, ",")+"}")
	for _, d := range composites {
		if err == nil {
			err = c.query(ctx, listAttributes, func(r [][]byte) error {
				d.attributes = append(d.attributes, attribute{string(r[0]), number(r[1]), int32(signed(r[2]))})
				parts = append(parts, number(r[1]))
				return nil
			}, strconv.FormatUint(uint64(d.relation), 10))
		}
	}
	for _, d := range k.types {
		if err == nil && d != nil && d.name == "money" && k.money.encode == nil {
			var digits string
			digits, err = c.one(ctx, oneUnit)
			k.money = typ{encodeMoney(int(signed([]byte(digits))) - 1), connector.Keyword}
		}
	}
	return parts, err
}

// maxNesting bounds types that are made of one another.
const maxNesting = 20

// of returns how values of a type become JSON.
func (k *typeCatalog) of(oid uint32, modifier int32) typ { return k.nested(oid, modifier, 0) }

func (k *typeCatalog) nested(oid uint32, modifier int32, depth int) typ {
	d := k.types[oid]
	if d == nil || depth > maxNesting {
		return plainText
	}
	inner := func(oid uint32, modifier int32) typ { return k.nested(oid, modifier, depth+1) }
	system := d.schema == "pg_catalog"
	switch {
	case d.kind == 'd' && modifier >= 0:
		return inner(d.base, modifier)
	case d.kind == 'd':
		return inner(d.base, d.modifier)
	case d.kind == 'e':
		return enumText
	case d.kind == 'c':
		return typ{encode: k.composite(d, inner)}
	case d.kind == 'r':
		return typ{encode: encodeRange(inner(d.subtype, -1).encode)}
	case d.kind == 'm':
		return typ{encode: encodeMultirange(inner(d.ranges, -1).encode)}
	case d.array:
		elem := inner(d.elem, modifier)
		return typ{encodeArray(elem.encode, d.delimiter), elem.field}
	case system && d.name == "numeric":
		return numeric(modifier)
	case system && d.name == "money":
		return k.money
	}
	if t, there := builtin[d.name]; there && system {
		return t
	}
	return plainText
}

func (k *typeCatalog) composite(d *described, inner func(uint32, int32) typ) encode {
	members := make([]member, len(d.attributes))
	for i, a := range d.attributes {
		members[i] = member{append(connector.AppendString(nil, a.name), ':'), inner(a.oid, a.modifier).encode}
	}
	return encodeComposite(members)
}

// number reads an object's identifier.
func number(text []byte) uint32 {
	n, _ := strconv.ParseUint(string(text), 10, 32) // the catalogue's own
	return uint32(n)
}

func signed(text []byte) int64 {
	n, _ := strconv.ParseInt(string(text), 10, 64) // the catalogue's own
	return n
}

package mongodb_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/sources/mongodb"
)

// raw encodes a document.
func raw(t testing.TB, doc any) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(doc)
	require.NoError(t, err)
	return b
}

func decimal(t testing.TB, text string) bson.Decimal128 {
	t.Helper()
	d, err := bson.ParseDecimal128(text)
	require.NoError(t, err)
	return d
}

var object = bson.ObjectID{0x50, 0x7f, 0x1f, 0x77, 0xbc, 0xf8, 0x6c, 0xd7, 0x99, 0x43, 0x90, 0x11}

var sixteen = []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// TestTypes has a line for each line of the table in the README, and more.
func TestTypes(t *testing.T) {
	tests := map[string]struct {
		value any
		want  string
	}{
		"string":                {"a \"b\"\n é", `"a \"b\"\n é"`},
		"string, not UTF-8":     {bson.RawValue{Type: bson.TypeString, Value: []byte{3, 0, 0, 0, 'a', 0xff, 0}}, `"a` + "\ufffd" + `"`},
		"string with zero":      {"a\x00b", `"a\u0000b"`},
		"int32":                 {int32(-5), `-5`},
		"int64":                 {int64(7), `7`},
		"int64 beyond 2^53":     {int64(9007199254740993), `9007199254740993`},
		"int64, largest":        {int64(math.MaxInt64), `9223372036854775807`},
		"int64, smallest":       {int64(math.MinInt64), `-9223372036854775808`},
		"double":                {1.5, `1.5`},
		"double without rest":   {5.0, `5.0`},
		"double, negative zero": {math.Copysign(0, -1), `-0.0`},
		"double, tenth":         {0.1, `0.1`},
		"double, large":         {1e20, `100000000000000000000.0`},
		"double, larger":        {1e300, `1e+300`},
		"double, small":         {5e-324, `5e-324`},
		"NaN":                   {math.NaN(), `null`},
		"infinity":              {math.Inf(-1), `null`},
		"decimal":               {decimal(t, "12345678901234567890.12345678901234"), `"12345678901234567890.12345678901234"`},
		"decimal, zeros":        {decimal(t, "1.10"), `"1.10"`},
		"decimal, exponent":     {decimal(t, "1E+6111"), `"1E+6111"`},
		"decimal, NaN":          {decimal(t, "NaN"), `null`},
		"decimal, infinity":     {decimal(t, "-Infinity"), `null`},
		"bool":                  {true, `true`},
		"null":                  {nil, `null`},
		"undefined":             {bson.Undefined{}, `null`},
		"ObjectId":              {object, `"507f1f77bcf86cd799439011"`},
		"date":                  {bson.DateTime(1700000000123), `"2023-11-14T22:13:20.123Z"`},
		"date, whole second":    {bson.DateTime(0), `"1970-01-01T00:00:00Z"`},
		"date, first":           {bson.DateTime(-62135596800000), `"0001-01-01T00:00:00Z"`},
		"date, last":            {bson.DateTime(253402300799999), `"9999-12-31T23:59:59.999Z"`},
		"timestamp":             {bson.Timestamp{T: 1700000000, I: 7}, `"2023-11-14T22:13:20Z"`},
		"UUID":                  {bson.Binary{Subtype: 4, Data: sixteen}, `"00010203-0405-0607-0809-0a0b0c0d0e0f"`},
		"UUID of wrong length":  {bson.Binary{Subtype: 4, Data: sixteen[:3]}, `"AAEC"`},
		"old UUID":              {bson.Binary{Subtype: 3, Data: sixteen}, `null`},
		"binary":                {bson.Binary{Data: []byte("hello")}, `"aGVsbG8="`},
		"binary, empty":         {bson.Binary{}, `""`},
		"binary, old":           {bson.Binary{Subtype: 2, Data: []byte("hello")}, `"aGVsbG8="`},
		"binary, MD5":           {bson.Binary{Subtype: 5, Data: []byte("hello")}, `"aGVsbG8="`},
		"binary, encrypted":     {bson.Binary{Subtype: 6, Data: []byte("hello")}, `"aGVsbG8="`},
		"binary, user's":        {bson.Binary{Subtype: 128, Data: []byte("hello")}, `"aGVsbG8="`},
		"vector of floats":      {bson.Binary{Subtype: 9, Data: []byte{0x27, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xbf}}, `[1.5,-0.5]`},
		"vector of NaN":         {bson.Binary{Subtype: 9, Data: []byte{0x27, 0, 0, 0, 0xc0, 0x7f}}, `[null]`},
		"vector of bytes":       {bson.Binary{Subtype: 9, Data: []byte{3, 0, 1, 0xff}}, `[1,-1]`},
		"vector of bits":        {bson.Binary{Subtype: 9, Data: []byte{0x10, 0, 7}}, `"EAAH"`},
		"regex":                 {bson.Regex{Pattern: `^a"/`, Options: "i"}, `"/^a\"//i"`},
		"DBPointer":             {bson.DBPointer{DB: "db.c", Pointer: object}, `{"$ref":"db.c","$id":"507f1f77bcf86cd799439011"}`},
		"DBRef":                 {bson.D{{Key: "$ref", Value: "c"}, {Key: "$id", Value: object}, {Key: "$db", Value: "d"}}, `{"$ref":"c","$id":"507f1f77bcf86cd799439011","$db":"d"}`},
		"code":                  {bson.JavaScript("f()"), `"f()"`},
		"code with scope":       {bson.CodeWithScope{Code: "f()", Scope: bson.D{{Key: "x", Value: int32(1)}}}, `{"code":"f()","scope":{"x":1}}`},
		"symbol":                {bson.Symbol("s"), `"s"`},
		"MinKey":                {bson.MinKey{}, `null`},
		"MaxKey":                {bson.MaxKey{}, `null`},
		"object":                {bson.D{{Key: "b", Value: int32(1)}, {Key: "a", Value: bson.D{}}}, `{"b":1,"a":{}}`},
		"list":                  {bson.A{int32(1), "x", nil, bson.A{}, bson.D{{Key: "a", Value: 1.0}}}, `[1,"x",null,[],{"a":1.0}]`},
		"keys, twice":           {bson.D{{Key: "a", Value: int32(1)}, {Key: "a", Value: int32(2)}}, `{"a":1}`},
		"keys, reserved above":  {bson.D{{Key: "_id", Value: int32(1)}, {Key: "id", Value: int32(2)}}, `{"_id":1,"id":2}`},
		"keys, empty":           {bson.D{{Key: "", Value: int32(1)}, {Key: " ", Value: int32(2)}, {Key: "_", Value: int32(3)}}, `{"_":1," _":2}`},
		"keys, dots":            {bson.D{{Key: "a.b", Value: int32(1)}, {Key: ".c", Value: int32(2)}, {Key: "c..", Value: int32(3)}, {Key: "_c", Value: int32(4)}}, `{"a.b":1,"_c":2,"c__":3}`},
		"keys, renamed twice":   {bson.D{{Key: "_c", Value: int32(1)}, {Key: ".c", Value: int32(2)}}, `{"_c":1,"_c_":2}`},
		"keys, other scripts":   {bson.D{{Key: "ключ", Value: int32(1)}, {Key: "😀", Value: int32(2)}}, `{"ключ":1,"😀":2}`},
		"keys, not UTF-8":       {bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: []byte{8, 0, 0, 0, 10, 0xff, 0, 0}}, `{"` + "\ufffd" + `":null}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := mongodb.Walk("DATETIME", "", false)(raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "f", Value: test.value}}))
			require.NoError(t, err)
			require.NoError(t, doc.Err)
			require.Equal(t, `"f":`+test.want, string(doc.Fields()))
		})
	}
}

func TestDates(t *testing.T) {
	const before, after = int64(-62135596800001), int64(253402300800000)
	for mode, want := range map[string][3]string{
		"DATETIME":       {"", `"1970-01-01T00:00:00.001Z"`, ""},
		"DATETIME_CLAMP": {`"0001-01-01T00:00:00Z"`, `"1970-01-01T00:00:00.001Z"`, `"9999-12-31T23:59:59.999Z"`},
		"DATETIME_AUTO":  {"-62135596800001", `"1970-01-01T00:00:00.001Z"`, "253402300800000"},
		"DATETIME_MS":    {"-62135596800001", "1", "253402300800000"},
	} {
		for i, ms := range []int64{before, 1, after} {
			doc, err := mongodb.Walk(mode, "", false)(raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "a", Value: int32(1)}, {Key: "d", Value: bson.A{bson.DateTime(ms)}}}))
			require.NoError(t, err)
			if want[i] == "" {
				require.EqualError(t, doc.Err, `field "d": the date lies before the year 1 or after 9999; choose what becomes of such dates in "Out-of-range date handling"`)
				require.Equal(t, `"a":1`, string(doc.Fields()))
				continue
			}
			require.NoError(t, doc.Err)
			require.Equal(t, `"a":1,"d":[`+want[i]+`]`, string(doc.Fields()), "%s %d", mode, ms)
		}
	}
}

func TestOldUUIDs(t *testing.T) {
	for form, want := range map[string]string{
		"pythonLegacy": "00010203-0405-0607-0809-0a0b0c0d0e0f",
		"javaLegacy":   "07060504-0302-0100-0f0e-0d0c0b0a0908",
		"csharpLegacy": "03020100-0504-0706-0809-0a0b0c0d0e0f",
	} {
		doc, err := mongodb.Walk("DATETIME", form, false)(raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "u", Value: bson.Binary{Subtype: 3, Data: sixteen}}}))
		require.NoError(t, err)
		require.Equal(t, `"u":"`+want+`"`, string(doc.Fields()), form)
	}
}

func TestTopLevelNames(t *testing.T) {
	walk := mongodb.Walk("DATETIME", "", false)
	for range 2 { // the second time names are known
		doc, err := walk(raw(t, bson.D{
			{Key: "id", Value: int32(1)}, {Key: "_id", Value: "x"}, {Key: "a", Value: int32(2)}, {Key: "a", Value: int32(3)},
			{Key: "_timestamp", Value: int32(4)}, {Key: "_source", Value: int32(5)}, {Key: "", Value: int32(6)}, {Key: "_id", Value: "y"},
		}))
		require.NoError(t, err)
		require.Equal(t, "x", doc.ID)
		require.Equal(t, `"id_":1,"a":2,"_timestamp_":4,"_source_":5,"_":6`, string(doc.Fields()))
	}
	doc, err := walk(raw(t, bson.D{{Key: "b", Value: int32(1)}, {Key: "_id", Value: "z"}, {Key: "c", Value: int32(2)}, {Key: "b", Value: int32(3)}}))
	require.NoError(t, err)
	require.Equal(t, `"b":1,"c":2`, string(doc.Fields()))
}

func TestManyFields(t *testing.T) {
	var doc bson.D
	var want strings.Builder
	for i := range 10000 {
		name := fmt.Sprintf("field%d", i)
		doc = append(doc, bson.E{Key: name, Value: int32(i)}, bson.E{Key: name, Value: "again"})
		fmt.Fprintf(&want, `,"%s":%d`, name, i)
	}
	walk := mongodb.Walk("DATETIME", "", false)
	for range 2 {
		got, err := walk(raw(t, append(bson.D{{Key: "_id", Value: 1}}, append(doc, bson.E{Key: "o", Value: doc})...)))
		require.NoError(t, err)
		require.Equal(t, want.String()[1:]+`,"o":{`+want.String()[1:]+"}", string(got.Fields()))
	}
}

func TestDepth(t *testing.T) {
	for _, inner := range []func(any) any{
		func(v any) any { return bson.D{{Key: "a", Value: v}} },
		func(v any) any { return bson.A{v} },
		func(v any) any { return bson.CodeWithScope{Code: "f", Scope: bson.D{{Key: "a", Value: v}}} },
	} {
		var v any = int32(1)
		for range 40 {
			v = inner(v)
		}
		doc, err := mongodb.Walk("DATETIME", "", false)(raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "f", Value: v}}))
		require.NoError(t, err)
		require.NoError(t, doc.Err)
		for range 61 {
			v = inner(v)
		}
		doc, err = mongodb.Walk("DATETIME", "", false)(raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "f", Value: v}, {Key: "g", Value: int32(1)}}))
		require.NoError(t, err)
		require.EqualError(t, doc.Err, `field "f": nested deeper than 100 levels`)
		require.Equal(t, `"g":1`, string(doc.Fields()))
	}
}

func TestWithoutID(t *testing.T) {
	_, err := mongodb.Walk("DATETIME", "", false)(raw(t, bson.D{{Key: "a", Value: 1}}))
	require.ErrorContains(t, err, "a result has no _id")
}

func TestMalformed(t *testing.T) {
	good := raw(t, bson.D{
		{Key: "_id", Value: 1}, {Key: "s", Value: "text"}, {Key: "o", Value: bson.D{{Key: "a", Value: 1}}}, {Key: "b", Value: bson.Binary{Data: sixteen}},
		{Key: "r", Value: bson.Regex{Pattern: "a", Options: "i"}}, {Key: "p", Value: bson.DBPointer{DB: "x", Pointer: object}},
		{Key: "c", Value: bson.CodeWithScope{Code: "f", Scope: bson.D{}}}, {Key: "l", Value: bson.A{1}},
	})
	walk := mongodb.Walk("DATETIME", "", false)
	wrong := 0
	for i := range good {
		for _, b := range []byte{0, 1, 0x13, 0x7f, 0xff} {
			doc := append(bson.Raw(nil), good...)
			doc[i] = b
			if d, err := walk(doc); err != nil || d.Err != nil {
				wrong++
			}
		}
		_, err := walk(good[:i])
		require.EqualError(t, err, "it is no valid BSON")
	}
	require.Greater(t, wrong, 100)
}

package mongodb_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/sources/mongodb"
)

func TestIDs(t *testing.T) {
	tests := map[string]struct {
		id          any
		want, mixed string
	}{
		"ObjectId":        {object, "507f1f77bcf86cd799439011", "507f1f77bcf86cd799439011"},
		"text":            {"507f1f77bcf86cd799439011", "507f1f77bcf86cd799439011", `"507f1f77bcf86cd799439011"`},
		"text, empty":     {"", `""`, `""`},
		"text in quotes":  {`""`, `"\"\""`, `"\"\""`},
		"text like 5":     {"5", "5", `"5"`},
		"int32":           {int32(5), "5", "5"},
		"int64":           {int64(-5), "-5", "-5"},
		"double":          {5.0, "5.0", "5.0"},
		"double, part":    {0.25, "0.25", "0.25"},
		"double, large":   {1e16, "1e+16", "1e+16"},
		"double, small":   {0.00001, "1e-05", "1e-05"},
		"double, NaN":     {math.NaN(), "NaN", "NaN"},
		"decimal":         {decimal(t, "1.50"), "1.50", "1.50"},
		"UUID":            {bson.Binary{Subtype: 4, Data: sixteen}, "00010203-0405-0607-0809-0a0b0c0d0e0f", "00010203-0405-0607-0809-0a0b0c0d0e0f"},
		"old UUID":        {bson.Binary{Subtype: 3, Data: sixteen}, `{"$binary":{"base64":"AAECAwQFBgcICQoLDA0ODw==","subType":"03"}}`, `{"$binary":{"base64":"AAECAwQFBgcICQoLDA0ODw==","subType":"03"}}`},
		"binary":          {bson.Binary{Data: []byte{1}}, `{"$binary":{"base64":"AQ==","subType":"00"}}`, `{"$binary":{"base64":"AQ==","subType":"00"}}`},
		"embedded":        {bson.D{{Key: "a", Value: int32(1)}, {Key: "b", Value: object}}, `{"a":1,"b":{"$oid":"507f1f77bcf86cd799439011"}}`, `{"a":1,"b":{"$oid":"507f1f77bcf86cd799439011"}}`},
		"embedded, text":  {bson.D{{Key: "a", Value: "1"}}, `{"a":"1"}`, `{"a":"1"}`},
		"bool":            {true, "true", "true"},
		"date":            {bson.DateTime(0), `{"$date":"1970-01-01T00:00:00Z"}`, `{"$date":"1970-01-01T00:00:00Z"}`},
		"null":            {nil, "null", "null"},
		"timestamp":       {bson.Timestamp{T: 1, I: 2}, `{"$timestamp":{"t":1,"i":2}}`, `{"$timestamp":{"t":1,"i":2}}`},
		"MinKey":          {bson.MinKey{}, `{"$minKey":1}`, `{"$minKey":1}`},
		"MaxKey":          {bson.MaxKey{}, `{"$maxKey":1}`, `{"$maxKey":1}`},
		"code":            {bson.JavaScript("f"), `{"$code":"f"}`, `{"$code":"f"}`},
		"code with scope": {bson.CodeWithScope{Code: "f", Scope: bson.D{}}, `{"$code":"f","$scope":{}}`, `{"$code":"f","$scope":{}}`},
		"symbol":          {bson.Symbol("s"), `{"$symbol":"s"}`, `{"$symbol":"s"}`},
		"unreadable":      {bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: []byte{6, 0, 0, 0, 1, 0}}, "bson:060000000100", "bson:060000000100"},
	}
	seen := map[string]string{}
	for name, test := range tests {
		for mixed, want := range map[bool]string{false: test.want, true: test.mixed} {
			doc, err := mongodb.Walk("DATETIME", "", mixed)(raw(t, bson.D{{Key: "_id", Value: test.id}}))
			require.NoError(t, err)
			require.Equal(t, want, doc.ID, name)
		}
		require.Empty(t, seen[test.mixed], "%s has the id of another type", name)
		seen[test.mixed] = name
	}
}

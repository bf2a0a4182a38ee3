package mongodb_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/sources/mongodb"
)

// FuzzDocuments compares the walk with the driver's Extended JSON on documents
// of every type that are made of a seed.
func FuzzDocuments(f *testing.F) {
	for seed := range uint64(500) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := generator{rand.New(rand.NewPCG(seed, 1))}
		b := raw(t, append(bson.D{{Key: "_id", Value: 1}}, g.object(4)...))
		doc, err := mongodb.Walk("DATETIME_AUTO", "", false)(b)
		require.NoError(t, err)
		require.NoError(t, doc.Err)
		want, ok := translated(b)
		require.True(t, ok, "%s", b)
		require.Equal(t, want, readJSON(t, "{"+string(doc.Fields())+"}"))
	})
}

type generator struct{ *rand.Rand }

func (g generator) object(depth int) bson.D {
	doc := bson.D{}
	for range g.IntN(8) {
		doc = append(doc, bson.E{Key: g.name(), Value: g.value(depth)})
	}
	return doc
}

func (g generator) name() string {
	return []string{"a", "b", "name", "äöü", "with space", "quo\"te", "long" + strings.Repeat("er", g.IntN(20)), "😀"}[g.IntN(8)]
}

func (g generator) text() string {
	return strings.Repeat([]string{"x", "é", "\"", "\n", "<&>", "\u2028", "日本", "\\"}[g.IntN(8)], g.IntN(30))
}

func (g generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

func (g generator) value(depth int) any {
	kinds := 20
	if depth > 0 {
		kinds = 23
	}
	switch g.IntN(kinds) {
	case 0:
		return int32(g.Uint32())
	case 1:
		return int64(g.Uint64())
	case 2:
		return math.Float64frombits(g.Uint64())
	case 3:
		return float64(g.IntN(1000))
	case 4:
		return g.IntN(2) == 0
	case 5:
		return bson.ObjectID(g.bytes(12))
	case 6:
		return bson.DateTime(g.Int64N(1e15) - 5e14)
	case 7:
		return bson.Timestamp{T: g.Uint32(), I: g.Uint32()}
	case 8:
		return bson.NewDecimal128(g.Uint64()>>2, g.Uint64())
	case 9:
		return bson.Binary{Subtype: []byte{0, 1, 3, 4, 5, 6, 128}[g.IntN(7)], Data: g.bytes([]int{16, 0, 5}[g.IntN(3)])}
	case 10:
		return bson.Regex{Pattern: "^a", Options: "im"}
	case 11:
		return []any{nil, bson.Undefined{}, bson.MinKey{}, bson.MaxKey{}}[g.IntN(4)]
	case 12:
		return bson.JavaScript(g.text())
	case 13:
		return bson.Symbol(g.text())
	case 14:
		return bson.DBPointer{DB: "db.c", Pointer: bson.ObjectID(g.bytes(12))}
	case 20:
		return bson.CodeWithScope{Code: "f", Scope: g.object(depth - 1)}
	case 21:
		return g.object(depth - 1)
	case 22:
		list := bson.A{}
		for range g.IntN(6) {
			list = append(list, g.value(depth-1))
		}
		return list
	}
	return g.text()
}

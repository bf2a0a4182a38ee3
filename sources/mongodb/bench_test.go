package mongodb_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// BenchmarkWalk turns BSON documents of about 500 bytes into JSON.
func BenchmarkWalk(b *testing.B) {
	var docs []bson.Raw
	for i := range 1000 {
		raw, err := bson.Marshal(fixture.Paper(i))
		require.NoError(b, err)
		docs = append(docs, raw)
	}
	walk := mongodb.Walk("DATETIME", "", false)
	b.SetBytes(int64(len(docs[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		doc, err := walk(docs[i%len(docs)])
		if err != nil || doc.Err != nil {
			b.Fatal(err, doc.Err)
		}
		doc.Release()
	}
}

package mongodb_test

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// BenchmarkWalk turns BSON documents of about 500 bytes into JSON.
func BenchmarkWalk(b *testing.B) {
	var docs []bson.Raw
	for i := range 1000 {
		paper := slices.DeleteFunc(fixture.Paper(i), func(e bson.E) bool { return e.Key == "id" }) // reserved: the slow way
		docs = append(docs, raw(b, paper))
	}
	walk := mongodb.Walk("DATETIME", "", false)
	b.SetBytes(int64(len(docs[0])))
	b.ReportAllocs()
	start := cpu(b)
	for i := 0; b.Loop(); i++ {
		doc, err := walk(docs[i%len(docs)])
		if err != nil || doc.Err != nil {
			b.Fatal(err, doc.Err)
		}
		doc.Release()
	}
	b.ReportMetric(float64((cpu(b)-start).Nanoseconds())/float64(b.N), "cpu-ns/document")
}

const benchDocuments = 20_000

// BenchmarkCursor reads documents of about 500 bytes from a server: the CPU of
// this process alone, the server's is another's.
func BenchmarkCursor(b *testing.B) {
	db := fixture.Database(b)
	fixture.Fill(b, db, 0, benchDocuments)
	source := open(b, on(b, db, fixture.Collection))
	b.ReportAllocs()
	b.ResetTimer()
	start := cpu(b)
	for b.Loop() {
		n := 0
		err := source.GetDocs(b.Context(), rules(""), func(d connector.Document) error {
			n++
			d.Release()
			return nil
		})
		if err != nil || n != benchDocuments {
			b.Fatal(err, n)
		}
	}
	b.ReportMetric(float64((cpu(b)-start).Nanoseconds())/float64(b.N)/benchDocuments, "cpu-ns/document")
}

// cpu is the time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

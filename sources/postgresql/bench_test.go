package postgresql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

const (
	benchRows    = 200_000
	benchChanges = 50_000
)

// BenchmarkRows reads rows of about 300 bytes and makes documents of them. The
// processor time is that of this process, without the server's.
func BenchmarkRows(b *testing.B) {
	db := fixture.NewDatabase(b)
	db.Fill(b, "items", benchRows)
	s, _ := open(b, db, nil)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpu(b)
	for b.Loop() {
		n, size := 0, 0
		err := s.GetDocs(b.Context(), connector.Filter{}, func(d connector.Document) error {
			n++
			size += len(d.Fields())
			d.Release()
			return nil
		})
		if err != nil || n != benchRows {
			b.Fatal(err, n)
		}
		b.SetBytes(int64(size))
	}
	per(b, cpu(b)-start, benchRows)
}

// BenchmarkChanges reads as many inserts from a replication slot.
func BenchmarkChanges(b *testing.B) {
	db := fixture.NewDatabase(b)
	db.Fill(b, "items", 0)
	s, _ := open(b, db, replicated())
	at := position(b, s)
	db.Add(b, "items", 0, benchChanges)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpu(b)
	for b.Loop() {
		n := 0
		_, err := s.Changes(b.Context(), at, connector.Filter{}, func(c connector.Change) error {
			n++
			c.Release()
			return nil
		})
		require.NoError(b, err)
		require.Equal(b, benchChanges, n)
	}
	per(b, cpu(b)-start, benchChanges)
}

// per reports processor time and speed.
func per(b *testing.B, used interface{ Nanoseconds() int64 }, rows int) {
	b.Helper()
	n := float64(b.N) * float64(rows)
	b.ReportMetric(float64(used.Nanoseconds())/n, "cpu-ns/row")
	b.ReportMetric(n/b.Elapsed().Seconds(), "rows/s")
}

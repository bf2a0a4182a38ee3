//go:build linux || darwin

package mysql_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

const benchRows = 200_000

// BenchmarkRows reads rows of 300 bytes and makes documents of them: the CPU of
// this process alone, the server's is another's.
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
	used := cpu(b) - start
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N)/benchRows, "cpu-ns/row")
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

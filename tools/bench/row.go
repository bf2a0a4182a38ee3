package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// row is one line of the table.
type row struct {
	what, target, measured string
	met                    bool
	notes                  []string
}

func printHead() {
	fmt.Printf("%-68s  %-10s  %s\n", "what", "target", "measured")
}

func (r row) print() {
	verdict := "met"
	if !r.met {
		verdict = "MISSED"
	}
	fmt.Printf("%-68s  %-10s  %-12s  %s\n", r.what, r.target, r.measured, verdict)
	for _, n := range r.notes {
		fmt.Printf("    %s\n", n)
	}
}

// median of at least one value.
func median[T cmp.Ordered](values []T) T {
	s := slices.Sorted(slices.Values(values))
	return s[len(s)/2]
}

// spread is the least and the greatest value as text.
func spread(values []float64, format string) string {
	return fmt.Sprintf(format+"–"+format, slices.Min(values), slices.Max(values))
}

// micros is a time per document in microseconds.
func micros(d time.Duration, n int) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(n)
}

// mebibytes rounds up.
func mebibytes(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

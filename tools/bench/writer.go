package main

import (
	"fmt"
	"strconv"
)

// writer measures the road of a document into a discarding sink: the engine
// with the bulk writer, the writer alone, and the stock indexer in turns.
func (b *bench) writer() ([]row, error) {
	n := 1_000_000 / b.scale
	figures := map[string][]float64{}
	var allocs, net []float64
	for range b.runs {
		for _, role := range []string{"engine", "writer", "esutil", "esutil-blind"} {
			a, err := b.into(role, n)
			if err != nil {
				return nil, err
			}
			figures[role] = append(figures[role], micros(a.CPU, n))
			if role == "engine" {
				allocs = append(allocs, a.Allocs)
				net = append(net, micros(a.CPU-a.Source.CPU, n))
			}
		}
	}
	engine, ratio := median(figures["engine"]), ratios(figures["esutil"], figures["writer"])
	blind, whole := ratios(figures["esutil-blind"], figures["writer"]), ratios(figures["esutil"], net)
	return []row{
		{
			what: "engine + bulk writer, 500-byte documents, CPU per document", target: "≤ 2 µs",
			measured: fmt.Sprintf("%.2f µs", engine), met: engine <= 2,
			notes: []string{fmt.Sprintf("%s; without making the documents %.2f µs", spread(figures["engine"], "%.2f"), median(net))},
		},
		{
			what: "bulk writer against esutil.BulkIndexer, the same bytes", target: "≥ 5x less",
			measured: fmt.Sprintf("%.1fx less", median(ratio)), met: median(ratio) >= 5,
			notes: []string{
				fmt.Sprintf("%s; %.2f µs against %.2f µs a document", spread(ratio, "%.1f"), median(figures["writer"]), median(figures["esutil"])),
				fmt.Sprintf("against an esutil that does not look at the items' answers: %.1fx", median(blind)),
				fmt.Sprintf("engine + writer, documents made already, against esutil, which only encodes and sends: %.1fx", median(whole)),
			},
		},
		{
			what: "allocations per document on that road", target: "≤ 2",
			measured: fmt.Sprintf("%.2f", median(allocs)), met: median(allocs) <= 2.005,
			notes: []string{"one of them is the id, which the source makes"},
		},
	}, nil
}

// into runs a role against an empty sink and checks that everything arrived.
func (b *bench) into(role string, n int) (answer, error) {
	s, err := newSink(false)
	if err != nil {
		return answer{}, err
	}
	defer s.close()
	a, err := b.spawn(role, s.url, strconv.Itoa(n))
	if got := s.taken(); err == nil && got != n {
		err = fmt.Errorf("%s: %d of %d documents arrived", role, got, n)
	}
	return a, err
}

// ratios divides turn by turn.
func ratios(ours, theirs []float64) (list []float64) {
	for i := range ours {
		list = append(list, ours[i]/theirs[i])
	}
	return list
}

// memory measures the peak of a first sync and of a second one that finds
// nothing to do.
func (b *bench) memory() (rows []row, err error) {
	for _, m := range []struct {
		n     int
		limit int64
	}{{1_000_000 / b.scale, 80}, {2_000_000 / b.scale, 120}} {
		first, second, err := b.twice(m.n)
		if err != nil {
			return rows, err
		}
		worst := max(first, second)
		rows = append(rows, row{
			what:     fmt.Sprintf("peak RSS, %d documents, first and unchanged second sync", m.n),
			target:   fmt.Sprintf("≤ %d MiB", m.limit),
			measured: fmt.Sprintf("%d MiB", worst), met: worst <= m.limit,
			notes: []string{fmt.Sprintf("first %d MiB, second %d MiB", first, second)},
		})
	}
	return rows, nil
}

// twice returns the peaks of two syncs in MiB.
func (b *bench) twice(n int) (first, second int64, err error) {
	var firsts, seconds []int64
	for range min(b.runs, 3) {
		s, err := newSink(true)
		if err != nil {
			return 0, 0, err
		}
		for i, want := range []int{n, 0} {
			a, err := b.spawn("engine", s.url, strconv.Itoa(n))
			if got := s.taken(); err == nil && got != want {
				err = fmt.Errorf("sync %d: %d documents arrived, not %d", i+1, got, want)
			}
			if err != nil {
				s.close()
				return 0, 0, err
			}
			if i == 0 {
				firsts = append(firsts, mebibytes(a.Peak))
			} else {
				seconds = append(seconds, mebibytes(a.Peak))
			}
		}
		s.close()
	}
	return median(firsts), median(seconds), nil
}

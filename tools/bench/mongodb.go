package main

import "fmt"

// mongodb measures a first sync of documents of 500 bytes, from the cursor to
// _bulk, and a second one that finds nothing to do. The server is the bench's
// own: see [wire].
func (b *bench) mongodb() (rows []row, err error) {
	n := 1_000_000 / b.scale
	w, err := newWire(n)
	if err != nil {
		return nil, err
	}
	defer w.close()
	words := []string{"sync", "mongodb", "host=" + w.listener.Addr().String(), "database=bench", "collection=papers", "direct_connection=true", "--index", "bench"}
	var first, speed, again, peaks []float64
	for range b.runs {
		s, err := newSink(true)
		if err != nil {
			return nil, err
		}
		defer s.close()
		a, out, err := b.exec([]string{"ELASTICSEARCH_URL=" + s.url}, b.child, words...)
		if got := s.taken(); err == nil && got != n {
			err = fmt.Errorf("%d documents arrived, not %d: %s", got, n, out)
		}
		if err != nil {
			return nil, err
		}
		second, out, err := b.exec([]string{"ELASTICSEARCH_URL=" + s.url}, b.child, words...)
		if got := s.taken(); err == nil && got != 0 {
			err = fmt.Errorf("%d unchanged documents were sent: %s", got, out)
		}
		if err != nil {
			return nil, err
		}
		first, speed = append(first, micros(a.CPU, n)), append(speed, float64(n)/a.Wall.Seconds())
		again, peaks = append(again, float64(second.Peak)/(1<<20)), append(peaks, float64(a.Peak)/(1<<20))
	}
	return []row{
		{
			what: fmt.Sprintf("MongoDB, %d documents of 500 bytes, first sync, CPU per document", n), target: "≤ 4 µs",
			measured: fmt.Sprintf("%.1f µs", median(first)), met: median(first) <= 4,
			notes: []string{spread(first, "%.1f") + "; the whole program, the server's CPU not counted; " + fmt.Sprintf("%.0f documents a second", median(speed))},
		},
		{
			what: "the same, peak memory", target: "≤ 96 MiB",
			measured: fmt.Sprintf("%.0f MiB", median(peaks)), met: median(peaks) <= 96,
		},
		{
			what: fmt.Sprintf("MongoDB, %d unchanged documents, peak memory", n), target: "≤ 96 MiB",
			measured: fmt.Sprintf("%.0f MiB", median(again)), met: median(again) <= 96,
		},
	}, nil
}

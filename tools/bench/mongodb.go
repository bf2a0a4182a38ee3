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
	f, err := b.firstSync(n, "mongodb", "host="+w.listener.Addr().String(), "database=bench", "collection=papers", "direct_connection=true")
	if err != nil {
		return nil, err
	}
	return []row{
		{
			what: fmt.Sprintf("MongoDB, %d documents of 500 bytes, first sync, CPU per document", n), target: "≤ 4 µs",
			measured: fmt.Sprintf("%.1f µs", median(f.cpu)), met: median(f.cpu) <= 4,
			notes: []string{spread(f.cpu, "%.1f") + "; the whole program, the server's CPU not counted; " + fmt.Sprintf("%.0f documents a second", median(f.speed))},
		},
		peakRow("the same, peak memory", f.peaks, 96),
		peakRow(fmt.Sprintf("MongoDB, %d unchanged documents, peak memory", n), f.again, 96),
	}, nil
}

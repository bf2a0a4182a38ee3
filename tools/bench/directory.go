package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// directory measures the program itself on a tree of small files: a first sync
// with content, and a second one in turns with a bare walk of the same tree.
func (b *bench) directory() ([]row, error) {
	n := 100_000 / b.scale
	tree := filepath.Join(b.dir, "tree")
	if err := plant(tree, n); err != nil {
		return nil, err
	}
	var first, ratio, wall []float64
	var ours, bare []time.Duration
	for range b.runs {
		s, err := newSink(true)
		if err != nil {
			return nil, err
		}
		a, err := b.syncTree(s, tree, n)
		if err != nil {
			s.close()
			return nil, err
		}
		first = append(first, micros(a.CPU, n))
		again, err := b.syncTree(s, tree, 0)
		s.close()
		if err != nil {
			return nil, err
		}
		floor, err := b.spawn("walk", tree, strconv.Itoa(n))
		if err != nil {
			return nil, err
		}
		ours, bare = append(ours, again.CPU), append(bare, floor.CPU)
		ratio = append(ratio, float64(again.CPU)/float64(floor.CPU))
		wall = append(wall, float64(again.Wall)/float64(floor.Wall))
	}
	return []row{
		{
			what: "directory, 500-byte files, first sync with content, CPU per file", target: "≤ 20 µs",
			measured: fmt.Sprintf("%.1f µs", median(first)), met: median(first) <= 20,
			notes: []string{fmt.Sprintf("%s; %d files, the whole program with its start", spread(first, "%.1f"), n)},
		},
		{
			what: fmt.Sprintf("directory, %d files unchanged, second sync against a bare walk", n), target: "≤ 2x",
			measured: fmt.Sprintf("%.2fx", median(ratio)), met: median(ratio) <= 2,
			notes: []string{fmt.Sprintf("CPU %s; %v against %v; wall %.2fx", spread(ratio, "%.2f"),
				median(ours).Round(time.Millisecond), median(bare).Round(time.Millisecond), median(wall))},
		},
	}, nil
}

// syncTree runs `tributary sync directory` and checks what arrived.
func (b *bench) syncTree(s *sink, tree string, want int) (answer, error) {
	a, out, err := b.exec([]string{"ELASTICSEARCH_URL=" + s.url}, b.child, "sync", "directory", "directory="+tree, "--index", "bench")
	if got := s.taken(); err == nil && got != want {
		err = fmt.Errorf("%d files arrived, not %d: %s", got, want, out)
	}
	return a, err
}

// plant makes n files of 500 bytes, a thousand in a folder.
func plant(dir string, n int) error {
	for i := range n {
		folder := filepath.Join(dir, fmt.Sprintf("folder-%03d", i/1000))
		if i%1000 == 0 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		text := fmt.Sprintf("File %d. ", i) + strings.Repeat("Some words of a small text file. ", 16)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("file-%06d.txt", i)), []byte(text[:500]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// firstSync is the figures of first syncs from a server, and of the ones after
// them that find nothing to do; one of each for every turn.
type firstSync struct {
	n     int       // rows or documents
	cpu   []float64 // for one, in microseconds
	speed []float64 // a second
	peaks []float64 // MiB
	again []float64 // MiB, of the second sync
}

// firstSync measures `tributary sync` with a source and its settings.
func (b *bench) firstSync(n int, source ...string) (f firstSync, err error) {
	f.n = n
	for range b.runs {
		if err := b.syncTwice(&f, source); err != nil {
			return f, err
		}
	}
	return f, nil
}

// syncTwice is one turn.
func (b *bench) syncTwice(f *firstSync, source []string) error {
	s, err := newSink(true)
	if err != nil {
		return err
	}
	defer s.close()
	words := append(append([]string{"sync"}, source...), "--index", "bench")
	var turns [2]answer
	for i, want := range []int{f.n, 0} {
		a, out, err := b.exec([]string{"ELASTICSEARCH_URL=" + s.url}, b.child, words...)
		if got := s.taken(); err == nil && got != want {
			err = fmt.Errorf("sync %d sent %d documents, not %d: %s", i+1, got, want, out)
		}
		if err != nil {
			return err
		}
		turns[i] = a
	}
	f.cpu = append(f.cpu, micros(turns[0].CPU, f.n))
	f.speed = append(f.speed, float64(f.n)/turns[0].Wall.Seconds())
	f.peaks = append(f.peaks, float64(turns[0].Peak)/(1<<20))
	f.again = append(f.again, float64(turns[1].Peak)/(1<<20))
	return nil
}

// table is the rows of a database whose rows have 300 bytes.
func (f firstSync) table(name string) []row {
	return []row{
		{
			what: fmt.Sprintf("%s, %d rows of 300 bytes, first sync, CPU per row", name, f.n), target: "≤ 4 µs",
			measured: fmt.Sprintf("%.1f µs", median(f.cpu)), met: median(f.cpu) <= 4,
			notes: []string{spread(f.cpu, "%.1f") + "; the whole program, the server's CPU not counted"},
		},
		{
			what: "the same, rows a second, the server and the sink on the same cores", target: "≥ 200,000",
			measured: fmt.Sprintf("%.0f", median(f.speed)), met: median(f.speed) >= 200_000, notes: []string{spread(f.speed, "%.0f")},
		},
		peakRow("the same, peak memory", f.peaks, 64),
		peakRow(fmt.Sprintf("%s, %d unchanged rows, peak memory", name, f.n), f.again, 96),
	}
}

// peakRow is a row of peak memory in MiB.
func peakRow(what string, peaks []float64, most float64) row {
	return row{
		what: what, target: fmt.Sprintf("≤ %.0f MiB", most),
		measured: fmt.Sprintf("%.0f MiB", median(peaks)), met: median(peaks) <= most,
	}
}

// server is a database server of the folder tools, started on this machine.
type server struct {
	tools, dir, port string
}

// startServer starts a genuine server by the scripts of a folder of tools.
func (b *bench) startServer(name string) (*server, error) {
	dir, err := os.MkdirTemp("", "bench-"+name)
	if err != nil {
		return nil, err
	}
	s := &server{tools: filepath.Join(b.root, "tools", name), dir: dir}
	if err := s.run("start.sh", "0", dir); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	port, err := os.ReadFile(filepath.Join(dir, "port"))
	if err != nil {
		s.stop()
		return nil, err
	}
	s.port = strings.TrimSpace(string(port))
	return s, nil
}

func (s *server) run(script string, args ...string) error {
	out, err := exec.Command(filepath.Join(s.tools, script), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", script, err, out)
	}
	return nil
}

func (s *server) stop() {
	_ = s.run("stop.sh", s.dir)
	_ = os.RemoveAll(s.dir)
}

// fill hands statements to the server's own client.
func fill(statements, client string, args ...string) error {
	cmd := exec.Command(client, args...)
	cmd.Stdin = strings.NewReader(statements)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fill the table by %s, which must be installed: %w: %s", client, err, out)
	}
	return nil
}

package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// genuine names a real Elasticsearch to measure changes with; without it, the
// embedded node is.
const genuine = "TRIBUTARY_TEST_ELASTICSEARCH"

// What changes at once: the documents are as many as ftest's medium size has.
const (
	changedOf               = 12_000
	updates, deletes, added = 500, 200, 300
)

// changes measures incremental syncs by a service, as a user starts them.
func (b *bench) changes() (rows []row, err error) {
	program := filepath.Join(b.dir, "world")
	build := exec.Command("go", "build", "-o", program, "./world")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the worlds: %w: %s", err, out)
	}
	for _, source := range []struct{ kind, name string }{
		{"mysql", "MySQL"},
		{"postgresql", "PostgreSQL"},
		{"mongodb", "MongoDB's stand-in, which scans all for each read"},
	} {
		f, err := b.changesOf(program, source.kind)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", source.kind, err)
		}
		wall := median(f.wall)
		rows = append(rows, row{
			what: source.name + ", 1,000 changes (200 deletes), job start to completed", target: "≤ 1 s",
			measured: fmt.Sprintf("%.2f s", wall), met: wall <= 1,
			notes: []string{fmt.Sprintf("%s; %.2f s of the service's CPU; from the making of the job %.2f s", spread(f.wall, "%.2f"), f.cpu, median(f.whole))},
		})
	}
	return rows, nil
}

// followed is what incremental syncs took, in seconds.
type followed struct {
	wall  []float64 // from the start of the job to its end
	whole []float64 // from the making of the job
	cpu   float64   // of the service, on average
}

func (b *bench) changesOf(program, source string) (f followed, err error) {
	w, err := b.world(program, source, changedOf/min(b.scale, 4))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	s, err := b.service(source, w.config)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if _, err := s.run(protocol.Full); err != nil {
		return f, err
	}
	for turn := range b.runs + 1 {
		if err := w.change(turn); err != nil {
			return f, err
		}
		before := cpuOf(s.cmd.Process.Pid)
		j, err := s.follow()
		if err != nil {
			return f, err
		}
		if turn == 0 {
			continue // it warms what later ones use again
		}
		f.cpu += (cpuOf(s.cmd.Process.Pid) - before).Seconds() / float64(b.runs)
		f.wall = append(f.wall, j.CompletedAt.Sub(j.StartedAt).Seconds())
		f.whole = append(f.whole, j.CompletedAt.Sub(j.CreatedAt).Seconds())
	}
	return f, nil
}

// follow is an incremental sync of the changes that were just made.
func (s *service) follow() (protocol.Job, error) {
	j, err := s.run(protocol.Incremental)
	if err == nil && (j.Deleted != deletes || j.Indexed != updates+added || strings.Contains(string(j.Metadata), "full_because")) {
		err = fmt.Errorf("the job indexed %d and deleted %d documents: %s", j.Indexed, j.Deleted, j.Metadata)
	}
	return j, err
}

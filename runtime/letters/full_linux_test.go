package letters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
)

// fullDisk, in the environment, makes the test's program a process that has little room for files: the largest size of one in it is limited, as every user may do.
const fullDisk = "TRIBUTARY_TEST_FULL_DISK"

// inAnotherProcess does what the environment asks a process of its own to do.
func inAnotherProcess() bool {
	text, there := os.LookupEnv(fullDisk)
	if there {
		if err := withoutRoom(text); err != nil {
			fmt.Println(err)
		}
	}
	return there
}

// desk is what the process without room works with, and what it tells.
type desk struct {
	URL, Index, Dir string
	Full, Mended    syncTold
}

type syncTold struct {
	Counters job.Counters
	Summary  letters.Summary
	Log      string
}

// room is the largest size of a file: some 60 letters.
const room = 20 << 10

func withoutRoom(text string) error {
	var d desk
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return err
	}
	var before syscall.Rlimit
	signal.Ignore(syscall.SIGXFSZ) // a write fails instead
	if err := errors.Join(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before), syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: before.Max})); err != nil {
		return err
	}
	var err error
	if d.Full, err = d.sync(); err != nil {
		return err
	}
	if err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	if d.Mended, err = d.sync(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(d)
}

// sync is one of 400 documents, half of which Elasticsearch rejects.
func (d *desk) sync() (told syncTold, err error) {
	client, err := elastic.New(elastic.Config{URL: d.URL})
	if err != nil {
		return told, err
	}
	defer client.Close()
	var log bytes.Buffer
	store := letters.Store{Dir: d.Dir, Log: slog.New(slog.NewTextHandler(&log, nil))}
	box := letters.Open(context.Background(), letters.Options{Store: store, Connector: "con", Target: d.Index, Now: time.Now})
	budget := job.NewBudget()
	budget.Total, budget.Consecutive, budget.Rate = 0, 0, 0
	bulk := client.Bulk(d.Index, elastic.BulkOptions{Report: kept{budget, box}, MaxDocs: 100})
	s := &job.Sync{
		Source: halfBad{}, Index: client.Index(d.Index), Sink: bulk, Budget: budget, Letters: box, Owner: job.Owner("letters"), Log: store.Log, Now: time.Now,
	}
	err = errors.Join(s.Run(context.Background()), bulk.Close())
	told.Summary = box.Finish(context.Background(), letters.Everything)
	told.Counters, told.Log = s.Counters(), log.String()
	return told, err
}

// halfBad is a source of documents, every second of which has no number where one belongs.
type halfBad struct{}

func (halfBad) Ping(context.Context) error { return nil }

func (halfBad) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	for i := range 400 {
		d := connector.NewDocument(fmt.Sprintf("doc-%03d", i))
		if d.Set("n", i); i%2 == 1 {
			d = connector.NewDocument(d.ID)
			d.Set("n", "no number")
		}
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

// TestFullDisk has no room for most letters: the sync goes on, says how many are lost, and the file can be read.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	w.store.Index, w.store.Dir = "", filepath.Join(t.TempDir(), "failed")
	text, err := json.Marshal(desk{URL: w.address, Index: w.index, Dir: w.store.Dir})
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), fullDisk+"="+string(text))
	out, err := c.Output()
	require.NoError(t, err, string(out))
	var d desk
	require.NoError(t, json.Unmarshal(out, &d), string(out))

	full := d.Full.Summary
	require.EqualValues(t, 200, d.Full.Counters.Created, "the sync goes on")
	require.EqualValues(t, 200, d.Full.Counters.Failed)
	require.EqualValues(t, 200, full.Waiting+full.Unkept, "each is kept or counted")
	require.Greater(t, full.Waiting, int64(20))
	require.Greater(t, full.Unkept, int64(50))
	require.Contains(t, full.Problem, "file too large")
	require.Contains(t, d.Full.Log, fmt.Sprintf(`msg="failed documents could not be kept" documents=%d`, full.Unkept))
	require.Contains(t, d.Full.Log, fmt.Sprintf("failed documents are kept in a file\" file=%s documents=%d", full.File, full.Waiting))

	require.EqualValues(t, 200, d.Mended.Summary.Waiting, "there is room again")
	require.Zero(t, d.Mended.Summary.Unkept)
	require.Len(t, w.letters(), 200)
	lines, err := os.ReadFile(full.File)
	require.NoError(t, err)
	torn := 0
	for line := range bytes.Lines(lines) {
		if len(bytes.TrimSpace(line)) > 0 && !json.Valid(line) {
			torn++
		}
	}
	require.LessOrEqual(t, torn, 1, "the last one that there was room for a part of")
	entries, err := os.ReadDir(w.store.Dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no other file is left")
}

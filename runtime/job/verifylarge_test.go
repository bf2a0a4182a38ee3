package job_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
)

// planted is how many differences of each kind the large index has.
const planted = 100

// The kinds of planted differences, beside documents that are surplus.
const (
	deleted   = iota // in the index
	revised          // at the source: the fingerprint tells
	edited           // in the index, as all that follow: the fingerprint is right
	stripped         // of a field
	decorated        // with a field
	opened           // to other readers
	kinds
)

// library is a source of so many documents; revised ones are in another state
// than when the index was made.
type library struct {
	size    int
	before  bool // when the index was made
	surplus int  // documents that are there before only
}

// kindOf is what is wrong with a document, or -1.
func (l library) kindOf(i int) int {
	stride := l.size / (planted * kinds)
	if i%stride != 0 || i/stride >= planted*kinds {
		return -1
	}
	return i / stride % kinds
}

// of returns the ids of a kind.
func (l library) of(kind int) (ids []string) {
	for i := range l.size {
		if l.kindOf(i) == kind {
			ids = append(ids, strconv.Itoa(i))
		}
	}
	return ids
}

func (l library) document(i int) connector.Document {
	d := connector.NewDocument(strconv.Itoa(i))
	d.SetRaw("text", floodText)
	d.Set("title", "document "+strconv.Itoa(i))
	d.Set("price", float64(i)/4)
	d.Set("author", map[string]any{"name": "somebody", "number": i % 100})
	d.Set("revision", 1)
	if !l.before && l.kindOf(i) == revised {
		d.Set("state", "revised")
	}
	d.Access = []string{"group:" + strconv.Itoa(i%10), "everybody"}
	return d
}

func (l library) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	total := l.size
	if l.before {
		total += l.surplus
	}
	for i := range total {
		if err := emit(l.document(i)); err != nil {
			return err
		}
	}
	return nil
}

func (library) Ping(context.Context) error { return nil }

// TestVerifyPlanted finds a hundred differences of each kind among 10,000
// documents, or as many as TRIBUTARY_TEST_VERIFY says, and mends them; the
// comparison runs in a process of its own, whose memory is measured.
func TestVerifyPlanted(t *testing.T) {
	size := 10_000
	if n, err := strconv.Atoi(os.Getenv("TRIBUTARY_TEST_VERIFY")); err == nil {
		size = n
	}
	x := newIndex(t)
	x.options.Access = true
	l := library{size: size, before: true, surplus: planted}
	x.sync(t, l)
	l.plant(t, x)
	l.before = false

	want := job.Findings{Emitted: int64(size), Missing: planted, Different: planted * (kinds - 1), Surplus: planted}
	want.Equal = want.Emitted - want.Missing - want.Different
	seen := x.verifyApart(t, l, "find")
	require.Equal(t, want, seen.Findings)
	require.Equal(t, l.differences(), seen.Found)

	seen = x.verifyApart(t, l, "repair")
	want.Repaired = want.Differences()
	require.Equal(t, want, seen.Findings)
	require.Equal(t, l.differences(), seen.Found)

	seen = x.verifyApart(t, l, "find")
	require.Equal(t, job.Findings{Emitted: int64(size), Equal: int64(size)}, seen.Findings)
	require.Equal(t, job.Counters{Emitted: int64(size), Unchanged: int64(size)}, x.sync(t, l), "and a sync agrees")
	x.options.Access = false
}

// plant makes the differences that are made in the index.
func (l library) plant(t *testing.T, x *index) {
	t.Helper()
	var body strings.Builder
	for _, id := range l.of(deleted) {
		fmt.Fprintf(&body, "{\"delete\":{\"_id\":%q}}\n", id)
	}
	for kind, change := range map[int]string{
		edited: `{"title":"forged"}`, decorated: `{"extra":{"by":"somebody"}}`, opened: `{"_allow_access_control":["everybody","world"]}`,
	} {
		for _, id := range l.of(kind) {
			fmt.Fprintf(&body, "{\"update\":{\"_id\":%q}}\n{\"doc\":%s}\n", id, change)
		}
	}
	for _, id := range l.of(stripped) {
		source := x.source(t, id)
		delete(source, "price")
		raw, err := json.Marshal(source)
		require.NoError(t, err)
		fmt.Fprintf(&body, "{\"index\":{\"_id\":%q}}\n%s\n", id, raw)
	}
	answer := x.must(t, http.MethodPost, "/"+x.name+"/_bulk?refresh=true", body.String())
	require.Contains(t, string(answer), `"errors":false`)
}

// differences is what is to be found, in the order of ids.
func (l library) differences() (list []job.Difference) {
	for _, id := range l.of(deleted) {
		list = append(list, job.Difference{Kind: job.Missing, ID: id})
	}
	for i := range planted {
		list = append(list, job.Difference{Kind: job.Surplus, ID: strconv.Itoa(l.size + i)})
	}
	for kind, d := range map[int]job.Difference{
		revised: changed("", job.Absent, "state"), edited: changed("", job.Changed, "title"), stripped: changed("", job.Absent, "price"),
		decorated: changed("", job.Added, "extra"), opened: changed("", job.Changed, "_allow_access_control"),
	} {
		for _, id := range l.of(kind) {
			d.ID = id
			list = append(list, d)
		}
	}
	slices.SortFunc(list, byID)
	return list
}

func byID(a, b job.Difference) int { return strings.Compare(a.ID, b.ID) }

// asVerifier tells the test binary to compare: what, where and how.
const asVerifier = "TRIBUTARY_TEST_AS_VERIFIER"

// errand is what the process is told.
type errand struct {
	URL, Index, Owner string
	Size              int
	Repair            bool
}

// sighting is what it saw.
type sighting struct {
	Findings job.Findings
	Found    []job.Difference
	Memory   uint64 // that Go has taken from the system
	Peak     int64  // of the process; 0 where the system does not tell
}

// mostMemory is what a comparison may take.
const mostMemory = 64 << 20

func (x *index) verifyApart(t *testing.T, l library, what string) sighting {
	t.Helper()
	word, err := json.Marshal(errand{x.url, x.name, x.owner, l.size, what == "repair"})
	require.NoError(t, err)
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), asVerifier+"="+string(word))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	started := time.Now()
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &complaint)
	var seen sighting
	require.NoError(t, json.Unmarshal(out, &seen))
	slices.SortFunc(seen.Found, byID)
	t.Logf("%s %d documents: %s, %.1f MiB resident at most, %.1f MiB of them Go's", what, l.size, time.Since(started).Round(time.Millisecond),
		float64(seen.Peak)/(1<<20), float64(seen.Memory)/(1<<20))
	require.LessOrEqual(t, seen.Memory, uint64(mostMemory))
	seen.Findings.Unjudged = nil
	return seen
}

// verifier is the process that compares.
func verifier(word string) error {
	var e errand
	if err := json.Unmarshal([]byte(word), &e); err != nil {
		return err
	}
	client, err := elastic.New(elastic.Config{URL: e.URL})
	if err != nil {
		return err
	}
	defer client.Close()
	budget := job.NewBudget()
	bulk := client.Bulk(e.Index, elastic.BulkOptions{Report: budget})
	var seen sighting
	v, err := job.NewVerify(&job.Sync{
		Source: library{size: e.Size}, Index: client.Index(e.Index), Sink: bulk, Budget: budget, Owner: e.Owner,
		Options: job.Options{Access: true, Guard: job.Guard{Share: 0.2, Few: 100}}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}, client.Index(e.Index), job.Verification{Repair: e.Repair, Report: func(d job.Difference) error {
		seen.Found = append(seen.Found, d)
		return nil
	}})
	if err != nil {
		return err
	}
	if err := v.Run(context.Background()); err != nil {
		return err
	}
	if err := bulk.Close(); err != nil {
		return err
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	seen.Findings, seen.Memory, seen.Peak = v.Findings(), memory.Sys, peak()
	return json.NewEncoder(os.Stdout).Encode(seen)
}

// peak is the largest resident set that this process has had; 0 where the
// system does not tell.
func peak() int64 {
	status, _ := os.ReadFile("/proc/self/status") // it is Linux's
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

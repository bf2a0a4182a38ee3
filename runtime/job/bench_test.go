package job_test

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// discard is a sink and an empty index: what is left is the engine.
type discard struct{}

func (discard) Exists(context.Context) (bool, error)                            { return false, nil }
func (discard) Prepare(context.Context, map[string]string) (bool, error)        { return true, nil }
func (discard) Put(context.Context, string, string, []byte, string) error       { return nil }
func (discard) Delete(context.Context, string, int64, int64) error              { return nil }
func (discard) Flush(context.Context) error                                     { return nil }
func (discard) Counts() map[string]int64                                        { return nil }
func (discard) Scan(context.Context, func(_, _ []byte, _, _ int64) error) error { return nil }

func (discard) Identity(context.Context) (string, error)           { return "", nil }
func (discard) Owned(context.Context, string) (int64, error)       { return 0, nil }
func (discard) Unlisted(context.Context, string) ([]string, error) { return nil, nil }
func (discard) Look(_ context.Context, ids []string, visit func(int, bool, []byte, int64, int64) error) error {
	for i := range ids {
		if err := visit(i, false, nil, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// flood is a source of 500-byte documents, in full and as changes.
type flood int

func (n flood) document(i int) connector.Document {
	d := connector.NewDocument(strconv.Itoa(i))
	d.SetRaw("text", floodText)
	return d
}

var floodText = bytes.Join([][]byte{{'"'}, bytes.Repeat([]byte("x"), 480), {'"'}}, nil)

func (n flood) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	for i := range int(n) {
		if err := emit(n.document(i)); err != nil {
			return err
		}
	}
	return nil
}

func (n flood) Changes(_ context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	for i := range int(n) {
		if err := emit(connector.Change{Document: n.document(i)}); err != nil {
			return nil, err
		}
	}
	return since, nil
}

func (flood) Ping(context.Context) error                         { return nil }
func (flood) Position(context.Context) (connector.Cursor, error) { return at(0), nil }

// BenchmarkEngine is the road of a 500-byte document without the bulk writer.
func BenchmarkEngine(b *testing.B) {
	s := &job.Sync{
		Source: flood(b.N), Index: discard{}, Sink: discard{}, Budget: job.NewBudget(),
		Owner: job.Owner("bench"), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := s.Run(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// standing is an index that is there, as one is to which changes are written.
type standing struct{ discard }

func (standing) Exists(context.Context) (bool, error)                     { return true, nil }
func (standing) Prepare(context.Context, map[string]string) (bool, error) { return false, nil }

// BenchmarkChanges is the road of the same document as a change.
func BenchmarkChanges(b *testing.B) {
	c := &job.Changes{
		Source: flood(b.N), Since: at(0), Index: standing{}, Sink: discard{}, Budget: job.NewBudget(),
		Owner: job.Owner("bench"), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := c.Run(context.Background()); err != nil {
		b.Fatal(err)
	}
}

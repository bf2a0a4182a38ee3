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

func (discard) Owned(context.Context, string) (int64, error) { return 0, nil }
func (discard) Look(_ context.Context, ids []string, visit func(int, bool, []byte, int64, int64) error) error {
	for i := range ids {
		if err := visit(i, false, nil, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkEngine is the road of a 500-byte document without the bulk writer.
func BenchmarkEngine(b *testing.B) {
	text := append(append([]byte{'"'}, bytes.Repeat([]byte("x"), 480)...), '"')
	source := emitter(func(_ context.Context, emit func(connector.Document) error) error {
		for i := range b.N {
			d := connector.NewDocument(strconv.Itoa(i))
			d.SetRaw("text", text)
			if err := emit(d); err != nil {
				return err
			}
		}
		return nil
	})
	s := &job.Sync{
		Source: source, Index: discard{}, Sink: discard{}, Budget: job.NewBudget(),
		Owner: job.Owner("bench"), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := s.Run(context.Background()); err != nil {
		b.Fatal(err)
	}
}

package job_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// TestLastWinsOverASlowDownload emits a document whose content takes long to
// read and then the same id again, with content and without.
func TestLastWinsOverASlowDownload(t *testing.T) {
	for _, last := range []bool{true, false} {
		x := newIndex(t)
		x.extract = reader{}
		got := x.sync(t, emitter(func(_ context.Context, emit func(connector.Document) error) error {
			read := make(chan struct{})
			if err := emit(slow("old", read)); err != nil {
				return err
			}
			time.AfterFunc(50*time.Millisecond, func() { close(read) })
			d := slow("new", read)
			if !last {
				d.Attachment = nil
			}
			return emit(d)
		}))
		require.Equal(t, job.Counters{Emitted: 2, Created: 1, Duplicate: 1}, got)
		require.Equal(t, "new", x.source(t, "a")["v"])
	}
}

// slow is a document "a" whose content can be read once ready is closed, if it
// is the old one.
func slow(content string, ready <-chan struct{}) connector.Document {
	d := connector.NewDocument("a")
	d.Set("v", content)
	d.Attachment = &connector.Attachment{Name: "a.txt", Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		if content == "old" {
			<-ready
		}
		return io.NopCloser(strings.NewReader(content)), nil
	}}
	return d
}

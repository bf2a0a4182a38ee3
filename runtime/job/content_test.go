package job_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// reader extracts every attachment as it is; one that is empty has no text.
type reader struct{}

func (reader) Extract(ctx context.Context, a *connector.Attachment, dst []byte) (string, []byte, error) {
	r, err := a.Open(ctx)
	if err != nil {
		return "", dst, err
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if len(content) == 0 {
		return "", dst, err
	}
	return "body", append(dst, content...), err
}

// file is a source of one document "a" with this content, or with an error.
func file(version int64, content string, broken error) emitter {
	return func(_ context.Context, emit func(connector.Document) error) error {
		d := connector.NewDocument("a")
		d.Set("v", content)
		d = withFile(d, content, broken)
		d.Attachment.ModTime = time.Unix(version, 0)
		return emit(d)
	}
}

// withFile gives a document an attachment.
func withFile(d connector.Document, content string, broken error) connector.Document {
	d.Attachment = &connector.Attachment{
		Name: "a.txt", Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(content)), broken
		},
	}
	return d
}

func TestContentBecomesBody(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	require.Equal(t, job.Counters{Emitted: 1, Created: 1}, x.sync(t, file(1, "hello \"world\"\n", nil)))
	require.Equal(t, "hello \"world\"\n", x.source(t, "a")["body"])
	require.Equal(t, job.Counters{Emitted: 1, Unchanged: 1}, x.sync(t, file(1, "hello \"world\"\n", errors.New("never opened"))))
	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.sync(t, file(2, "hello \"world\"\n", nil)))
}

// TestContentOfAnotherMediaType is read again: the type may decide how.
func TestContentOfAnotherMediaType(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	typed := func(mediaType string) emitter {
		return func(ctx context.Context, emit func(connector.Document) error) error {
			return file(1, "one", nil)(ctx, func(d connector.Document) error {
				d.Attachment.MediaType = mediaType
				return emit(d)
			})
		}
	}
	x.sync(t, typed("application/octet-stream"))
	require.Equal(t, job.Counters{Emitted: 1, Unchanged: 1}, x.sync(t, typed("application/octet-stream")))
	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.sync(t, typed("text/plain")))
}

func TestContentWithoutText(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	require.Equal(t, job.Counters{Emitted: 1, Created: 1, NoText: 1}, x.sync(t, file(1, "", nil)))
	require.NotContains(t, x.source(t, "a"), "body")
}

func TestFailedContentIsTriedAgain(t *testing.T) {
	x := newIndex(t)
	x.extract = reader{}
	broken := errors.New("device error")

	require.Equal(t, job.Counters{Emitted: 1, Failed: 1}, x.sync(t, file(1, "one", broken)))
	require.Contains(t, x.budget.Failures()[0].Reason, "device error")
	require.Equal(t, "one", x.source(t, "a")["v"], "the metadata of a new document is indexed")

	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.sync(t, file(1, "one", nil)))
	require.Equal(t, "one", x.source(t, "a")["body"])

	require.Equal(t, job.Counters{Emitted: 1, Failed: 1}, x.sync(t, file(2, "two", broken)))
	require.Equal(t, "two", x.source(t, "a")["v"])
	require.Equal(t, "one", x.source(t, "a")["body"], "the old content stays")

	require.Equal(t, job.Counters{Emitted: 1, Updated: 1}, x.sync(t, file(2, "two", nil)))
	require.Equal(t, "two", x.source(t, "a")["body"])
}

func TestWithoutExtractorNothingIsOpened(t *testing.T) {
	x := newIndex(t)
	require.Equal(t, job.Counters{Emitted: 1, Created: 1}, x.sync(t, file(1, "one", errors.New("never opened"))))
}

package job_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
)

// A fingerprint is stored, so it is the same however large the document is and
// however its bytes are hashed.
func TestFingerprintsOfLargeDocuments(t *testing.T) {
	for _, size := range []int{1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		d := connector.NewDocument("a")
		d.Set("text", strings.Repeat("x", size))
		d.Access = []string{"me"}
		base := job.FingerprintBase()
		input := append([]byte(nil), base[:]...)
		input = binary.BigEndian.AppendUint64(input, uint64(len(d.Fields())))
		input = append(append(input, d.Fields()...), 'c')
		input = append(binary.BigEndian.AppendUint64(input, 2), "me"...)
		sum := sha256.Sum256(input)
		require.Equal(t, "owner."+base64.RawURLEncoding.EncodeToString(sum[:16]), job.Fingerprint("owner", &d, size%7*10), size)
	}
}

// Otherwise large documents would be copied, and nobody would notice.
var _ job.Taker = (*elastic.Bulk)(nil)

// taker is a sink that takes documents over.
type taker struct {
	drain
	memory *byte
	size   int
}

func (s *taker) Take(_ context.Context, _, _ string, source []byte, _ string) error {
	s.memory, s.size = &source[1], len(source)
	return nil
}

// large is a source of one document of two megabytes.
type large struct {
	connector.Source
	memory *byte // of its fields
}

func (l *large) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	d := connector.NewDocument("a")
	d.Set("text", strings.Repeat("x", 2<<20))
	l.memory = &d.Fields()[0]
	return emit(d)
}

// A large document is in memory once, from the source to the sink.
func TestALargeDocumentIsGivenAway(t *testing.T) {
	from, to := &large{}, &taker{}
	s := &job.Sync{
		Source: from, Index: discard{}, Sink: job.WatchFields(to, slog.New(slog.DiscardHandler)), Budget: job.NewBudget(),
		Owner: "owner", Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	require.NoError(t, s.Run(t.Context()))
	require.Zero(t, to.documents, "none is put")
	require.Greater(t, to.size, 2<<20)
	require.Same(t, from.memory, to.memory)
}

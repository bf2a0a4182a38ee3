package letters_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/letters"
)

// files is a store without an index.
func files(t *testing.T) letters.Store {
	return letters.Store{Dir: filepath.Join(t.TempDir(), "failed"), Log: slog.New(slog.DiscardHandler)}
}

// keepIn makes letters of a connector and ends the run.
func keepIn(t *testing.T, s letters.Store, id string, list ...connector.Rejection) letters.Summary {
	t.Helper()
	box := letters.Open(t.Context(), letters.Options{Store: s, Connector: id, Target: "docs", Now: time.Now})
	for _, r := range list {
		box.Keep(r)
	}
	return box.Finish(t.Context(), letters.Broken)
}

// idsIn are the documents of a connector's letters, in their order.
func idsIn(t *testing.T, s letters.Store, id string) (ids []string) {
	t.Helper()
	require.NoError(t, s.Each(t.Context(), letters.Query{Connector: id}, func(l *letters.Letter, p letters.Place) error {
		require.Equal(t, letters.InFile, p)
		require.Empty(t, l.Body)
		ids = append(ids, l.ID)
		return nil
	}))
	return ids
}

func rejected(id string) connector.Rejection {
	return connector.Rejection{ID: id, Action: "index", Class: connector.ClassMapping, Reason: "no", Source: []byte(`{"a":1}`)}
}

func TestFilesOfConnectorsWhoseIDsAreNoNames(t *testing.T) {
	s := files(t)
	for _, id := range []string{"plain", "../../etc/passwd", "a/b", "", ".hidden", "é", strings.Repeat("x", 500)} {
		keepIn(t, s, id, rejected("of "+id))
		require.Equal(t, s.Dir, filepath.Dir(letters.FileOf(s.Dir, id)))
		require.FileExists(t, letters.FileOf(s.Dir, id))
		if id != "" {
			require.Equal(t, []string{"of " + id}, idsIn(t, s, id))
		}
	}
	require.Len(t, idsIn(t, s, ""), 7, "of all connectors")
}

func TestTornAndForeignLinesArePassedOver(t *testing.T) {
	s := files(t)
	keepIn(t, s, "con", rejected("a"), rejected("b"))
	path := letters.FileOf(s.Dir, "con")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	garbage := "\x00\xff\x1f binary \n{\"key\":\"none\"}\n\n{}\nnull\n[1]\n" + strings.Repeat("x", 3<<20) + "\n"
	torn := whole[:len(whole)-20]
	require.NoError(t, os.WriteFile(path, append([]byte(garbage), torn...), 0o600))
	require.Equal(t, []string{"a"}, idsIn(t, s, "con"))
	keepIn(t, s, "con", rejected("c"))
	require.Equal(t, []string{"a", "c"}, idsIn(t, s, "con"), "the torn line does not spoil the next")
	require.NoError(t, s.Remove(t.Context(), "con", map[letters.Place][]string{letters.InFile: {letters.Key("con", "a")}}))
	require.Equal(t, []string{"c"}, idsIn(t, s, "con"))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), "binary")
}

func TestTheNewestLetterOfADocumentCounts(t *testing.T) {
	s := files(t)
	keepIn(t, s, "con", rejected("a"), rejected("b"))
	again := rejected("a")
	again.Reason = "still not"
	keepIn(t, s, "con", again)
	require.Equal(t, []string{"b", "a"}, idsIn(t, s, "con"))
	require.NoError(t, s.Each(t.Context(), letters.Query{Connector: "con", IDs: []string{"a"}, Bodies: true}, func(l *letters.Letter, _ letters.Place) error {
		require.Equal(t, "still not", l.Reason)
		require.Equal(t, 2, l.Attempts)
		require.JSONEq(t, `{"a":1}`, string(l.Body))
		return nil
	}))
}

func TestAFullFileLosesItsOldestLettersAndCountsThem(t *testing.T) {
	s := files(t)
	s.MaxFile = 256 << 10
	text := strings.Repeat("x", 10<<10)
	var dropped int64
	for round := range 10 {
		box := letters.Open(t.Context(), letters.Options{Store: s, Connector: "con", Now: time.Now})
		for i := range 9 {
			r := rejected(fmt.Sprintf("doc-%03d", 9*round+i))
			r.Source = []byte(`{"t":"` + text + `"}`)
			box.Keep(r)
		}
		sum := box.Finish(t.Context(), letters.Broken)
		dropped += sum.Dropped
		info, err := os.Stat(sum.File)
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), s.MaxFile)
	}
	left := idsIn(t, s, "con")
	require.Equal(t, "doc-089", left[len(left)-1])
	require.EqualValues(t, 90, int64(len(left))+dropped, "each is kept or counted")
	require.Greater(t, dropped, int64(20))
	counted, err := s.Dropped("con")
	require.NoError(t, err)
	require.Equal(t, dropped, counted)
}

func TestWithoutIndexAndFolderNothingIsKeptAndThatIsSaid(t *testing.T) {
	var log bytes.Buffer
	sum := keepIn(t, letters.Store{Log: slog.New(slog.NewTextHandler(&log, nil))}, "con", rejected("a"))
	require.EqualValues(t, 1, sum.Unkept)
	require.Zero(t, sum.Waiting)
	require.Contains(t, sum.Problem, "--data")
	require.Contains(t, log.String(), "could not be kept")
}

func TestAFolderThatCantBeWritten(t *testing.T) {
	s := files(t)
	require.NoError(t, os.WriteFile(s.Dir, nil, 0o600)) // a file where the folder should be
	sum := keepIn(t, s, "con", rejected("a"))
	require.EqualValues(t, 1, sum.Unkept)
	require.NotEmpty(t, sum.Problem)
}

// Whatever a file holds, what is read of it are letters of their own key, and
// what is appended can be read.
func FuzzFile(f *testing.F) {
	good := `{"@timestamp":"2026-01-01T00:00:00Z","key":"` + letters.Key("con", "x") + `","connector":"con","index":"i","id":"x","action":"index","class":"mapping","reason":"r","attempts":1,"body":{"a":1}}`
	f.Add([]byte(good + "\n"))
	f.Add([]byte(good + "\n" + good[:50]))
	f.Add([]byte(`{"dropped":7}` + "      \n" + good))
	f.Add([]byte("\x00\x01\xff\n\n\r\n{\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := files(t)
		path := letters.FileOf(s.Dir, "con")
		require.NoError(t, os.MkdirAll(s.Dir, 0o700))
		require.NoError(t, os.WriteFile(path, content, 0o600))
		before := idsIn(t, s, "con")
		keepIn(t, s, "con", rejected("new"))
		after := idsIn(t, s, "con")
		require.Contains(t, after, "new")
		for _, id := range before {
			require.Contains(t, after, id)
		}
		require.NoError(t, s.Remove(t.Context(), "con", map[letters.Place][]string{letters.InFile: {letters.Key("con", "new")}}))
		require.NotContains(t, idsIn(t, s, "con"), "new")
	})
}

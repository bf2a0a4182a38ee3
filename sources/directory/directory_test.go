package directory_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/directory"
)

// write makes files with these contents below a directory.
func write(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for path, content := range files {
		path = filepath.Join(root, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
}

// read returns the documents by their paths below the root, with slashes.
func read(t testing.TB, s *directory.Source, root, rules string) (map[string]connector.Document, error) {
	t.Helper()
	docs := map[string]connector.Document{}
	err := s.GetDocs(t.Context(), connector.Filter{AdvancedRules: json.RawMessage(rules)}, func(d connector.Document) error {
		path, _ := fields(t, d)["path"].(string)
		local, err := filepath.Rel(root, path)
		require.NoError(t, err)
		docs[filepath.ToSlash(local)] = d
		return nil
	})
	return docs, err
}

// paths returns the sorted paths of the documents.
func paths(t testing.TB, s *directory.Source, root, rules string) []string {
	t.Helper()
	docs, err := read(t, s, root, rules)
	require.NoError(t, err)
	list := []string{}
	for path := range docs {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}

func fields(t testing.TB, d connector.Document) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &m))
	return m
}

func content(t testing.TB, d connector.Document) (string, error) {
	t.Helper()
	r, err := d.Attachment.Open(t.Context())
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

func TestDocument(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a/Notes.MD": "hello"})
	path := filepath.Join(root, "a", "Notes.MD")
	changed := time.Date(2026, 1, 2, 3, 4, 5, 678000000, time.UTC)
	require.NoError(t, os.Chtimes(path, changed, changed))

	docs, err := read(t, open(t, root, ""), root, "")
	require.NoError(t, err)
	d := docs["a/Notes.MD"]
	sum := md5.Sum([]byte(path))
	require.Equal(t, hex.EncodeToString(sum[:]), d.ID)
	require.Equal(t, changed, d.UpdatedAt)
	m := fields(t, d)
	require.Equal(t, path, m["path"])
	require.Equal(t, "Notes.MD", m["name"])
	require.Equal(t, "md", m["extension"])
	require.Equal(t, "text/markdown", m["media_type"])
	require.Equal(t, "2026-01-02T03:04:05.678Z", m["last_modified_time"])
	require.EqualValues(t, 5, m["size"])
	require.NotContains(t, m, "last_access_time")
	if runtime.GOOS != "windows" {
		require.EqualValues(t, 1, m["number_of_links"])
		require.EqualValues(t, 0o100600, m["inode_protection_mode"])
		require.EqualValues(t, os.Getuid(), m["uid"])
		require.InDelta(t, float64(time.Now().Unix()), m["ctime"], 3600)
		for _, name := range []string{"inode_number", "device_inode_reside", "gid"} {
			require.Contains(t, m, name)
		}
	}
	text, err := content(t, d)
	require.NoError(t, err)
	require.Equal(t, "hello", text)
	require.Equal(t, changed, d.Attachment.ModTime)
}

func TestNames(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"README.md": "1", "Makefile": "2", ".hidden": "3", "src/a.go": "4", "src/b.txt": "5",
		"src/deep/c.go": "6", "node_modules/x.js": "7", "lib/node_modules/y.js": "8",
	})
	all := []string{".hidden", "Makefile", "README.md", "lib/node_modules/y.js", "node_modules/x.js", "src/a.go", "src/b.txt", "src/deep/c.go"}
	for name, c := range map[string]struct {
		fields, rules string
		want          []string
	}{
		"default":           {"", "", all},
		"everything":        {`"pattern":"**"`, "", all},
		"top only":          {`"pattern":"*"`, "", []string{".hidden", "Makefile", "README.md"}},
		"several":           {`"pattern":"**/*.go\n\n  *.md \r\n"`, "", []string{"README.md", "src/a.go", "src/deep/c.go"}},
		"base":              {`"pattern":"src/**/*.go"`, "", []string{"src/a.go", "src/deep/c.go"}},
		"rooted":            {`"pattern":"/src/*.go"`, "", []string{"src/a.go"}},
		"dotted":            {`"pattern":"./src/*.go"`, "", []string{"src/a.go"}},
		"hidden":            {`"pattern":".hidden"`, "", []string{".hidden"}},
		"either":            {`"pattern":"{src/deep,lib/**}/*.{go,js}"`, "", []string{"lib/node_modules/y.js", "src/deep/c.go"}},
		"exclude directory": {`"exclude":"**/node_modules\nsrc/deep/"`, "", []string{".hidden", "Makefile", "README.md", "src/a.go", "src/b.txt"}},
		"exclude below":     {`"exclude":"src/**\n**/node_modules/**"`, "", []string{".hidden", "Makefile", "README.md"}},
		"exclude files":     {`"exclude":"**/*.go\n**/*.js"`, "", []string{".hidden", "Makefile", "README.md", "src/b.txt"}},
		"nothing":           {`"pattern":"nothing/*"`, "", []string{}},
		"rule":              {"", `[{"pattern":"src/*"}]`, []string{"src/a.go", "src/b.txt"}},
		"rules are joined":  {`"pattern":"**/*.go"`, `[{"pattern":"src/*"},{"pattern":"*.md"}]`, []string{"src/a.go"}},
		"no rules":          {"", `[]`, all},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, paths(t, open(t, root, c.fields), root, c.rules))
		})
	}
}

func TestRules(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"one": "1", "three": "123", "five": "12345"})
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, days := range map[string]int{"one": 1, "three": 3, "five": 5} {
		require.NoError(t, os.Chtimes(filepath.Join(root, name), day, day.AddDate(0, 0, days)))
	}
	for rules, want := range map[string][]string{
		`[{"min_size":3}]`:                                           {"five", "three"},
		`[{"max_size":3}]`:                                           {"one", "three"},
		`[{"min_size":2,"max_size":4}]`:                              {"three"},
		`[{"max_size":1},{"min_size":5}]`:                            {"five", "one"},
		`[{"modified_after":"2026-01-04T00:00:00Z"}]`:                {"five"},
		`[{"modified_after":"2026-01-03T23:59:59+00:00"}]`:           {"five", "three"},
		`[{"pattern":"t*","min_size":0}]`:                            {"three"},
		`[{"pattern":"t*","modified_after":"2026-02-01T00:00:00Z"}]`: {},
	} {
		require.Equal(t, want, paths(t, open(t, root, ""), root, rules), rules)
	}
}

func TestBadPatterns(t *testing.T) {
	root := t.TempDir()
	raw, err := json.Marshal(map[string]string{"directory": root, "pattern": "*.go\n[a", "exclude": "{x"})
	require.NoError(t, err)
	_, err = directory.Kind().Open(t.Context(), raw, deps())
	var problems connector.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 2)
	require.Equal(t, "/pattern", problems[0].Pointer)
	require.Contains(t, problems[0].String(), `"[a"`)
	require.Equal(t, "/exclude", problems[1].Pointer)

	s := open(t, root, "")
	check := s.AdvancedRulesValidators()[0]
	require.Empty(t, check(t.Context(), json.RawMessage(`[{"pattern":"**/*.go"},{"min_size":1}]`)))
	found := check(t.Context(), json.RawMessage(`[{"min_size":1},{"pattern":"[a"}]`))
	require.Len(t, found, 1)
	require.Equal(t, "/1/pattern", found[0].Pointer)
	require.NotEmpty(t, check(t.Context(), json.RawMessage(`{"pattern":1}`)))

	for _, rules := range []string{`[{"pattern":"[a"}]`, `{"pattern":1}`} {
		err = s.GetDocs(t.Context(), connector.Filter{AdvancedRules: json.RawMessage(rules)}, nil)
		require.Error(t, err, rules)
	}
}

func TestContentLimit(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"empty": "", "small": "1234", "large": "12345"})
	for limit, want := range map[string][]string{"0": {}, "4": {"small"}, "5": {"large", "small"}} {
		docs, err := read(t, open(t, root, `"max_content_size":`+limit), root, "")
		require.NoError(t, err)
		require.Len(t, docs, 3)
		with := []string{}
		for path, d := range docs {
			if d.Attachment != nil {
				with = append(with, path)
			}
		}
		slices.Sort(with)
		require.Equal(t, want, with, limit)
	}
}

func TestPing(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"file": "1"})
	require.NoError(t, open(t, root, "").Ping(t.Context()))
	for _, path := range []string{filepath.Join(root, "absent"), filepath.Join(root, "file")} {
		s := open(t, path, "")
		err := s.Ping(t.Context())
		require.ErrorContains(t, err, path)
		require.Equal(t, err, s.GetDocs(t.Context(), connector.Filter{}, nil))
	}
}

func TestWholeFileSystem(t *testing.T) {
	root := filepath.VolumeName(t.TempDir()) + string(filepath.Separator)
	docs := 0
	stop := errors.New("enough")
	err := open(t, root, `"exclude":"{proc,sys,dev}"`).GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		path := fields(t, d)["path"].(string)
		require.False(t, strings.HasPrefix(path[1:], string(filepath.Separator)), path)
		require.FileExists(t, path)
		if docs++; docs == 10 {
			return stop
		}
		return nil
	})
	require.ErrorIs(t, err, stop)
}

func TestCancel(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a": "1"})
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("stopped by a test")
	cancel(reason)
	err := open(t, root, "").GetDocs(ctx, connector.Filter{}, func(connector.Document) error { return nil })
	require.ErrorIs(t, err, reason)
}

func TestFieldTypes(t *testing.T) {
	types, err := open(t, t.TempDir(), "").Fields(t.Context())
	require.NoError(t, err)
	require.Equal(t, connector.Double, types["ctime"])
}

// TestMemory reads a directory of many files: it is read in pieces, so the
// memory in use does not depend on how many there are.
func TestMemory(t *testing.T) {
	const files = 10_000
	root := t.TempDir()
	for i := range files {
		require.NoError(t, os.WriteFile(filepath.Join(root, strings.Repeat("x", 80)+strconv.Itoa(i)), nil, 0o600))
	}
	n := 0
	var first, last uint64
	err := open(t, root, "").GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		d.Release()
		switch n++; n {
		case 100:
			first = heap()
		case files - 100:
			last = heap()
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, files, n)
	require.Less(t, last, first+files*40, "less than half of the bytes of the names")
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

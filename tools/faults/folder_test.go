package faults_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/directory"
)

// folder is the real source of a directory, in which something can happen while
// it is read.
type folder struct {
	*directory.Source
	root  string
	shelf *shelf // counts
	// during, when set, is called with the path of each file before it is emitted.
	during func(path string)
	// around, when set, runs the read.
	around func(read func())
}

// outside is in files that are not below the root.
const outside = "planted-outside"

// folder makes a world whose source is a directory with so many files in five
// folders. Beside it lies a folder that must not be read.
func (x *trial) folder(t *testing.T, files int) (*world, *folder) {
	t.Helper()
	w := x.world(t, 0)
	base := t.TempDir()
	f := &folder{root: filepath.Join(base, "root"), shelf: w.shelf}
	raw, err := json.Marshal(map[string]any{"directory": f.root})
	require.NoError(t, err)
	source, err := directory.Kind().Open(t.Context(), raw, connector.Deps{Log: w.log.logger(), Now: time.Now})
	require.NoError(t, err)
	f.Source = source.(*directory.Source)
	for n := range files {
		f.write(t, filepath.Join("folder"+string(rune('a'+n%5)), id(n)+".txt"), "text of "+id(n))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(base, "outside"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(base, "outside", "secret.txt"), []byte(outside), 0o600))
	w.secrets = append(w.secrets, outside)
	w.source, w.truth, w.view = f, func() map[string]json.RawMessage { return f.truth(t) }, ofFile
	return w, f
}

// write makes a file, and what is above it.
func (f *folder) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(f.root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// GetDocs reads the directory.
func (f *folder) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) (err error) {
	read := func() {
		err = f.Source.GetDocs(ctx, filter, func(d connector.Document) error {
			f.shelf.emitted.Add(1)
			if f.during != nil {
				var fields struct{ Path string }
				_ = json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &fields)
				f.during(fields.Path)
			}
			return emit(d)
		})
	}
	if f.around == nil {
		read()
	} else {
		f.around(read)
	}
	return err
}

// truth is every regular file below the root.
func (f *folder) truth(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	truth := map[string]json.RawMessage{}
	require.NoError(t, filepath.WalkDir(f.root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		fields := map[string]any{"path": path, "name": e.Name(), "size": len(text)}
		if len(text) > 0 {
			fields["body"] = string(text)
		}
		sum := md5.Sum([]byte(path))
		truth[hex.EncodeToString(sum[:])], err = json.Marshal(fields)
		return err
	}))
	return truth
}

// ofFile are the fields that the truth about a file is told by.
func ofFile(stored map[string]any) map[string]any {
	told := map[string]any{}
	for _, name := range []string{"path", "name", "size", "body"} {
		if value, there := stored[name]; there {
			told[name] = value
		}
	}
	return told
}

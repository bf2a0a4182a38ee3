package protocol_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func seeds(f *testing.F) {
	for _, pattern := range []string{"testdata/connectors/*.json", "testdata/jobs/*.json"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	for _, text := range []string{
		``, `null`, `[]`, `{}`, `{"a":1,"a":2}`, ` {"x" : "\"}" , "y":[{"]":"["}] } `, `{"\u0061":{}}`,
		`{"features":{"filtering_rules":1},"scheduling":[],"filtering":{},"pipeline":"p"}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(text))
	}
}

// Whatever a document holds: it is read without panic, kept as it is, and a
// write changes what was written alone.
func FuzzDocuments(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var fields map[string]json.RawMessage
		isObject := json.Unmarshal(text, &fields) == nil && fields != nil
		conn, err := protocol.ParseConnector("c", protocol.Version{}, text)
		require.Equal(t, isObject, err == nil, "%v", err)
		j, jobErr := protocol.ParseJob("j", protocol.Version{}, text)
		require.Equal(t, isObject, jobErr == nil, "%v", jobErr)
		if !isObject {
			return
		}
		require.True(t, bytes.Equal(text, conn.Raw) && bytes.Equal(text, j.Raw))
		merged, err := protocol.Merge(text, map[string]any{"status": "x"})
		require.NoError(t, err)
		var after map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(merged, &after), "%s", merged)
		for name, value := range fields {
			if name != "status" {
				require.Equal(t, string(value), string(after[name]), name)
			}
		}
		require.Equal(t, `"x"`, string(after["status"]))
		_ = j.Filter()
	})
}

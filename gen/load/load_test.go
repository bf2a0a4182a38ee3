package load_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
)

func parse(t testing.TB, text string) (*load.Node, diag.List) {
	t.Helper()
	return load.JSON(&load.File{Name: "x.json", Text: []byte(text)})
}

func TestPositions(t *testing.T) {
	root, problems := parse(t, "{\n\t\"a\": {\"ü\": [1,\r\n true, null]},\n  \"b/~\": \"x\\u00e4\"\n}")
	require.Empty(t, problems)
	at := func(n *load.Node) [2]int {
		line, column := n.File.LineCol(n.Offset)
		return [2]int{line, column}
	}
	list := root.Get("a").Get("ü")
	require.Equal(t, [2]int{1, 1}, at(root))
	require.Equal(t, [2]int{2, 7}, at(root.Get("a")))
	require.Equal(t, [2]int{2, 13}, at(list))
	require.Equal(t, [2]int{2, 14}, at(list.Items[0]))
	require.Equal(t, [2]int{3, 2}, at(list.Items[1]))
	require.Equal(t, "/a/ü/2", list.Items[2].Pointer)
	require.Equal(t, load.Null, list.Items[2].Kind)
	m := root.Member("b/~")
	require.Equal(t, "/b~1~0", m.Value.Pointer)
	require.Equal(t, "xä", m.Value.Text)
	line, column := m.Value.File.LineCol(m.Offset)
	require.Equal(t, [2]int{4, 3}, [2]int{line, column})
	require.True(t, root.Get("a").Get("nothing").Get("below").Member("x") == nil)
}

func TestJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "1:1 G101 the JSON ends too early",
		"{":                       "1:2 G101 the JSON ends too early",
		"{\"a\": 1,}":             "1:9 G101 invalid character '}' looking for beginning of object key string",
		"[1] x":                   "1:5 G101 invalid character 'x' after top-level value",
		"// c\n{}":                "1:1 G101 invalid character '/' looking for beginning of value",
		"\ufeff{}":                "1:1 G101 the file starts with a byte order mark",
		"{\"a\": \"\xff\"}":       "1:8 G101 the text is not UTF-8",
		"{\"a\":1,\n \"a\":2}":    "2:2 G107 the key \"a\" stands twice (first at 1:2)",
		"{\"a\":1,\"\\u0061\":2}": "1:8 G107 the key \"a\" stands twice (first at 1:2)",
		strings.Repeat("[", 100) + strings.Repeat("]", 100): "1:65 G108 nested deeper than 64 levels",
		strings.Repeat(" ", load.MaxSize) + "1":             "0:0 G108 the file has 1048577 bytes, more than 1048576",
	} {
		_, problems := parse(t, text)
		require.Len(t, problems, 1, "%.40q", text)
		d := problems[0]
		place := strings.TrimPrefix(d.Place(), "x.json")
		if place == "" {
			place = ":0:0"
		}
		require.Equal(t, want, place[1:]+" "+d.Code+" "+d.Message)
	}
}

func TestRegistry(t *testing.T) {
	text := "# c\nsources:\n  a: sources/a\n  \"b\": 'sources/b' # two\n"
	r, problems := load.ReadRegistry(&load.File{Name: "config.yml", Text: []byte(text)})
	require.Empty(t, problems)
	require.Len(t, r.Entries, 2)
	require.Equal(t, "b", r.Entries[1].ServiceType)
	require.Equal(t, "sources/b", r.Entries[1].Folder)
	require.Equal(t, strings.Index(text, "\"b\""), r.Entries[1].KeyOffset)
	require.Equal(t, strings.Index(text, "'sources/b'"), r.Entries[1].ValueOffset)
	for text, want := range map[string]string{
		"a: [":                           "1:1",
		"- a\n":                          "1:1",
		"a: 1\nsources: x\n":             "2:10",
		"sources:\n  a: [x]\n":           "2:3",
		"sources:\n  a:\n":               "2:3",
		"sources:\nb: 1\nsources:\n":     "3:1",
		"sources:\n  a: x\n\t b: y\n":    "2:1",
		"ü: {x: 1}\nsources: {ä: [1]}\n": "2:11",
	} {
		_, problems := load.ReadRegistry(&load.File{Name: "config.yml", Text: []byte(text)})
		require.NotEmpty(t, problems, text)
		require.Equal(t, "G406", problems[0].Code)
		require.Equal(t, "config.yml:"+want, problems[0].Place(), text)
	}
}

func TestTree(t *testing.T) {
	_, _, err := load.Tree(fstest.MapFS{})
	require.ErrorContains(t, err, "go.mod")
	_, _, err = load.Tree(fstest.MapFS{"go.mod": {Data: []byte("go 1.26\n")}})
	require.ErrorContains(t, err, "names no module")
	in, problems, err := load.Tree(fstest.MapFS{
		"go.mod":                     {Data: []byte("// c\nmodule example.com/x\r\n")},
		"config.yml":                 {Data: []byte("\n")},
		"sources/b/schema.json":      {Data: []byte("{}")},
		"sources/a/schema.json":      {Data: []byte("{")},
		"sources/a/README.md":        {Data: []byte("# A\n")},
		"sources/a/deep/schema.json": {Data: []byte("{")},
		"schemas/shared/x.json":      {Data: []byte("[")},
	})
	require.NoError(t, err)
	require.Len(t, problems, 2)
	require.Equal(t, "example.com/x", in.Module)
	require.Equal(t, "a", in.Declarations[0].Dir)
	require.Nil(t, in.Declarations[0].Root)
	require.NotNil(t, in.Declarations[1].Root)
	require.Contains(t, in.Readmes, "sources/a/README.md")
}

// FuzzJSON proves that any text is read or refused within its limits, as
// encoding/json reads or refuses it, and that every position is in the text.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{"{}", `{"a":[1,2.5e3,{"b":null}],"c":"\u00e4"}`, "[[", "\ufeff1", `{"a":1,"a":2}`, " \n\t-0 "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, problems := parse(t, text)
		for _, d := range problems {
			require.NotEmpty(t, d.String())
		}
		if root == nil {
			require.NotEmpty(t, problems)
			return
		}
		require.True(t, json.Valid([]byte(text)))
		walk(t, root, len(text))
	})
}

func walk(t *testing.T, n *load.Node, size int) {
	t.Helper()
	require.Less(t, n.Offset, size)
	line, column := n.File.LineCol(n.Offset)
	require.Equal(t, n.Offset, n.File.Offset(line, column))
	for _, m := range n.Members {
		require.Equal(t, byte('"'), n.File.Text[m.Offset])
		walk(t, m.Value, size)
	}
	for _, item := range n.Items {
		walk(t, item, size)
	}
}

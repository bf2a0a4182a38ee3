package connector_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

func TestReservedField(t *testing.T) {
	reserved := []string{
		"", " ", "\t", "id", "_id", "_source", "_index", "_version", "_routing", "_seq_no", "_tier", "_ignored",
		"_field_names", "_timestamp", "_fingerprint", "_allow_access_control", "_extract_binary_content",
		"_reduce_whitespace", "_run_ml_inference", ".", ".a", "a.", "a..b", "a. .b",
	}
	for _, name := range reserved {
		require.True(t, connector.ReservedField(name), "%q", name)
	}
	for _, name := range []string{"a", "ID", "id_", "_", "_score_", "_my", "a.b", "a b", "é", "body", "_timestampx"} {
		require.False(t, connector.ReservedField(name), "%q", name)
	}
}

func TestRenaming(t *testing.T) {
	tests := map[string]struct {
		set  []string
		want []string
	}{
		"plain":                      {[]string{"a", "b"}, []string{"a", "b"}},
		"reserved":                   {[]string{"id"}, []string{"id_"}},
		"metadata":                   {[]string{"_id", "_source"}, []string{"_id_", "_source_"}},
		"suffix taken before":        {[]string{"id_", "id"}, []string{"id_", "id__"}},
		"suffix taken after":         {[]string{"id", "id_"}, []string{"id_", "id__"}},
		"twice":                      {[]string{"id", "id"}, []string{"id_", "id__"}},
		"three deep":                 {[]string{"id__", "id_", "id"}, []string{"id__", "id_", "id___"}},
		"empty":                      {[]string{""}, []string{"_"}},
		"blank":                      {[]string{"  "}, []string{"  _"}},
		"dots":                       {[]string{"a..b", ".c", "d."}, []string{"a__b", "_c", "d_"}},
		"dots become a reserved one": {[]string{".id"}, []string{"_id_"}},
		"dots collide":               {[]string{"a__b", "a..b"}, []string{"a__b", "a__b_"}},
		"paths stay":                 {[]string{"a.b.c"}, []string{"a.b.c"}},
		"name in a value":            {[]string{"x,\"id_\":", "id"}, []string{"x,\"id_\":", "id_"}},
		"quoted names":               {[]string{"\"", "\\", "id"}, []string{"\"", "\\", "id_"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := connector.NewDocument("1")
			var want strings.Builder
			renamed := 0
			for i, key := range test.set {
				d.Set(key, map[string]any{"id_": `,"id_":[{`})
				if i > 0 {
					want.WriteByte(',')
				}
				want.WriteString(string(connector.AppendString(nil, test.want[i])) + `:{"id_":",\"id_\":[{"}`)
				if key != test.want[i] {
					require.Equal(t, connector.Renaming{From: key, To: test.want[i]}, d.Renamed()[renamed])
					renamed++
				}
			}
			require.Equal(t, want.String(), string(d.Fields()))
			require.Len(t, d.Renamed(), renamed)
		})
	}
}

// FuzzRenaming sets names of all kinds: none is reserved in the end, and names
// that differed still differ.
func FuzzRenaming(f *testing.F) {
	f.Add("id", "id_", "_id")
	f.Add("a..b", "a__b", "a.._b")
	f.Add("", "_", "__")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		d := connector.NewDocument("1")
		names := map[string]bool{}
		for _, name := range []string{a, b, c} {
			if name = strings.ToValidUTF8(name, "\ufffd"); !names[name] {
				names[name] = true
				d.SetRaw(name, []byte(`{"id":"a"}`))
			}
		}
		var fields map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &fields))
		require.Len(t, fields, len(names), "%s", d.Fields())
		for name := range fields {
			require.False(t, connector.ReservedField(name), name)
		}
	})
}

func TestZeroDocument(t *testing.T) {
	var d connector.Document
	require.Empty(t, d.Fields())
	require.Empty(t, d.Renamed())
	d.Release()
	d.Set("a", 1)
	d.Release()
	require.Empty(t, d.Fields())
	d.SetRaw("b", []byte("2"))
	require.Equal(t, `"b":2`, string(d.Fields()))
}

// TestReuse fills and releases documents from many goroutines: no buffer
// serves two documents at once, and nothing of one is left in the next.
func TestReuse(t *testing.T) {
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 500 {
				d := connector.NewDocument("1")
				d.Set("id", worker)
				d.Set("text", strings.Repeat("x", i*7))
				if i%50 == 0 {
					d.Set("huge", strings.Repeat("y", 1<<20)) // is not kept
				}
				want := fmt.Sprintf(`"id_":%d,"text":"%s"`, worker, strings.Repeat("x", i*7))
				if got := string(d.Fields()); !strings.HasPrefix(got, want) || len(d.Renamed()) != 1 {
					t.Errorf("document %d of worker %d holds another's bytes", i, worker)
				}
				d.Release()
			}
		})
	}
	wg.Wait()
}

func TestTake(t *testing.T) {
	spare := append(make([]byte, 0, 100), "of another"...)
	d := connector.NewDocument("1")
	d.Set("a", 1)
	d.Set("b", "x")
	require.Equal(t, `{"a":1,"b":"x"`, string(d.Take(spare)))
	require.Empty(t, d.Fields())
	require.Equal(t, "{", string(d.Take(nil)))
	require.Equal(t, "{", string(new(connector.Document).Take(nil)))
}

// A large value is written once, with room behind it.
func TestLargeValuesAreWrittenOnce(t *testing.T) {
	const size = 1 << 20
	text := strings.Repeat("A line of text, which has its end.\n", size/35)
	for name, set := range map[string]func(d *connector.Document){
		"text":  func(d *connector.Document) { d.Set("a", text) },
		"list":  func(d *connector.Document) { d.Set("a", []string{"x", text}) },
		"bytes": func(d *connector.Document) { d.Set("a", []byte(text)) },
		"raw":   func(d *connector.Document) { d.SetRaw("a", []byte(`{"b":1}`+strings.Repeat(" ", size))) },
		"JSON":  func(d *connector.Document) { d.Set("a", json.RawMessage(`["`+strings.Repeat("x", size)+`"]`)) },
	} {
		d := connector.NewDocument("1")
		set(&d)
		first := &d.Fields()[0]
		d.SetRaw("b", []byte(`"`+strings.Repeat("x", 1000)+`"`))
		require.Same(t, first, &d.Fields()[0], "%s: there is room behind it", name)
		require.Less(t, cap(d.Fields()), len(d.Fields())*9/8, name)
	}
}

// TestAllocations holds a document to what it needs: a value that is no
// pointer is boxed to become an any, and that is all.
func TestAllocations(t *testing.T) {
	text, number, when := strings.Repeat("text ", 20), 1<<20, moment
	got := testing.AllocsPerRun(200, func() {
		d := connector.NewDocument("1")
		d.Set("string", text)
		d.Set("int", number)
		d.Set("time", when)
		d.Set("bool", true)
		d.Set("nil", nil)
		d.SetRaw("raw", []byte(`{"a":1}`))
		d.Release()
	})
	require.LessOrEqual(t, got, 3.0)
}

func TestSetFunc(t *testing.T) {
	d := connector.NewDocument("1")
	d.SetFunc("a", func(dst []byte) ([]byte, error) { return append(dst, "[1,2]"...), nil })
	d.SetFunc("b", func(dst []byte) ([]byte, error) { return append(dst, "[1,"...), errors.New("it is torn") })
	d.SetFunc("id", func(dst []byte) ([]byte, error) { return append(dst, '3'), nil })
	require.Equal(t, `"a":[1,2],"id_":3`, string(d.Fields()))
	require.EqualError(t, d.Err, `field "b": it is torn`)
	require.Equal(t, []connector.Renaming{{From: "id", To: "id_"}}, d.Renamed())
}

func TestSetField(t *testing.T) {
	one := func(dst []byte) ([]byte, error) { return append(dst, '1'), nil }
	torn := func(dst []byte) ([]byte, error) { return append(dst, "[1,"...), errors.New("it is torn") }
	names := []string{"a", "id_", "b\"", "id", "id__", "_id", "c"}
	want := connector.NewDocument("1")
	got := connector.NewDocument("1")
	for _, name := range names {
		want.SetFunc(name, one)
		want.SetFunc("torn "+name, torn)
		f := connector.NewField(name)
		require.Equal(t, name, f.Name())
		got.SetField(f, one)
		got.SetField(connector.NewField("torn "+name), torn)
	}
	require.Equal(t, string(want.Fields()), string(got.Fields()))
	require.Equal(t, want.Renamed(), got.Renamed())
	require.EqualError(t, got.Err, `field "torn a": it is torn`)
}

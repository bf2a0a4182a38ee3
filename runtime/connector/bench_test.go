package connector_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
)

// BenchmarkDocument makes a document of five fields and about 500 bytes.
func BenchmarkDocument(b *testing.B) {
	body := strings.Repeat("some text ", 35)
	b.ReportAllocs()
	for i := range b.N {
		d := connector.NewDocument("a/b")
		d.Set("name", "report.txt")
		d.Set("body", body)
		d.Set("size", i)
		d.Set("modified", moment)
		d.Set("read_only", true)
		b.SetBytes(int64(len(d.Fields())))
		d.Release()
	}
}

func BenchmarkAppendString(b *testing.B) {
	for name, s := range map[string]string{
		"ascii":   strings.Repeat("some text ", 100),
		"unicode": strings.Repeat("Überraschung ", 80),
		"escapes": strings.Repeat("\"a\"\n", 200),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			var dst []byte
			for b.Loop() {
				dst = connector.AppendString(dst[:0], s)
			}
		})
		b.Run(name+"/bytes", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			var dst []byte
			text := []byte(s)
			for b.Loop() {
				dst = connector.AppendText(dst[:0], text)
			}
		})
		b.Run(name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				if _, err := json.Marshal(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSetValues(b *testing.B) {
	for name, v := range map[string]any{
		"map":  map[string]any{"a": 1, "b": []any{"x", "y"}, "c": map[string]any{"d": true}},
		"list": []string{"a", "b", "c", "d"},
		"raw":  json.RawMessage(`{"a":1,"b":["x","y"],"c":{"d":true}}`),
		"json": struct{ A, B string }{"a", "b"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d := connector.NewDocument("1")
				d.Set("k", v)
				d.Release()
			}
		})
	}
}

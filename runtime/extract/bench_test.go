package extract_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/extract"
)

// BenchmarkText reads a file of 500 bytes.
func BenchmarkText(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("ten bytes\n", 50)), 0o600); err != nil {
		b.Fatal(err)
	}
	a := &connector.Attachment{
		Name: "a.txt", Size: 500,
		Open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) },
	}
	e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		_, content, err := e.Extract(b.Context(), a, buf)
		if err != nil || len(content) != 500 {
			b.Fatal(err, len(content))
		}
		buf = content
	}
}

package directory_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/extract"
	"github.com/tributary-search/tributary/sources/directory/fixture"
)

const benchFiles = 20_000

// BenchmarkBareWalk is what reading a tree costs at least in the standard
// library: the measure of BenchmarkUnchanged.
func BenchmarkBareWalk(b *testing.B) {
	root := b.TempDir()
	fixture.Fill(b, root, benchFiles)
	start := cpu(b)
	for b.Loop() {
		n := 0
		err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				n++
				_, err = os.Lstat(filepath.Join(root, path))
			}
			return err
		})
		if err != nil || n != benchFiles {
			b.Fatal(err, n)
		}
	}
	perFile(b, cpu(b)-start)
}

// BenchmarkUnchanged emits files that nobody reads.
func BenchmarkUnchanged(b *testing.B) { benchmarkUnchanged(b, "") }

// BenchmarkReaders is the same with the readers of each file.
func BenchmarkReaders(b *testing.B) { benchmarkUnchanged(b, `"use_document_level_security":true`) }

func benchmarkUnchanged(b *testing.B, fields string) {
	root := b.TempDir()
	fixture.Fill(b, root, benchFiles)
	s := open(b, root, fields)
	b.ReportAllocs()
	start := cpu(b)
	for b.Loop() {
		n := 0
		err := s.GetDocs(b.Context(), connector.Filter{}, func(d connector.Document) error {
			n++
			d.Release()
			return d.Err
		})
		if err != nil || n != benchFiles {
			b.Fatal(err, n)
		}
	}
	perFile(b, cpu(b)-start)
}

// BenchmarkFirst emits files and extracts the text of all.
func BenchmarkFirst(b *testing.B) {
	root := b.TempDir()
	fixture.Fill(b, root, benchFiles)
	s := open(b, root, "")
	e := &extract.Extractor{MaxSize: extract.DefaultMaxSize}
	var text []byte
	b.ReportAllocs()
	start := cpu(b)
	for b.Loop() {
		err := s.GetDocs(b.Context(), connector.Filter{}, func(d connector.Document) error {
			defer d.Release()
			field, content, err := e.Extract(context.Background(), d.Attachment, text)
			if err == nil && field != extract.Body {
				b.Fatal(field)
			}
			text = content
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	perFile(b, cpu(b)-start)
}

func perFile(b *testing.B, used time.Duration) {
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N)/benchFiles, "cpu-ns/file")
}

package emit_test

import (
	"fmt"
	"testing"

	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/gen/model"
)

// BenchmarkFiles emits 30 sources.
func BenchmarkFiles(b *testing.B) {
	var sources []model.Source
	for i := range 30 {
		s := sample()
		s.Dir = fmt.Sprintf("sample%d", i)
		sources = append(sources, s)
	}
	for b.Loop() {
		if _, err := emit.Files(project(sources...)); err != nil {
			b.Fatal(err)
		}
	}
}

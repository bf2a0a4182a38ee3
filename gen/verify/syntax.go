// Package verify proves that emitted Go is Go, before anything is written.
package verify

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// Syntax parses every emitted Go file.
func Syntax(files map[string][]byte) error {
	fset := token.NewFileSet()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		if _, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution); err != nil {
			return fmt.Errorf("emitted code is no Go: %w", err)
		}
	}
	return nil
}

// Package job imports in the one direction, and starts goroutines in a listed file.
package job

import (
	"context"

	_ "github.com/tributary-search/tributary/runtime/connector"
)

type download struct{ done chan struct{} }

// init is a method, and no function that runs at import.
func (d download) init(_ context.Context) { go close(d.done) }

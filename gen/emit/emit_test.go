package emit_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/emit"
)

func TestPrint(t *testing.T) {
	files, err := emit.Files(project(sample()))
	require.NoError(t, err)
	for name, text := range files {
		fmt.Printf("=== %s\n%s\n", name, text)
	}
}

package connectortest_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestConformance is what the generator writes for every source. Run again by
// TestVariants it has a source with one fault.
func TestConformance(t *testing.T) {
	kind := notesKind()
	if v, ok := variants()[os.Getenv(variantEnv)]; ok {
		v.change(&kind)
	}
	connectortest.Run(t, kind, notebook{})
}

package connectortest_test

import (
	"bufio"
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

const variantEnv = "CONNECTORTEST_VARIANT"

// variant is a fault: how it is built in, and which subtests must fail.
type variant struct {
	change func(*connector.Kind)
	fails  []string
	says   string
}

func variants() map[string]variant {
	all := maps.Clone(readFaults)
	maps.Copy(all, kindFaults)
	maps.Copy(all, accessFaults)
	return all
}

// TestVariants runs TestConformance again, once for each fault, and reads
// which subtests fail.
func TestVariants(t *testing.T) {
	for name, v := range variants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := runVariant(t, name)
			require.ElementsMatch(t, v.fails, failedSubtests(output), "%s", output)
			require.Contains(t, string(output), v.says)
		})
	}
}

func runVariant(t *testing.T, name string) []byte {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestConformance$", "-test.v")
	cmd.Env = append(os.Environ(), variantEnv+"="+name)
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return output
}

// failedSubtests are the innermost subtests that failed.
func failedSubtests(output []byte) []string {
	var failed []string
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		rest, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "--- FAIL: TestConformance/")
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(rest, " ")
		failed = append(failed, name)
	}
	return innermost(failed)
}

func innermost(names []string) []string {
	var inner []string
	for _, name := range names {
		parent := false
		for _, other := range names {
			parent = parent || strings.HasPrefix(other, name+"/")
		}
		if !parent {
			inner = append(inner, name)
		}
	}
	return inner
}

package telemetry_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/telemetry"
)

func TestLogger(t *testing.T) {
	for _, c := range []struct{ format, level, want string }{
		{"text", "debug", "level=DEBUG msg=fine"},
		{"text", "info", "level=INFO msg=told"},
		{"json", "warn", `"level":"WARN","msg":"careful"`},
		{"text", "nonsense", "level=INFO msg=told"},
	} {
		var out bytes.Buffer
		log := telemetry.Logger(&out, c.format, c.level)
		log.Debug("fine")
		log.Info("told")
		log.Warn("careful")
		first, _, _ := bytes.Cut(out.Bytes(), []byte("\n"))
		require.Contains(t, string(first), c.want)
	}
}

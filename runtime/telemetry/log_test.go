package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

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

// TestECS holds the field names that Elastic's tools look for.
func TestECS(t *testing.T) {
	var out bytes.Buffer
	telemetry.Logger(&out, "ecs", "info").With("connector", "c1").Error("sync failed", "error", errors.New("down"), "job", "j1")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	_, err := time.Parse(time.RFC3339Nano, line["@timestamp"].(string))
	require.NoError(t, err)
	delete(line, "@timestamp")
	require.Equal(t, map[string]any{
		"log.level": "error", "message": "sync failed", "ecs.version": "8.11.0", "service.name": "tributary",
		"error.message": "down", "tributary.connector": "c1", "tributary.job": "j1",
	}, line)
}

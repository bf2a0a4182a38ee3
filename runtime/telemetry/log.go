// Package telemetry is what Tributary tells about itself while it runs: logs,
// metrics for Prometheus, and whether it is healthy.
package telemetry

import (
	"io"
	"log/slog"
	"strings"
)

// Logger returns a logger that writes lines of the given format from a level
// on: "debug", "info", "warn" or "error". The formats are "text" (key=value),
// "json" (the keys of slog) and "ecs" (JSON with the field names of the Elastic
// Common Schema 8.11, which Filebeat and Elastic Agent take as they are).
func Logger(w io.Writer, format, level string) *slog.Logger {
	options := &slog.HandlerOptions{Level: parseLevel(level)}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, options))
	case "ecs":
		options.ReplaceAttr = ecsName
		return slog.New(slog.NewJSONHandler(w, options)).With("ecs.version", "8.11.0", "service.name", "tributary")
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func parseLevel(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(name))); err != nil {
		return slog.LevelInfo
	}
	return level
}

// ecsName gives the attributes of every line their names in the Elastic
// Common Schema; what the schema does not know goes below "tributary".
func ecsName(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		a.Key = "@timestamp"
	case slog.LevelKey:
		return slog.String("log.level", strings.ToLower(a.Value.String()))
	case slog.MessageKey:
		a.Key = "message"
	case "error":
		return slog.String("error.message", a.Value.String())
	case "stack":
		a.Key = "error.stack_trace"
	case "ecs.version", "service.name":
	default:
		a.Key = "tributary." + a.Key
	}
	return a
}

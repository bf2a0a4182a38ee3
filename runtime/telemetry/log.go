// Package telemetry sets up what Tributary tells about itself while it runs.
package telemetry

import (
	"io"
	"log/slog"
	"strings"
)

// Logger returns a logger that writes lines of the given format, "text" or
// "json", from a level on: "debug", "info", "warn" or "error".
func Logger(w io.Writer, format, level string) *slog.Logger {
	options := &slog.HandlerOptions{Level: parseLevel(level)}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
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

package connector

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

// Logger returns a logger whose lines hold no secret.
func (r Redactor) Logger(log *slog.Logger) *slog.Logger {
	if r.replacer == nil {
		return log
	}
	return slog.New(redacting{log.Handler(), r})
}

// redacting is a handler that takes secrets out of what it passes on.
type redacting struct {
	slog.Handler
	redactor Redactor
}

// Handle passes a line on without secrets.
func (h redacting) Handle(ctx context.Context, line slog.Record) error {
	clean := slog.NewRecord(line.Time, line.Level, h.redactor.Text(line.Message), line.PC)
	line.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.redactor.attr(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// WithAttrs passes the attributes on without secrets.
func (h redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.redactor.attr(a)
	}
	return redacting{h.Handler.WithAttrs(clean), h.redactor}
}

// WithGroup keeps the redactor.
func (h redacting) WithGroup(name string) slog.Handler {
	return redacting{h.Handler.WithGroup(name), h.redactor}
}

func (r Redactor) attr(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, r.Text(value.String()))
	case slog.KindGroup:
		members := make([]slog.Attr, 0, len(value.Group()))
		for _, member := range value.Group() {
			members = append(members, r.attr(member))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(members...)}
	case slog.KindAny:
		for _, text := range texts(value.Any()) {
			if clean := r.Text(text); clean != text {
				return slog.String(a.Key, clean)
			}
		}
	}
	return slog.Attr{Key: a.Key, Value: value}
}

// texts are what handlers may make of a value.
func texts(v any) []string {
	list := []string{fmt.Sprintf("%+v", v)}
	if b, err := json.Marshal(v); err == nil {
		list = append(list, string(b))
	}
	switch b := v.(type) {
	case []byte:
		list = append(list, string(b))
	case json.RawMessage:
		list = append(list, string(b))
	}
	return list
}

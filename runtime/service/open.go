package service

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/settings"
)

// Open opens a source with what the runtime lends it. The function that it
// returns closes the source and its connections. It makes no request. Neither
// what the source logs nor the error holds a secret of the configuration. The
// id is that of the connector, empty where there is none.
func Open(ctx context.Context, s settings.Service, kind connector.Kind, id string, raw json.RawMessage, log *slog.Logger) (connector.Source, func() error, error) {
	client, redact := httpClient(s.AllowLinkLocal), kind.Redactor(raw)
	log = redact.Logger(log)
	source, err := kind.Open(ctx, raw, connector.Deps{HTTP: client, Log: log, Now: time.Now, Connector: id})
	if err != nil {
		return nil, nil, redact.Error(err)
	}
	return source, func() error {
		defer client.CloseIdleConnections()
		if c, ok := source.(io.Closer); ok {
			return c.Close()
		}
		return nil
	}, nil
}

// Check makes the checks of a source that need the live system.
func Check(ctx context.Context, source connector.Source) error {
	if v, ok := source.(connector.ConfigValidator); ok {
		if err := v.ValidateConfig(ctx); err != nil {
			return err
		}
	}
	return source.Ping(ctx)
}

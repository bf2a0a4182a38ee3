package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// access makes the index of identities equal to those of the source.
func (w *work) access(ctx context.Context, source connector.Source) error {
	controller, able := source.(connector.AccessController)
	switch {
	case !w.conn.Features.DocumentLevelSecurity:
		return errors.New("document level security is switched off for this connector; switch it on to sync who may read what")
	case !able:
		return fmt.Errorf("source %s does not know who may read its documents", w.kind.ServiceType)
	}
	client, err := w.client()
	if err != nil {
		return err
	}
	if err := licensed(ctx, client); err != nil {
		return err
	}
	p, err := Content{
		Settings: w.Settings, Client: client, Index: w.accessIndex(), Source: job.Identities(controller), Owner: job.Owner(w.conn.ID),
		NoContent: true, Options: job.Options{Adopt: true, AllowDeletes: true}, Redact: w.redact, Log: w.log, Now: w.Now,
	}.parts(ctx)
	if err != nil {
		return err
	}
	err = w.drive(ctx, p, func(p parts) (job.Runner, func(context.Context) error, func() error) {
		s, done := p.sync()
		return s, s.Run, done
	})
	if err != nil {
		return err
	}
	if err := p.index.Refresh(ctx); err != nil {
		return err
	}
	return w.countAll(ctx, p)
}

// accessIndex is the index of identities: the job's, which has the prefix, or
// that of the connector's index where a job was made without it.
func (w *work) accessIndex() string {
	if strings.HasPrefix(w.job.IndexName, protocol.AccessPrefix) {
		return w.job.IndexName
	}
	return protocol.AccessPrefix + w.job.IndexName
}

// licensed refuses a cluster that would show every document to everybody.
func licensed(ctx context.Context, client *elastic.Client) error {
	license, err := client.License(ctx)
	if err != nil {
		return err
	}
	if !elastic.AllowsDocumentSecurity(license) {
		return fmt.Errorf("document level security needs a platinum, enterprise or trial license, and the cluster's is %s; "+
			"get one, or switch document level security off for this connector", license)
	}
	return nil
}

// restricts reports whether each document must say who may read it: the
// connector has the feature, and [Restricts] says so.
func (w *work) restricts() bool {
	return w.conn.Features.DocumentLevelSecurity && Restricts(w.kind, w.job.Configuration)
}

// Restricts reports whether a source of a kind, opened with a configuration,
// says of each document who may read it. The configuration is plain or as
// Kibana stores it. A kind without a switch of its own always does.
func Restricts(kind connector.Kind, configuration json.RawMessage) bool {
	if !kind.Can(connector.AbilityAccessControl) {
		return false
	}
	const own = "use_document_level_security"
	_, has := field(kind.Configuration, own)
	return !has || switchedOn(configuration, own)
}

// switchedOn reports whether a field of a stored configuration is true.
func switchedOn(configuration json.RawMessage, name string) bool {
	value, _ := field(configuration, name)
	text := strings.Trim(string(value), `"`)
	return text == "true" || text == "1"
}

// field returns the value of a field of a stored configuration.
func field(configuration json.RawMessage, name string) (json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(configuration, &fields) != nil {
		return nil, false
	}
	raw, has := fields[name]
	var rich struct{ Value json.RawMessage }
	if json.Unmarshal(raw, &rich) == nil {
		return rich.Value, has
	}
	return raw, has
}

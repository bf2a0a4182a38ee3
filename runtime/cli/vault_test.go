package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// vault is a source that lists lines of a page behind a secret.
type vault struct {
	url   string
	token connector.Secret
	deps  connector.Deps
}

func vaultKind() connector.Kind {
	fields := schema.NewFields([]schema.Field{
		{Name: "url", Label: "URL", Type: schema.String, Required: true},
		{Name: "token", Label: "Token", Type: schema.String, Required: true, Secret: true},
	})
	return connector.Kind{
		ServiceType: "vault", Name: "Vault", About: "Lines of a page.",
		ConfigSchema: json.RawMessage(`{}`), Configuration: fields.Document(),
		CheckConfig: fields.Check, Prepare: fields.Prepare, SetValues: fields.SetValues,
		Identity: func(raw json.RawMessage) ([]string, connector.Problems) {
			return fields.Identity(raw, "url")
		},
		Open: func(_ context.Context, raw json.RawMessage, deps connector.Deps) (connector.Source, error) {
			values, problems := fields.Decode(raw)
			return &vault{values.String("url"), values.Secret("token"), deps}, problems.Err()
		},
	}
}

func (v *vault) get(ctx context.Context) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+v.token.Reveal())
	answer, err := v.deps.HTTP.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d to token %v: %w", v.url, answer.StatusCode, v.token, answer.Body.Close())
	}
	return answer, nil
}

// Ping asks for the page.
func (v *vault) Ping(ctx context.Context) error {
	answer, err := v.get(ctx)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// GetDocs emits the lines.
func (v *vault) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	answer, err := v.get(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		d := connector.NewDocument(lines.Text())
		d.Set("text", lines.Text())
		if err := emit(d); err != nil {
			return err
		}
	}
	return lines.Err()
}

package connector_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

const hush = "hush-4711"

// holder keeps a secret where fmt can call no method of it.
type holder struct {
	public  connector.Secret
	Public  connector.Secret
	pointer *connector.Secret
	list    []connector.Secret
	byName  map[string]connector.Secret
	any     any
}

func held() holder {
	s := connector.NewSecret(hush)
	return holder{s, s, &s, []connector.Secret{s}, map[string]connector.Secret{"a": s}, s}
}

func TestSecretPrintsNowhere(t *testing.T) {
	s := connector.NewSecret(hush)
	values := map[string]any{
		"value": s, "pointer": &s, "list": []connector.Secret{s}, "map": map[string]any{"a": s},
		"struct": held(), "pointer to struct": new(held()), "error": fmt.Errorf("log in with %v", s),
	}
	for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
		for _, flags := range []string{"", "+", "#", "-20", "020.3"} {
			for name, v := range values {
				text := fmt.Sprintf("%"+flags+string(verb), v)
				require.NotContains(t, text, hush, "%s with %%%s%c", name, flags, verb)
				require.NotContains(t, text, fmt.Sprintf("%x", hush), "%s with %%%s%c", name, flags, verb)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.Equal(t, "[redacted]", fmt.Sprintf(verb, s))
	}
	require.Equal(t, "[redacted]", fmt.Sprint(s))
}

func TestSecretInJSON(t *testing.T) {
	s := connector.NewSecret(hush)
	for _, v := range []any{s, &s, held(), map[string]any{"a": s}, map[connector.Secret]int{s: 1}} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.NotContains(t, string(text), hush)
		require.Contains(t, string(text), "[redacted]")
	}
}

func TestSecretInLogs(t *testing.T) {
	s := connector.NewSecret(hush)
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).With("w", s).Info("m", "a", s, "b", &s, "c", held(), slog.Group("g", "d", s))
		require.NotContains(t, b.String(), hush, name)
		require.Contains(t, b.String(), "[redacted]", name)
	}
}

func TestSecretReveals(t *testing.T) {
	s := connector.NewSecret(hush)
	require.Equal(t, hush, s.Reveal())
	require.False(t, s.Empty())
	require.True(t, s.Equal(connector.NewSecret(hush)))
	require.False(t, s.Equal(connector.Secret{}))
	for _, none := range []connector.Secret{{}, connector.NewSecret("")} {
		require.True(t, none.Empty())
		require.Empty(t, none.Reveal())
		require.Equal(t, connector.Secret{}, none)
	}
}

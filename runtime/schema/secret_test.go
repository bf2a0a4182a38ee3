package schema_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/schema"
)

// A secret that is wrong in whatever way is in no problem and no identity of
// another field.
func TestSecretsStaySecret(t *testing.T) {
	const secret = "hunter2"
	checks := []schema.Check{
		{MaxLength: new(3)}, {MinLength: new(30)}, {Pattern: "^x$"}, {Format: "hostname", MaxLength: new(1)}, {Format: "uri"},
	}
	for _, c := range checks {
		fields := schema.NewFields([]schema.Field{
			{Name: "password", Label: "Password", Type: schema.String, Secret: true, Required: true, Check: c, Enum: []any{"hunter"}, RenamedFrom: []string{"pass"}},
			{Name: "mode", Label: "Mode", Type: schema.String, DependsOn: []schema.Condition{{Field: "password", Value: "x"}}},
		})
		for _, form := range []string{
			`{"password":%[1]q}`, `{"password":{"value":%[1]q}}`, `{"password":[%[1]q]}`, `{"password":{"x":%[1]q}}`, `{"passwort":%[1]q}`,
			`{"pass":%[1]q,"password":%[1]q}`, `{"password":%[1]q,"password":%[1]q}`, `{"password":"%[1]s}`, `{"password":{"value":[%[1]q]}}`, `[%[1]q]`, `%[1]q`,
		} {
			raw := json.RawMessage(fmt.Sprintf(form, secret))
			for _, decode := range []func(json.RawMessage) (*schema.Values, error){
				func(raw json.RawMessage) (*schema.Values, error) { v, p := fields.Decode(raw); return v, p },
				func(raw json.RawMessage) (*schema.Values, error) { v, p := fields.DecodeStrict(raw); return v, p },
			} {
				values, problems := decode(raw)
				require.NotEmpty(t, problems, form)
				require.NotContains(t, problems.Error(), secret, form)
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", values.Secret("password"), values.Secret("password"), values.Secret("password")), secret)
			}
		}
	}
}

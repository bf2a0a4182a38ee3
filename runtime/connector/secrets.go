package connector

import "encoding/json"

// Redactor returns a redactor of the secrets in a configuration of this kind,
// given as plain values or as Kibana stores it: the values of secret fields and
// of those that are not known, and the passwords in addresses.
func (k Kind) Redactor(raw json.RawMessage) Redactor {
	type field struct {
		Value     json.RawMessage `json:"value"`
		Sensitive *bool           `json:"sensitive"`
	}
	var known map[string]field
	var given map[string]json.RawMessage
	_ = json.Unmarshal(k.Configuration, &known) // generated, and tested
	if json.Unmarshal(raw, &given) != nil {
		return Redactor{}
	}
	var secrets []string
	for name, value := range given {
		declared, there := known[name]
		var stored field
		if isObject(value) && json.Unmarshal(value, &stored) == nil {
			value = stored.Value
		}
		hidden := !there && stored.Sensitive == nil
		for _, f := range []field{declared, stored} {
			hidden = hidden || f.Sensitive != nil && *f.Sensitive
		}
		secrets = appendSecrets(secrets, value, hidden)
	}
	return NewRedactor(secrets...)
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// appendSecrets appends the texts in a value, or the passwords in them alone.
func appendSecrets(secrets []string, raw json.RawMessage, hidden bool) []string {
	var text string
	var list []json.RawMessage
	switch {
	case json.Unmarshal(raw, &text) == nil && hidden:
		return append(secrets, text)
	case json.Unmarshal(raw, &text) == nil:
		return append(secrets, Passwords(text)...)
	case json.Unmarshal(raw, &list) == nil:
		for _, item := range list {
			secrets = appendSecrets(secrets, item, hidden)
		}
	}
	return secrets
}

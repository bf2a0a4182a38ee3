package emit

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/invopop/jsonschema"

	"github.com/tributary-search/tributary/runtime/settings"
)

// SettingsPath is the schema by which editors complete config.yml.
const SettingsPath = "schemas/config.schema.json"

// SettingsSchema returns the JSON Schema of config.yml, from the structs that
// the settings are read into.
func SettingsSchema() ([]byte, error) {
	r := jsonschema.Reflector{ExpandedStruct: true, Anonymous: true, RequiredFromJSONSchemaTags: true}
	s := r.Reflect(&settings.Settings{})
	s.Title = "Settings of Tributary"
	s.Version = "http://json-schema.org/draft-07/schema#" // the draft that every editor reads
	// A secret is a struct without members to reflection, and text in the file.
	s.Definitions["Secret"] = &jsonschema.Schema{Type: "string"}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("%s: %w", SettingsPath, err)
	}
	return b.Bytes(), nil
}
